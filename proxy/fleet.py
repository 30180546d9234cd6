"""The cameras that run: started, stopped and begun anew one by one, so that what happens to one disturbs no other.

1. What a camera shows over HTTP (folders, doors, keys) comes and goes with it.
2. What operators cover is true of a camera from its first picture, whenever it starts.
3. A camera that no retry can mend is tried again after ``AGAIN_S`` where the service goes on without it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Final, Protocol

from proxy.control.covers import Covers
from proxy.control.doors import Door
from proxy.control.rows import Facts
from proxy.errors import ConfigError
from proxy.masking.zones import ZoneKind
from proxy.pipeline.supervisor import ProcessGaveUp
from proxy.settings.camera import AttestationSettings, CameraSettings
from proxy.telemetry.claims import ClaimBook
from proxy.telemetry.status import StatusBoard

AGAIN_S: Final = 20.0
IDLE_S: Final = 20.0
"""What is tried out and nobody asks about for so long ends."""
TRIALS: Final = 2
SETTLES_S: Final = 0.25
"""How long a camera may take to cover its pictures, so that the panic button takes less than half a second."""


class Runner(Protocol):
    """Whoever runs one camera."""

    async def run(self, stop: asyncio.Event) -> None:
        """Run it until ``stop`` is set or its input ends.

        Raises:
            ProcessGaveUp: no retry can help.
        """
        ...

    def cover(self, *, covered: bool) -> None:
        """Let every picture be covered whole from now on, or no longer."""
        ...

    async def settled(self, *, within_s: float) -> None:
        """Return when that is so; what shows pictures and does not cover them ``within_s`` is ended and begun anew, covered."""
        ...


@dataclass(frozen=True, slots=True)
class Shown:
    """A camera as it is run, and what the HTTP shows of it."""

    camera: CameraSettings
    live: Path | None
    doors: Mapping[tuple[str, str], Door]
    key: Mapping[str, str] | None
    facts: Facts = Facts()


@dataclass(slots=True)
class Exhibits:
    """What the HTTP shows of all cameras, ``trials`` of those tried out. The server reads it, the fleet alone writes it."""

    board: StatusBoard
    trials: StatusBoard
    claims: ClaimBook
    live: MutableMapping[str, Path] = field(default_factory=dict)
    doors: MutableMapping[tuple[str, str], Door] = field(default_factory=dict)
    keys: MutableMapping[str, Mapping[str, str]] = field(default_factory=dict)
    facts: MutableMapping[str, Facts] = field(default_factory=dict)

    def add(self, name: str, shown: Shown, *, trial: bool = False) -> None:
        """Show what there is of the camera ``name``."""
        if trial:
            self.trials.add(name)
        else:
            self.board.add(name)
            self.claims.add(name)
        self.facts[name] = shown.facts
        if shown.live is not None:
            self.live[name] = shown.live
        self.doors.update({(kind, name): door for (kind, _), door in shown.doors.items()})
        if shown.key is not None:
            self.keys[name] = shown.key

    def remove(self, name: str) -> None:
        """Show nothing of it any more."""
        self.board.remove(name)
        self.trials.remove(name)
        self.claims.remove(name)
        self.live.pop(name, None)
        self.keys.pop(name, None)
        self.facts.pop(name, None)
        for place in [place for place in self.doors if place[1] == name]:
            del self.doors[place]


@dataclass(slots=True)
class _Running:
    camera: CameraSettings
    runner: Runner
    trial: bool = False
    asked_at: float = field(default_factory=time.monotonic)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class Fleet:
    """Every camera of one service.

    Args:
        prepare: makes a camera ready to be shown; called with its settings and a folder of its own.
        runner: makes whoever runs it; told whether it is a trial.
        exhibits: what is shown of it.
        covers: what operators have covered.
        runtime: below which each camera gets its folder.
        enduring: whether the service goes on without any camera, and tries those again that no retry can mend.
    """

    prepare: Callable[[CameraSettings, Path], Shown]
    runner: Callable[[CameraSettings, bool], Runner]
    exhibits: Exhibits
    covers: Covers
    runtime: Path
    enduring: bool = False
    again_s: float = AGAIN_S
    idle_s: float = IDLE_S
    _group: asyncio.TaskGroup = field(default_factory=asyncio.TaskGroup)
    _running: dict[str, _Running] = field(default_factory=dict)
    _finished: asyncio.Event = field(default_factory=asyncio.Event)
    _code: int = 0
    _serial: int = 0

    async def run(
        self, cameras: tuple[CameraSettings, ...], stop: asyncio.Event, *, beside: Iterable[Coroutine[None, None, None]] = ()
    ) -> int:
        """Run ``cameras``, and what is added later, until ``stop`` is set or none is left; ``beside`` goes on for as long.

        Returns:
            0, or the exit code of the first camera that was given up when none is left.
        """
        async with self._group:
            for camera in cameras:
                self.start(camera)
            others = [self._group.create_task(other) for other in beside]
            waiting = [self._group.create_task(event.wait()) for event in (stop, self._finished)]
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in (*waiting, *others):
                task.cancel()
            for running in self._running.values():
                running.stop.set()
        return 0 if stop.is_set() else self._code

    def start(self, camera: CameraSettings, *, trial: bool = False) -> None:
        """Begin with ``camera``.

        Raises:
            ConfigError: its device key cannot be used.
        """
        name = camera.name
        self._serial += 1
        shown = self.prepare(camera, self.runtime / str(self._serial))
        runner = self.runner(shown.camera, trial)
        runner.cover(covered=self.covered(name))
        self.exhibits.add(name, shown, trial=trial)
        running = self._running[name] = _Running(camera, runner, trial)
        self._group.create_task(self._keep(running))

    async def apply(self, cameras: tuple[CameraSettings, ...]) -> None:
        """Run ``cameras`` and no others; those that run with these very settings do not notice."""
        wanted = {camera.name: camera for camera in cameras}
        running = {name: each.camera for name, each in self._running.items() if not each.trial}
        for name, camera in running.items():
            if wanted.get(name) != camera:
                await self.stop(name)
        for name, camera in wanted.items():
            if running.get(name) != camera:
                self.start(camera)

    def try_out(self, camera: CameraSettings) -> str:
        """Run ``camera`` for a while, without its sinks and signed by nobody, and show nobody in it; returns under which name.

        Whoever may be seen in a zone or by a badge is seen once that is saved and on record, and not by trying.

        Raises:
            ConfigError: too many are being tried out.
        """
        tried = [each for each in self._running.values() if each.trial]
        if len(tried) >= TRIALS:
            raise ConfigError("too many cameras are being tried out", hint=f"wait for {self.idle_s:.0f} s, or close another page")
        name = next(name for number in count(1) if (name := f"trial-{number}") not in self._running)
        zones = tuple(zone for zone in camera.privacy.zones if zone.kind is ZoneKind.COVERED)
        privacy = camera.privacy.model_copy(update={"zones": zones, "badges": ()})
        changed = {"name": name, "sinks": (), "attestation": AttestationSettings(), "privacy": privacy}
        self.start(camera.model_copy(update=changed), trial=True)
        self._group.create_task(self._expire(name, self._running[name]))
        return name

    def is_trial(self, name: str) -> bool:
        """Whether ``name`` is being tried out."""
        return name in self._running and self._running[name].trial

    def touch(self, name: str) -> None:
        """Somebody still looks at the trial ``name``."""
        if self.is_trial(name):
            self._running[name].asked_at = time.monotonic()

    async def _expire(self, name: str, running: _Running) -> None:
        while not running.over.is_set():
            left = running.asked_at + self.idle_s - time.monotonic()
            if left <= 0:
                await self.stop(name)
                return
            await _set_within(running.over, left)

    async def stop(self, name: str) -> None:
        """Let the camera ``name`` end in order, and show nothing of it any more; harmless where there is none."""
        running = self._running.pop(name, None)
        if running is None:
            return
        running.stop.set()
        await running.over.wait()
        if name not in self._running:
            self.exhibits.remove(name)

    @property
    def everything(self) -> bool:
        """Whether every camera is covered, those to come too."""
        return self.covers.everything

    def covered(self, camera: str) -> bool:
        """Whether ``camera`` is covered by an operator."""
        return self.covers.covered(camera)

    def cover(self, camera: str | None, *, covered: bool) -> bool:
        """Cover ``camera``, ``None`` for all of them, or no longer; returns whether a restart remembers it."""
        kept = self.covers.cover(camera, covered=covered, known=self._running)
        for name, running in self._running.items():
            running.runner.cover(covered=self.covered(name))
        return kept

    async def settled(self) -> None:
        """Return when what is covered is covered."""
        await asyncio.gather(*(running.runner.settled(within_s=SETTLES_S) for running in self._running.values()))

    async def _keep(self, running: _Running) -> None:
        try:
            while not running.stop.is_set():
                try:
                    await running.runner.run(running.stop)
                except ProcessGaveUp as error:
                    self._code = self._code or error.code
                    if self.enduring and not running.trial:
                        await _set_within(running.stop, self.again_s)
                        continue
                break
        finally:
            running.over.set()
            over = [each.over.is_set() for each in self._running.values() if not each.trial]
            if over and all(over):
                self._finished.set()


async def _set_within(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
