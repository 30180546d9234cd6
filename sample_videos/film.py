"""Writes a clip and its ground truth."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray

from sample_videos.stage import Truth

U8 = NDArray[np.uint8]

TICKS: Final = 12_800
"""Time base of the clips, per second."""
RATE: Final = 48_000


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture, BGR, to be shown at ``tick`` of ``TICKS`` a second, and who is in it."""

    tick: int
    picture: U8
    truth: list[Truth]


def write(path: Path, shots: Iterable[Shot], *, fps: int, crf: int, sound_s: float = 0.0, turned: bool = False) -> None:
    """Write ``path`` (H.264, with AAC if ``sound_s``) and ``path`` with ``.json``.

    ``turned`` stores the pictures lying on their side with a rotation flag, as a phone held upright does;
    the ground truth is upright.
    """
    rows: list[dict[str, object]] = []
    with av.open(str(path), "w", container_options={"movflags": "+faststart"}) as container:
        video = container.add_stream("libx264", rate=fps, options={"crf": str(crf), "preset": "veryslow", "g": "50"})
        sound = container.add_stream("aac", rate=RATE, options={"b": "48000"}) if sound_s else None
        if sound is not None:
            sound.layout = "mono"
        for shot in shots:
            picture = np.ascontiguousarray(np.rot90(shot.picture)) if turned else shot.picture
            if not rows:
                video.height, video.width = picture.shape[:2]
                video.pix_fmt = "yuv420p"
                video.codec_context.time_base = Fraction(1, TICKS)
                upright = shot.picture.shape
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts, frame.time_base = shot.tick, Fraction(1, TICKS)
            container.mux(video.encode(frame))
            rows.append({"frame": len(rows), "pts_ms": round(shot.tick * 1000 / TICKS, 3), "persons": shot.truth})
        container.mux(video.encode(None))
        if sound is not None:
            for block in _sound(sound_s):
                container.mux(sound.encode(block))
            container.mux(sound.encode(None))
    if turned:
        _set_rotation(path)
    _write_truth(path, upright[1], upright[0], rows)


def _write_truth(path: Path, width: int, height: int, rows: list[dict[str, object]]) -> None:
    lines = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
    head = json.dumps({"clip": path.name, "width": width, "height": height})[:-1]
    path.with_suffix(".json").write_text(f'{head}, "frames": [\n{lines}\n]}}\n')


def _sound(seconds: float) -> Iterable[av.AudioFrame]:
    """A babble without words: noise in the band of speech that swells in syllables, over a low hum. Nobody's voice."""
    random = np.random.default_rng(17)
    count = int(seconds * RATE) // 1024 * 1024
    time = np.arange(count) / RATE
    spectrum = np.fft.rfft(random.normal(0, 1, count))
    hertz = np.fft.rfftfreq(count, 1 / RATE)
    spectrum *= np.exp(-(((hertz - 500) / 350) ** 2)) + 0.4 * np.exp(-(((hertz - 1800) / 500) ** 2))
    babble = np.fft.irfft(spectrum, count)
    syllables = np.clip(np.sin(2 * np.pi * 3.1 * time) + np.sin(2 * np.pi * 1.3 * time + 1), 0, 2)
    wave = babble / np.abs(babble).max() * syllables * 0.2 + 0.03 * np.sin(2 * np.pi * 110 * time)
    samples = wave.astype(np.float32)[None]
    for start in range(0, count, 1024):
        block = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[:, start : start + 1024]), format="fltp", layout="mono")
        block.sample_rate, block.pts, block.time_base = RATE, start, Fraction(1, RATE)
        yield block


def _set_rotation(path: Path) -> None:
    """Write a quarter turn clockwise into the track header's matrix (ISO/IEC 14496-12, 8.3.2)."""
    data = bytearray(path.read_bytes())
    version = data[data.index(b"tkhd") + 4]
    matrix = data.index(b"tkhd") + 4 + (52 if version else 40)
    (height,) = struct.unpack_from(">I", data, matrix + 40)
    struct.pack_into(">9i", data, matrix, 0, 1 << 16, 0, -(1 << 16), 0, 0, height, 0, 1 << 30)
    path.write_bytes(data)
