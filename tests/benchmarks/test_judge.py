"""A clip through tools whose work is known."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.footage import Clip, Labels
from benchmarks.judge import Nearest, judge
from benchmarks.tools import Run, ToolFailed

BOX = (48, 40, 80, 80)
FRAMES = 6


def _pictures() -> list[NDArray[np.uint8]]:
    noise = np.random.default_rng(1).integers(0, 255, (30, 40, 3), np.uint8)
    return [np.kron(np.roll(noise, shift, 1), np.ones((4, 4, 1), np.uint8)) for shift in range(FRAMES)]


def _write(path: Path, pictures: list[NDArray[np.uint8]], repeat: int = 1) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10 * repeat, options={"crf": "20", "preset": "superfast"})
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for number, picture in enumerate(picture for picture in pictures for _ in range(repeat)):
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts, frame.time_base = number, Fraction(1, 10 * repeat)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@dataclass(frozen=True)
class Painter:
    """Paints the box grey in the frames named, and writes every frame ``repeat`` times."""

    frames: frozenset[int]
    repeat: int = 1
    name: str = "painter"

    def run(self, source: Path, folder: Path) -> Run:
        pictures = _pictures()
        x1, y1, x2, y2 = BOX
        for frame in self.frames:
            pictures[frame][y1 - 8 : y2 + 8, x1 - 8 : x2 + 8] = 110
        rows = [
            {"frame": frame, "cover": None, "regions": [{"xyxy": [40, 32, 88, 88]}] if frame in self.frames else []}
            for frame in range(FRAMES)
        ]
        journal = folder / "journal.jsonl"
        journal.write_text("\n".join(json.dumps(row) for row in rows))
        return Run(_write(folder / "out.mp4", pictures, self.repeat), 2.0, journal)


@pytest.fixture
def clip(tmp_path: Path) -> Clip:
    labels = {frame: Labels.of([BOX], [1]) for frame in range(FRAMES)}
    return Clip("planted", _write(tmp_path / "in.mp4", _pictures()), {"head": labels})


@pytest.mark.parametrize("repeat", [1, 2])
def test_a_person_is_exposed_in_exactly_the_frames_that_were_left_out(clip: Clip, tmp_path: Path, repeat: int) -> None:
    verdict = judge(Painter(frozenset({0, 1, 4, 5}), repeat), clip, tmp_path)
    head = verdict.judged["head"]
    assert head.frame[head.exposed].tolist() == [2, 3]
    assert head.painted.tolist() == [1, 1, 0, 0, 1, 1]
    assert (verdict.frames_in, verdict.frames_out, verdict.seconds) == (FRAMES, FRAMES * repeat, 2.0)


def test_the_hidden_area_is_that_of_the_paint(clip: Clip, tmp_path: Path) -> None:
    verdict = judge(Painter(frozenset(range(FRAMES))), clip, tmp_path)
    assert np.mean(verdict.painted) == pytest.approx(48 * 56 / (160 * 120))
    assert np.mean(verdict.hidden) == pytest.approx(np.mean(verdict.painted), abs=0.05)


def test_a_clip_without_labels_is_judged_in_every_frame(clip: Clip, tmp_path: Path) -> None:
    verdict = judge(Painter(frozenset()), Clip("nobody", clip.path, {}), tmp_path)
    assert len(verdict.hidden) == FRAMES
    assert verdict.judged == {}


def test_an_output_without_pictures_is_an_error() -> None:
    with pytest.raises(ToolFailed):
        Nearest(iter([]))
