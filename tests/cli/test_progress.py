"""How far a job is, in numbers and in words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from proxy.cli.progress import Lines, Walked, duration_of, watched
from proxy.masking.plan import CoverReason
from proxy.redactors.regions import Regions
from proxy.telemetry.events import DamageSeen, EncoderOpened, FramesDropped, FrameSent

TWO_BODIES = Regions(np.zeros((2, 4), np.int32), np.array([2, 2], np.uint8), np.zeros(2, np.int32))


class Clock:
    """Seconds in hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def walk(walked: Walked, clock: Clock, frames: int) -> None:
    for index in range(frames):
        clock.now += 0.1
        walked.observe(FrameSent("c", index, 90_000 + index * 9000, CoverReason.LATE if index == 0 else None, TWO_BODIES))


def test_frames_speed_people_and_share_are_counted() -> None:
    clock = Clock()
    walked = Walked(10.0, clock=clock)
    walk(walked, clock, 51)
    walked.observe(FramesDropped("c", 1))
    assert (walked.frames, walked.people, walked.covered) == (51, 2, 1)
    assert walked.frames_per_second == pytest.approx(10)
    assert walked.position_s == pytest.approx(5)
    assert walked.share == pytest.approx(0.5)
    assert walked.summary() == "51 frames in 5.1 s (10.0 frames/s), 1 covered whole"


def test_plain_lines_come_every_few_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    walk(Walked(40.0, Lines(), clock=clock), clock, 201)
    lines = capsys.readouterr().err.splitlines()
    assert 3 <= len(lines) <= 4
    assert lines[0].startswith("veilcast: ")
    assert "people hidden 2" in lines[0]
    assert "% " not in lines[0]
    assert " s left" in lines[0]


def test_an_input_of_unknown_length_has_no_share(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    walked = Walked(None, Lines(), clock=clock)
    walk(walked, clock, 60)
    assert walked.share is None
    assert "left" not in capsys.readouterr().err


def test_without_a_terminal_no_bar_is_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    with watched("clip.mp4", 1.0) as walked:
        walked.observe(FrameSent("c", 0, 0, None, TWO_BODIES))
    assert capsys.readouterr().err == ""


def test_a_bar_is_drawn_on_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    with watched("clip.mp4", 1.0) as walked:
        walked.observe(FrameSent("c", 0, 0, None, TWO_BODIES))
        walked.observe(FrameSent("c", 1, 45_000, None, TWO_BODIES))
    assert "clip.mp4" in capsys.readouterr().err


def test_the_length_of_a_file_is_what_it_says(tmp_path: Path) -> None:
    (tmp_path / "junk.mp4").write_bytes(b"junk")
    assert duration_of(tmp_path / "junk.mp4") is None
    assert duration_of(tmp_path / "none.mp4") is None
    clip = Path(__file__).parents[2] / "sample_videos" / "street.mp4"
    assert (duration_of(clip) or 0) > 1


def test_damage_and_pieces_of_the_output_are_counted() -> None:
    walked = Walked(None, clock=Clock())
    walked.observe(DamageSeen("c", 3, "made up"))
    for _ in range(2):
        walked.observe(EncoderOpened("c", "libx264", False, 64, 64))
    assert walked.pieces == 2
    assert walked.summary().endswith("3 damaged packets in the input")
