"""What the profile says; the pipeline behind it is the one that every other test walks."""

import io

import pytest
from rich.console import Console

from proxy.cli.entry import execute
from proxy.cli.profile import conclusions, table
from proxy.telemetry.events import Stage, StageTimed
from proxy.telemetry.report import Report


def observed() -> Report:
    report = Report("in.mp4", "null")
    for milliseconds in (10, 20, 30):
        report.observe(StageTimed("door", Stage.BODIES, milliseconds * 1_000_000))
    report.frames, report.first_pts, report.last_pts = 30, 0, 90_000
    return report


def test_each_stage_that_ran_has_its_row_and_no_other():
    report = observed()
    drawn = io.StringIO()
    Console(width=100, file=drawn).print(table(report.stages, frames=report.frames))
    rows = [line for line in drawn.getvalue().splitlines() if "bodies" in line or "paint" in line]
    assert len(rows) == 1
    assert rows[0].replace("│", " ").split() == ["bodies", "3", "20.00", "29.80", "20.00", "2.00"]


def test_the_conclusion_says_how_many_cameras_the_machine_carries():
    said = "\n".join(conclusions(observed(), seconds=0.5, processor_s=0.9))
    assert "60.0 frames/s" in said
    assert "30.0 ms per frame" in said
    assert "2.0 such cameras at 30 frames/s" in said


@pytest.mark.peer
def test_a_sample_clip_is_profiled(capfd):
    assert execute(["profile", "sample_videos/vfr.mp4", "--accuracy", "light"]) == 0
    said = capfd.readouterr().out
    assert all(stage in said for stage in ("glance", "faces", "bodies", "detail", "paint", "encode"))
