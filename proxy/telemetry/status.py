"""How every camera is right now, as far as its events tell: what status pages and health checks show."""

from __future__ import annotations

from dataclasses import dataclass, field

from proxy.telemetry.events import (
    Connection,
    EncoderOpened,
    Event,
    PassFailed,
    ProcessChanged,
    SinkChanged,
    SourceChanged,
    Tally,
)


@dataclass(slots=True)
class LinkStatus:
    """A source or sink: its state, and in words why."""

    name: str
    state: Connection = Connection.CONNECTING
    detail: str = ""
    hint: str = ""


@dataclass(slots=True)
class CameraStatus:
    """One camera. Counts are since the start; rates are of the last tally."""

    name: str
    process: Connection = Connection.CONNECTING
    source: LinkStatus = field(default_factory=lambda: LinkStatus("source"))
    sinks: dict[str, LinkStatus] = field(default_factory=dict)
    encoder: str = ""
    width: int = 0
    height: int = 0
    people: int = 0
    frame_rate: float = 0.0
    latency_p50_ms: float = 0.0
    latency_p99_ms: float = 0.0
    frames_sent: int = 0
    frames_dropped: int = 0
    covered: dict[str, int] = field(default_factory=dict)
    last_problem: str = ""


class StatusBoard:
    """The latest status of each camera, kept up by :meth:`observe`."""

    def __init__(self, cameras: tuple[str, ...]) -> None:
        self.cameras = {name: CameraStatus(name) for name in cameras}

    def observe(self, event: Event) -> None:
        """Take note of ``event``; one of an unknown camera is ignored."""
        camera = self.cameras.get(event.camera)
        if camera is None:
            return
        match event:
            case ProcessChanged():
                camera.process = event.state
            case SourceChanged():
                camera.source = LinkStatus("source", event.state, event.detail, event.hint)
            case SinkChanged():
                camera.sinks[event.sink] = LinkStatus(event.sink, event.state, event.detail, event.hint)
            case EncoderOpened():
                camera.encoder, camera.width, camera.height = event.name, event.width, event.height
            case PassFailed():
                camera.last_problem = f"{event.detector}: {event.error}"
            case Tally():
                _add(camera, event)
            case _:
                pass

    def ready(self) -> bool:
        """Whether every camera's picture flows."""
        return all(camera.source.state is Connection.RUNNING for camera in self.cameras.values())


def _add(camera: CameraStatus, tally: Tally) -> None:
    camera.people = tally.people
    camera.frame_rate = round(tally.sent / tally.seconds, 1) if tally.seconds > 0 else 0.0
    camera.latency_p50_ms, camera.latency_p99_ms = (round(value, 1) for value in tally.latency_ms)
    camera.frames_sent += tally.sent
    camera.frames_dropped += tally.dropped
    for reason, count in tally.covered.items():
        camera.covered[reason] = camera.covered.get(reason, 0) + count
