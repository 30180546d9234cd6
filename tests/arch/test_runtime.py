"""What slips past types and linters is refused when it runs, and before a single byte is encoded."""

from __future__ import annotations

import numpy as np
import pytest

from proxy.anonymiser import AnonymisedFrame, ReleasedAudio
from proxy.encoding.audio import AudioEncoder
from proxy.encoding.options import Options
from proxy.encoding.programme import Programme, SoundTrack
from proxy.encoding.video import VideoEncoder
from proxy.media.formats import AudioFormat, VideoFormat
from proxy.media.planes import Planes
from proxy.media.raw import RawAudio, RawFrame

SHAPE = VideoFormat(64, 48)


class Disguised:
    """Has everything that an anonymised frame has but its origin."""

    format = SHAPE
    pts = 0
    captured_ns = None
    arrived_ns = 0
    buffer = np.zeros(SHAPE.buffer_shape, np.uint8)


class Heir(AnonymisedFrame):  # type: ignore[misc]
    """A subclass that fills itself."""


def raw_frame() -> RawFrame:
    return RawFrame(Planes.of_buffer(np.zeros(SHAPE.buffer_shape, np.uint8), SHAPE), SHAPE, 0, None, 0)


RAW_SOUND = RawAudio(np.zeros((2, 1024), np.float32), AudioFormat(48_000, 2), 0)


@pytest.mark.parametrize("frame", [raw_frame(), Disguised(), object.__new__(Heir), None])
@pytest.mark.parametrize("live", [True, False])
def test_only_a_frame_that_the_gate_made_is_encoded(frame: object, live: bool) -> None:
    with pytest.raises(TypeError, match="expected AnonymisedFrame"):
        VideoEncoder(Options(), live=live).encode(frame)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="expected AnonymisedFrame"):
        Programme(Options(), live=live, sound=SoundTrack.NEVER).encode(frame)  # type: ignore[arg-type]


def test_only_sound_that_the_gate_released_is_encoded() -> None:
    with pytest.raises(TypeError, match="expected ReleasedAudio"):
        AudioEncoder(Options()).encode(RAW_SOUND)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="expected ReleasedAudio"):
        Programme(Options(), live=True, sound=SoundTrack.ALWAYS).encode_sound(RAW_SOUND)  # type: ignore[arg-type]


def test_an_unmade_frame_shows_nothing() -> None:
    with pytest.raises(AttributeError):
        _ = object.__new__(AnonymisedFrame).buffer
    with pytest.raises(AttributeError):
        _ = object.__new__(ReleasedAudio).samples
