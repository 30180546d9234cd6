"""What happens in a camera's pipeline, as values. Stages emit these; logs, metrics, reports and journals observe them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from proxy.masking.plan import CoverReason
from proxy.redactors.regions import Regions


class Connection(StrEnum):
    """Where a source or sink stands."""

    CONNECTING = "connecting"
    RUNNING = "running"
    WAITING = "waiting"
    ENDED = "ended"
    FAILED = "failed"


class Stage(StrEnum):
    """A place where time is spent, as reports and profiles name it."""

    DECODE = "decode"
    FACES = "faces"
    LARGE_FACES = "large-faces"
    BODIES = "bodies"
    TRACK = "track"
    PAINT = "paint"
    ENCODE = "encode"
    SEND = "send"


@dataclass(frozen=True, slots=True)
class SourceChanged:
    """The source's connection is in another state; ``detail`` is one redacted line, ``retry_s`` the wait before the next try."""

    camera: str
    state: Connection
    detail: str = ""
    hint: str = ""
    retry_s: float = 0.0


@dataclass(frozen=True, slots=True)
class SinkChanged:
    """A sink's connection is in another state; ``sink`` is its redacted name."""

    camera: str
    sink: str
    state: Connection
    detail: str = ""
    hint: str = ""
    retry_s: float = 0.0


@dataclass(frozen=True, slots=True)
class FrameSent:
    """One anonymised frame went to the encoder: exactly what was painted in it."""

    camera: str
    index: int
    pts: int
    cover: CoverReason | None
    regions: Regions


@dataclass(frozen=True, slots=True)
class FramesDropped:
    """Frames were left out because the box could not keep up; never because of what was in them."""

    camera: str
    count: int


@dataclass(frozen=True, slots=True)
class EncoderOpened:
    """Which encoder runs, and how."""

    camera: str
    name: str
    hardware: bool
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class PassFailed:
    """A detector broke on a frame; what depends on it is covered."""

    camera: str
    detector: str
    error: str


@dataclass(frozen=True, slots=True)
class DamageSeen:
    """The input was damaged and decoding went on; ``packets`` could not be decoded."""

    camera: str
    packets: int
    detail: str


@dataclass(frozen=True, slots=True)
class StageTimed:
    """One piece of work took ``nanoseconds``."""

    camera: str
    stage: Stage
    nanoseconds: int


Event = SourceChanged | SinkChanged | FrameSent | FramesDropped | EncoderOpened | PassFailed | DamageSeen | StageTimed
Observer = Callable[[Event], None]
