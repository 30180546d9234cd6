"""A programme's sound as Opus is the same sound at the same time."""

from __future__ import annotations

import av
import numpy as np
import pytest

from proxy.encoding.options import Options
from proxy.encoding.opus import RATE, UNIT, OpusTranscoder, OpusUnit
from proxy.encoding.packet import EncodedPacket
from proxy.encoding.programme import Programme, SoundTrack
from tests.programmes import STEP, every, pictures, sound

BLOCK = 960


def packets(seconds: float, *, first: int = 0) -> list[EncodedPacket]:
    """The packets of a tone, beside pictures, from tick ``first``."""
    programme = Programme(Options(), live=True, sound=SoundTrack.ALWAYS)
    made: list[EncodedPacket] = []
    frames = pictures(every(STEP, round(seconds * 25), first=first))
    for number, frame in enumerate(frames):
        made += programme.encode(frame)
        frame.release()
        for half in range(2):
            made += programme.encode_sound(sound(first + (number * 2 + half) * 1800, BLOCK))
    return [packet for packet in made + programme.flush() if not packet.is_video]


def turned(given: list[EncodedPacket]) -> list[OpusUnit]:
    assert given[0].streams.audio is not None
    transcoder = OpusTranscoder(given[0].streams.audio)
    return [unit for packet in given for unit in transcoder.encode(packet)]


def heard(units: list[OpusUnit]) -> np.ndarray:
    """``(N,)`` float32 of the left side."""
    decoder = av.CodecContext.create("libopus", "r")
    decoder.sample_rate, decoder.layout, decoder.format = RATE, "stereo", "s16"
    blocks = [frame.to_ndarray() for unit in units for frame in decoder.decode(av.Packet(unit.data))]
    return np.concatenate([block.reshape(-1, 2)[:, 0] for block in blocks]).astype(np.float32) / 32768


def test_units_follow_one_another_without_a_hole() -> None:
    units = turned(packets(2))
    assert set(np.diff([unit.pts for unit in units])) == {UNIT} or set(np.diff([unit.pts for unit in units[1:]])) == {UNIT}
    assert units[-1].pts / RATE == pytest.approx(2, abs=0.1)


def test_the_tone_is_still_the_tone() -> None:
    samples = heard(turned(packets(2)))[RATE // 2 : RATE // 2 + RATE]
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    assert np.argmax(spectrum) == pytest.approx(440, abs=2)
    assert np.sqrt((samples**2).mean()) == pytest.approx(0.5 / np.sqrt(2), rel=0.1)


def test_after_a_gap_sound_goes_on_at_its_new_place() -> None:
    early, late = packets(1), packets(1, first=10 * 90_000)
    assert early[0].streams.audio is not None
    transcoder = OpusTranscoder(early[0].streams.audio)
    units = [unit for packet in early + late for unit in transcoder.encode(packet)]
    times = np.array([unit.pts for unit in units]) / RATE
    assert times.max() == pytest.approx(11, abs=0.1)
    assert not ((times > 1.2) & (times < 9.9)).any()
