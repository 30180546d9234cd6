from __future__ import annotations

import sys
from pathlib import Path

import av
import pytest

from benchmarks.throughput import Figures, Timing, commands, figures, markdown, repeated, timed
from benchmarks.transcode import transcode

CLIP = Path("sample_videos/vfr.mp4")


def frames_in(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


def test_a_clip_is_repeated_whole_and_in_order(tmp_path: Path) -> None:
    once = frames_in(CLIP)
    path, frames = repeated(CLIP, 3, tmp_path)
    assert frames == 3 * once == frames_in(path)
    with av.open(str(path)) as container:
        times = [frame.time for frame in container.decode(video=0)]
    assert times == sorted(times)


def test_figures_are_medians_over_the_rounds() -> None:
    found = figures([Timing(1.0, 2.0), Timing(2.0, 3.0), Timing(10.0, 9.0)], 100)
    assert found == Figures(frames_per_second=50.0, processor_ms=30.0, slowest=10.0, fastest=100.0)


def test_the_table_gives_each_command_beside_the_bare_transcode_and_the_other_tool() -> None:
    tools = {"transcode": Figures(100, 20, 100, 100), "veilcast": Figures(50, 40, 50, 50), "deface": Figures(2, 900, 2, 2)}
    row = next(line for line in markdown({"clip": tools}).splitlines() if "veilcast" in line)
    assert [cell.strip() for cell in row.split("|")[1:-1]] == ["clip", "veilcast", "50", "50–50", "40", "0.50", "0.50", "25.0×"]


def test_every_command_reads_the_clip_and_the_other_tool_gets_the_same_encoder_settings(tmp_path: Path) -> None:
    found = commands(CLIP, tmp_path, accuracies=["light", "max"], deface="deface")
    assert list(found) == ["transcode", "veilcast light", "veilcast max", "deface"]
    assert all(str(CLIP) in command for command in found.values())
    assert "superfast" in found["deface"][-1]


def test_processor_time_of_a_command_is_its_own() -> None:
    busy = timed([sys.executable, "-c", "import time\nwhile time.process_time() < 0.3: pass"])
    idle = timed([sys.executable, "-c", "import time; time.sleep(0.2)"])
    assert busy.processor_s > idle.processor_s
    assert busy.processor_s >= 0.2


def test_the_bare_transcode_keeps_every_picture(tmp_path: Path) -> None:
    target = tmp_path / "bare.h264"
    assert transcode(str(CLIP), str(target)) == frames_in(CLIP) == frames_in(target)


def test_a_command_that_fails_is_no_timing() -> None:
    with pytest.raises(Exception, match="returned non-zero"):
        timed([sys.executable, "-c", "raise SystemExit(3)"])
