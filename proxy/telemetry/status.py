"""How every camera is right now, as far as its events tell: what status pages and health checks show."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from proxy.telemetry.events import (
    Aim,
    Connection,
    EncoderOpened,
    Event,
    PassFailed,
    ProcessChanged,
    SinkChanged,
    SourceChanged,
    Tally,
)

LATELY_S: Final = 60.0
"""What happened within so many seconds is said to have happened lately."""
_KEPT: Final = 256


@dataclass(slots=True)
class LinkStatus:
    """A source, a sink or a process: its state, in words why, and the exit code that stands for the error."""

    name: str
    state: Connection = Connection.CONNECTING
    detail: str = ""
    hint: str = ""
    code: int = 0

    def after(self, event: SourceChanged | SinkChanged | ProcessChanged) -> LinkStatus:
        """The status after ``event``; while it is tried again, the error of the last try is remembered."""
        if event.state is Connection.CONNECTING and self.state in (Connection.WAITING, Connection.CONNECTING) and not event.code:
            return LinkStatus(self.name, event.state, self.detail, self.hint, self.code)
        return LinkStatus(self.name, event.state, event.detail, event.hint, event.code)


@dataclass(slots=True)
class CameraStatus:
    """One camera. Counts are since the start; rates are of the last tally; ``lately`` is the last minute.

    Attributes:
        cpu: processors that its process keeps busy, 1.0 for one.
    """

    name: str
    process: Connection = Connection.CONNECTING
    why: LinkStatus = field(default_factory=lambda: LinkStatus("process"))
    source: LinkStatus = field(default_factory=lambda: LinkStatus("source"))
    sinks: dict[str, LinkStatus] = field(default_factory=dict)
    encoder: str = ""
    width: int = 0
    height: int = 0
    people: int = 0
    frame_rate: float = 0.0
    cpu: float = 0.0
    latency_p50_ms: float = 0.0
    latency_p99_ms: float = 0.0
    frames_sent: int = 0
    frames_dropped: int = 0
    covered: dict[str, int] = field(default_factory=dict)
    covered_lately: dict[str, int] = field(default_factory=dict)
    sent_lately: int = 0
    dropped_lately: int = 0
    last_problem: str = ""
    aim: Aim = field(default_factory=Aim)


class StatusBoard:
    """The latest status of each camera, kept up by :meth:`observe`."""

    def __init__(self, cameras: tuple[str, ...], *, clock: Callable[[], float] = time.monotonic) -> None:
        self.cameras = {name: CameraStatus(name) for name in cameras}
        self._clock = clock
        self._tallies: dict[str, deque[tuple[float, Tally]]] = {}

    def observe(self, event: Event) -> None:
        """Take note of ``event``; one of an unknown camera is ignored."""
        camera = self.cameras.get(event.camera)
        if camera is None:
            return
        match event:
            case ProcessChanged():
                camera.process, camera.why = event.state, camera.why.after(event)
                if event.state is not Connection.RUNNING:
                    camera.people, camera.frame_rate, camera.cpu = 0, 0.0, 0.0
            case SourceChanged():
                camera.source = camera.source.after(event)
            case SinkChanged():
                camera.sinks[event.sink] = camera.sinks.get(event.sink, LinkStatus(event.sink)).after(event)
            case EncoderOpened():
                camera.encoder, camera.width, camera.height = event.name, event.width, event.height
            case PassFailed():
                camera.last_problem = f"{event.detector}: {event.error}"
            case Tally():
                _add(camera, event)
                self._lately(camera, event)
            case _:
                pass

    def add(self, camera: str) -> None:
        """``camera`` begins, or begins anew."""
        self.cameras[camera] = CameraStatus(camera)
        self._tallies.pop(camera, None)

    def remove(self, camera: str) -> None:
        """``camera`` is no more."""
        self.cameras.pop(camera, None)
        self._tallies.pop(camera, None)

    def ready(self) -> bool:
        """Whether every camera's picture flows."""
        return all(camera.source.state is Connection.RUNNING for camera in self.cameras.values())

    def _lately(self, camera: CameraStatus, tally: Tally) -> None:
        now, kept = self._clock(), self._tallies.setdefault(camera.name, deque(maxlen=_KEPT))
        kept.append((now, tally))
        while now - kept[0][0] > LATELY_S:
            kept.popleft()
        camera.sent_lately = sum(each.sent for _, each in kept)
        camera.dropped_lately = sum(each.dropped for _, each in kept)
        covered: Counter[str] = Counter()
        for _, each in kept:
            covered.update(each.covered)
        camera.covered_lately = dict(covered)
        camera.aim = sum((each.aim for _, each in kept), Aim())


def _add(camera: CameraStatus, tally: Tally) -> None:
    camera.people = tally.people
    camera.frame_rate = round(tally.sent / tally.seconds, 1) if tally.seconds > 0 else 0.0
    camera.cpu = round(tally.cpu_s / tally.seconds, 2) if tally.seconds > 0 else 0.0
    camera.latency_p50_ms, camera.latency_p99_ms = (round(value, 1) for value in tally.latency_ms)
    camera.frames_sent += tally.sent
    camera.frames_dropped += tally.dropped
    for reason, count in tally.covered.items():
        camera.covered[reason] = camera.covered.get(reason, 0) + count
