"""Whatever a camera or a file sends, the canary is in no picture that leaves. Source, decoder, gate and encoder are real."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import av
import numpy as np
import pytest

from proxy.media.planes import Planes
from proxy.sources.file import FileSource, Options
from proxy.vision.detections import Detections
from tests.pipeline.walks import Kept, Walk
from tests.privacy.canary import SHAPE, found_in, luma_with_canary
from tests.privacy.outcome import Outcome, outcome
from tests.sources.clips import rotate, vandalise, write

WIDTH: Final = SHAPE.width
HEIGHT: Final = SHAPE.height
FRAMES: Final = 30
TIMES: Final = tuple(index * 40 for index in range(FRAMES))


class Finds:
    """A detector that is made up: it finds whatever is as busy as the canary."""

    name = "made-up"

    def detect(self, planes: Planes) -> Detections:
        return found_in(planes)


class Blind(Finds):
    """One that finds nobody."""

    def detect(self, planes: Planes) -> Detections:
        return Detections.empty()


def painted(scale: int = 1) -> Callable[[av.VideoFrame, int], None]:
    """A painter of the canary for any planar format, 8 or 10 bits."""

    def paint(frame: av.VideoFrame, _number: int) -> None:
        luma = luma_with_canary(frame.width, frame.height, scale=scale)
        for number, plane in enumerate(frame.planes):
            values = luma if number == 0 else np.full((plane.height, plane.width), 128, np.uint8)
            deep = "10le" in frame.format.name
            rows = np.zeros((plane.height, plane.line_size // (2 if deep else 1)), np.uint16 if deep else np.uint8)
            rows[:, : plane.width] = values.astype(np.uint16) * 4 if deep else values
            plane.update(rows.tobytes())

    return paint


def clip(path: Path, **kwargs: object) -> Path:
    """A clip with the canary in every picture."""
    chosen = {"width": WIDTH, "height": HEIGHT, "times_ms": TIMES, "paint": painted(), **kwargs}
    return write(path, **chosen)  # type: ignore[arg-type]


async def walked(path: Path, *, detector: Finds | None = None, given: int = FRAMES, scale: int = 1, turns: int = 0) -> Outcome:
    source = FileSource(Options(path=path), sound=False)
    walk = Walk([source], [Kept()], detector=detector or Finds())  # type: ignore[arg-type,list-item]
    return await outcome(walk, given=given, scale=scale, turns=turns)


FORMATS: Final[dict[str, dict[str, object]]] = {
    "4:2:2": {"pix_fmt": "yuv422p"},
    "4:4:4": {"pix_fmt": "yuv444p"},
    "10 bits": {"pix_fmt": "yuv420p10le"},
    "4:2:2, 10 bits": {"pix_fmt": "yuv422p10le"},
    "full range": {"full_range": True},
    "odd dimensions": {"width": WIDTH + 1, "height": HEIGHT + 1, "pix_fmt": "yuv444p"},
}


@pytest.mark.parametrize("name", FORMATS)
async def test_every_format_of_picture(name: str, tmp_path: Path, note: Callable[[str, Outcome], None]) -> None:
    path = clip(tmp_path / "clip.mkv", **FORMATS[name])
    assert (await walked(path, detector=Blind())).seen > 0.8, "unhidden it would be seen"
    shown = await walked(path)
    assert (shown.sent, shown.covered.total(), shown.until_normal_ms) == (FRAMES, 0, 0)
    note(f"pictures in {name}", shown)


@pytest.mark.parametrize("turns", [1, 2, 3])
async def test_pictures_that_ask_to_be_turned(turns: int, tmp_path: Path, note: Callable[[str, Outcome], None]) -> None:
    path = rotate(clip(tmp_path / "clip.mp4", codec="mpeg4", options={"qmin": "2", "qmax": "2"}), turns)
    assert (await walked(path, detector=Blind(), turns=turns)).seen > 0.8, "unhidden it would be seen"
    note(f"pictures to be turned by {turns * 90}°", await walked(path, turns=turns))


async def test_pictures_of_8k(tmp_path: Path, note: Callable[[str, Outcome], None]) -> None:
    scale = 18
    path = clip(
        tmp_path / "clip.mkv", width=7680, height=4320, times_ms=(0, 40), paint=painted(scale), codec="mjpeg", pix_fmt="yuvj420p"
    )
    shown = await walked(path, given=2, scale=scale)
    assert shown.sent == 2
    note("pictures of 7680x4320", shown)


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (16, 2), (2, 64)])
async def test_pictures_that_are_hardly_any(size: tuple[int, int], tmp_path: Path) -> None:
    """Nothing of them need leave, and nothing may hang."""
    path = clip(tmp_path / "clip.mkv", width=size[0], height=size[1], paint=None, pix_fmt="yuv444p")
    source = FileSource(Options(path=path), sound=False)
    await outcome(Walk([source], [Kept()], detector=Finds()), given=FRAMES)  # type: ignore[arg-type,list-item]


@pytest.mark.parametrize("codec", ["libx264", "libx265", "mjpeg", "mpeg4"])
@pytest.mark.parametrize("seed", [1, 2])
async def test_damaged_bitstreams(codec: str, seed: int, tmp_path: Path, note: Callable[[str, Outcome], None]) -> None:
    often = {"preset": "ultrafast", "x265-params": "log-level=none"} if codec.startswith("lib") else {}
    pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    path = clip(tmp_path / "clip.mkv", codec=codec, pix_fmt=pix_fmt, options=often | {"g": "5"})
    note(f"a damaged stream of {codec.removeprefix('lib')}, seed {seed}", await walked(vandalise(path, share=0.001, seed=seed)))


def transport(folder: Path, name: str, *, codec: str = "libx264", offset_s: float = 0.0, **kwargs: object) -> bytes:
    """A second or so of a transport stream, which can be followed by any other."""
    part = clip(folder / f"{name}.mkv", **kwargs)
    command = ["ffmpeg", "-v", "error", "-y", "-i", str(part), "-c:v", codec, "-preset", "ultrafast", "-g", "10", "-bf", "0"]
    command += ["-output_ts_offset", str(offset_s), "-muxdelay", "0", "-f", "mpegts", str(folder / f"{name}.ts")]
    subprocess.run(command, check=True, timeout=60, capture_output=True)
    return (folder / f"{name}.ts").read_bytes()


WRAPS_S: Final = 2**33 / 90_000
CHANGES: Final[dict[str, Sequence[dict[str, object]]]] = {
    "the resolution changes": [{}, {"width": WIDTH * 2, "height": HEIGHT * 2}, {}],
    "the pixel format changes": [{}, {"pix_fmt": "yuv422p"}, {"pix_fmt": "yuv444p"}],
    "the depth changes": [{}, {"pix_fmt": "yuv420p10le"}],
    "the codec changes": [{}, {"codec": "libx265"}, {}],
    "timestamps jump an hour ahead": [{}, {"offset_s": 3600.0}],
    "timestamps run back an hour": [{"offset_s": 3600.0}, {}],
    "timestamps repeat": [{}, {}, {}],
    "timestamps wrap": [{"offset_s": WRAPS_S - 0.6}],
}


@pytest.mark.peer
@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", CHANGES)
async def test_streams_that_become_something_else(name: str, tmp_path: Path, note: Callable[[str, Outcome], None]) -> None:
    parts = [transport(tmp_path, str(number), **part) for number, part in enumerate(CHANGES[name])]  # type: ignore[arg-type]
    path = tmp_path / "joined.ts"
    path.write_bytes(b"".join(parts))
    given = FRAMES * len(parts)
    assert (await walked(path, detector=Blind(), given=given)).seen > 0.8, "unhidden it would be seen"
    shown = await walked(path, given=given)
    assert shown.sent > FRAMES // 2
    note(name, shown)
