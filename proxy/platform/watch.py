"""What the gateway does about what becomes of its streams: every half second, and every minute for the ledger."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from proxy.gateway.admission import Admission
from proxy.gateway.gate import Gate, Stream
from proxy.platform.audits import Audits
from proxy.platform.coverage import Coverage
from proxy.platform.settings import Audited, GatewaySettings, WhenBlind
from proxy.platform.streams import Streams
from proxy.telemetry.events import Event, FaceFound, ProofJudged, ProofLost

LOOK_EVERY_S: Final = 0.5
NOTE_EVERY_S: Final = 60.0
AGAIN_S: Final = 5.0
DAY_MS: Final = 24 * 3600 * 1000


@dataclass(slots=True)
class Seen:
    """What asks for something to be done, in order, and what wakes whoever does it; and how groups of pictures were judged."""

    what: list[ProofLost | FaceFound] = field(default_factory=list)
    broken: list[tuple[str, str]] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    _judged: dict[str, Counter[str]] = field(default_factory=dict)
    _wrong: dict[str, Counter[str]] = field(default_factory=dict)

    def observe(self, event: Event) -> None:
        """Remember ``event`` if something is to be done about it, or it is a verdict."""
        if isinstance(event, ProofJudged):
            self._judged.setdefault(event.camera, Counter()).update(judged=1, proven=event.proven)
            self._wrong.setdefault(event.camera, Counter()).update({told.partition(":")[0] for told in event.findings})
        if isinstance(event, ProofLost | FaceFound):
            self.what.append(event)
            self.changed.set()

    def verified(self) -> dict[str, dict[str, object]]:
        """Of each stream, how many groups of pictures were judged and proven since the last call, and what was wrong with them."""
        judged, wrong, self._judged, self._wrong = self._judged, self._wrong, {}, {}
        return {camera: {**counts, "findings": dict(wrong[camera])} for camera, counts in judged.items()}

    def gave_up(self, camera: str, why: str) -> None:
        """The stream of ``camera`` ended for good, and why."""
        self.broken.append((camera, why))
        self.changed.set()


@dataclass(slots=True)
class Watch:
    """Watches over streams and auditors.

    Args:
        settings: the gateway's.
        gate: decides and does.
        streams, audits: the processes.
        seen: what they told.
        clock: monotonic, seconds.
    """

    settings: GatewaySettings
    gate: Gate
    streams: Streams
    audits: Audits
    seen: Seen
    clock: Callable[[], float] = time.monotonic
    _coverage: Coverage = field(default_factory=Coverage)
    _broken: dict[str, float] = field(default_factory=dict)
    _blind: set[str] = field(default_factory=set)

    async def run(self, stop: asyncio.Event) -> None:
        """Watch until ``stop`` is set, and write down what there is then."""
        noted = self.clock()
        while not stop.is_set():
            self.look()
            if self.clock() - noted > NOTE_EVERY_S:
                noted = self.clock()
                self.note()
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self.seen.changed.wait()
        self.note()

    def look(self) -> None:
        """Do what is to be done now."""
        self._heed()
        for camera in [camera for camera, since in self._broken.items() if self.clock() - since > AGAIN_S]:
            del self._broken[camera]
            self.gate.again(camera)
        for camera in self.streams.silent(for_s=self.settings.lost_after_s):
            self.gate.lost(camera)
        self.gate.expire()
        self.gate.pull()
        self.streams.settle()
        self._audit()

    def note(self) -> None:
        """Write down what belongs into the ledger every minute."""
        for camera, counts in self._coverage.since_last(self.streams.counted()):
            self.gate.note("coverage", subject=camera, detail=counts)
        for camera, counts in self.seen.verified().items():
            self.gate.note("verified", subject=camera, detail=counts)
        for camera, counts in self.audits.counted().items():
            self.gate.note("audited", subject=camera, detail=counts)
        self.gate.note_refusals()
        before_ms = self.gate.now_ms() - self.settings.retention_days * DAY_MS
        # whole days at once: what still counts is written anew each time
        self.gate.let_go(before_ms=before_ms - before_ms % DAY_MS)

    def _heed(self) -> None:
        """Act on what was told: a face that was found first of all."""
        told, self.seen.what = self.seen.what, []
        self.seen.changed.clear()
        for event in sorted(told, key=lambda event: isinstance(event, ProofLost)):
            if isinstance(event, FaceFound):
                self.gate.found(event.camera, sightings=event.sightings, seconds=event.seconds)
            else:
                self.gate.fall_back(event.camera, why=event.why)
        while self.seen.broken:
            camera, why = self.seen.broken.pop()
            self.streams.pause(camera)
            if not self.gate.fall_back(camera, why=why):
                self.gate.failed(camera, why=why)
                self._broken[camera] = self.clock()

    def _audit(self) -> None:
        audited = {stream.camera for stream in self.gate.shown() if self._is_audited(stream)}
        self.audits.follow(audited)
        for camera in audited:
            if not self.streams.board.cameras[camera].frames_sent:
                self.audits.nothing_to_see(camera)
        blind = self.audits.blind(for_s=self.settings.audit.blind_s)
        for camera in blind - self._blind:
            self.gate.note("audit-lost", subject=camera, detail={"seconds": self.settings.audit.blind_s})
            if self.settings.audit.when_blind is WhenBlind.ANONYMISE:
                self.gate.fall_back(camera, why="nobody could audit it")
        for camera in (self._blind & self.audits.cameras) - blind:
            self.gate.note("audit-again", subject=camera, detail={})
        self._blind = blind

    def _is_audited(self, stream: Stream) -> bool:
        if stream.camera not in self.streams.board.cameras:
            return False
        match self.settings.audit.of:
            case Audited.NONE:
                return False
            case Audited.PROVEN:
                return stream.admission is Admission.VERIFY
            case Audited.ALL:
                return True
