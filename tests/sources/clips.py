"""Small clips, made on the spot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

MILLISECONDS = Fraction(1, 1000)
Paint = Callable[[av.VideoFrame, int], None]


def level(luma: int, blue: int = 128, red: int = 128) -> Paint:
    """Paints a picture of one colour; 8-bit values, whatever the format's depth."""

    def paint(frame: av.VideoFrame, _number: int) -> None:
        deep = "10le" in frame.format.name
        for plane, value in zip(frame.planes, (luma, blue, red), strict=False):
            count = plane.buffer_size // 2 if deep else plane.buffer_size
            plane.update(np.full(count, value * 4 if deep else value, np.uint16 if deep else np.uint8).tobytes())

    return paint


def noise(frame: av.VideoFrame, number: int) -> None:
    """Paints another noise for each picture, so that packets are large."""
    rng = np.random.default_rng(number)
    for plane in frame.planes:
        plane.update(rng.integers(0, 256, plane.buffer_size, np.uint8).tobytes())


def write(
    path: Path,
    *,
    width: int = 64,
    height: int = 48,
    codec: str = "ffv1",
    pix_fmt: str = "yuv420p",
    times_ms: Sequence[int] = (0, 40, 80, 120, 160),
    paint: Paint | None = None,
    sound_rate: int = 0,
    layout: str = "stereo",
    options: dict[str, str] | None = None,
    full_range: bool = False,
) -> Path:
    """A clip with a picture at each of ``times_ms``, and as long a tone where ``sound_rate`` is not 0."""
    with av.open(str(path), "w") as out:
        video = out.add_stream(codec, rate=25, options=options or {})
        video.width, video.height, video.pix_fmt = width, height, pix_fmt
        video.time_base = video.codec_context.time_base = MILLISECONDS
        if full_range:
            video.codec_context.color_range = 2
        sound = out.add_stream("pcm_s16le", rate=sound_rate, layout=layout) if sound_rate else None
        if sound:
            samples = (times_ms[-1] + 40) * sound_rate // 1000
            tone = (8000 * np.sin(np.arange(samples) / 8)).astype(np.int16)
            channels = sound.codec_context.layout.nb_channels
            block = av.AudioFrame.from_ndarray(np.repeat(tone, channels)[None], format="s16", layout=layout)
            block.sample_rate = sound_rate
            out.mux(sound.encode(block))
        for number, time_ms in enumerate(times_ms):
            frame = av.VideoFrame(width, height, pix_fmt)
            (paint or level(40 + number, 90, 160))(frame, number)
            frame.pts, frame.time_base = time_ms, MILLISECONDS
            if full_range:
                frame.color_range = 2
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        if sound:
            out.mux(sound.encode(None))
    return path


def rotate(path: Path, quarter_turns: int) -> Path:
    """Let the mp4 at ``path`` ask players to turn it clockwise so many times, by the matrix in its track header (ISO 14496-12)."""
    cosine, sine = ((1, 0), (0, 1), (-1, 0), (0, -1))[quarter_turns % 4]
    matrix = b"".join(
        value.to_bytes(4, "big", signed=True)
        for value in (cosine << 16, sine << 16, 0, -sine << 16, cosine << 16, 0, 0, 0, 1 << 30)
    )
    content = bytearray(path.read_bytes())
    start = content.index(b"tkhd") + 44
    content[start : start + 36] = matrix
    path.write_bytes(content)
    return path


def vandalise(path: Path, *, share: float = 0.002, seed: int = 7, start: float = 0.2, end: float = 0.8) -> Path:
    """Overwrite a ``share`` of the bytes between ``start`` and ``end`` (fractions of the file) with other ones."""
    rng = np.random.default_rng(seed)
    content = np.frombuffer(path.read_bytes(), np.uint8).copy()
    low, high = int(len(content) * start), int(len(content) * end)
    where = rng.integers(low, high, max(1, int((high - low) * share)))
    content[where] = rng.integers(0, 256, len(where), np.uint8)
    path.write_bytes(content.tobytes())
    return path
