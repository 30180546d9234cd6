"""Events as lines of JSON, between a camera's process and the one that watches over it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Final

from pydantic import TypeAdapter, ValidationError

from proxy.telemetry.events import (
    AuditLooked,
    ClaimMade,
    CoverHeeded,
    DamageSeen,
    DecoderOpened,
    EncoderOpened,
    Event,
    FaceFound,
    FramesDropped,
    PassFailed,
    ProcessChanged,
    ProofJudged,
    ProofLost,
    SinkChanged,
    SourceChanged,
    Tally,
)

LINE_LIMIT: Final = 1 << 20
"""The longest line that a reader need accept, in bytes."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The process ends because of an error: its line, what to do about it, and whether another try can help."""

    message: str
    hint: str
    exit_code: int
    retryable: bool


Message = (
    SourceChanged
    | SinkChanged
    | FramesDropped
    | DecoderOpened
    | EncoderOpened
    | PassFailed
    | DamageSeen
    | ProcessChanged
    | Tally
    | ClaimMade
    | ProofJudged
    | ProofLost
    | AuditLooked
    | FaceFound
    | CoverHeeded
    | Failed
)
_CARRIED: Final = {
    kind.__name__: TypeAdapter[Message](kind)
    for kind in (
        SourceChanged,
        SinkChanged,
        FramesDropped,
        DecoderOpened,
        EncoderOpened,
        PassFailed,
        DamageSeen,
        ProcessChanged,
        Tally,
        ClaimMade,
        ProofJudged,
        ProofLost,
        AuditLooked,
        FaceFound,
        CoverHeeded,
        Failed,
    )
}


def to_line(message: Event | Failed) -> bytes:
    """One line, newline included.

    Raises:
        TypeError: events that come with every frame do not cross processes; tally them first.
    """
    name = type(message).__name__
    if name not in _CARRIED:
        raise TypeError(f"{name} does not cross processes: tally it first")
    return json.dumps({name: asdict(message)}, separators=(",", ":")).encode() + b"\n"


def from_line(line: bytes) -> Message | None:
    """The message in a line, or ``None`` for a line that is none."""
    try:
        ((name, fields),) = json.loads(line).items()
        return _CARRIED[name].validate_python(fields)
    except (ValueError, KeyError, AttributeError, ValidationError):
        return None
