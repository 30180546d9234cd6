"""``probe`` says what an input holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from proxy.cli import entry
from proxy.cli.probe import told
from proxy.settings.service import compose
from proxy.sources.probe import AudioFound, ProbeResult, VideoFound

CLIP = Path(__file__).parents[2] / "sample_videos" / "street.mp4"


def test_a_clip_is_told_in_a_few_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.execute(["probe", str(CLIP)]) == 0
    name, *lines = capsys.readouterr().out.splitlines()
    assert name == "street.mp4"
    assert [line.split()[0] for line in lines] == ["container", "video", "audio"]


@pytest.mark.parametrize(("source", "code"), [("x://y", 2), ("env:VEILCAST_TEST_UNSET", 2), ("/none/clip.mp4", 10), ("whip:", 2)])
def test_what_cannot_be_probed_is_one_line_and_a_code(source: str, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.execute(["probe", source]) == code
    assert capsys.readouterr().err.startswith("veilcast: ")


@pytest.mark.parametrize("source", ["rtsp://u:hunter2@h/x", "clip.mp4", "/dev/video0"])
def test_every_kind_of_source_can_be_opened_by_a_name_without_secrets(source: str) -> None:
    (camera,) = compose({"camera": [{"source": source}]}, origin="test").cameras
    what = camera.source.input(sound=True)
    assert what.url.endswith(source)
    assert "hunter2" not in f"{what!r} {what.name}"


def test_rotation_and_sound_are_told() -> None:
    found = ProbeResult("mp4", 0.0, VideoFound("h264", 640, 360, "yuv420p", 29.97, 90), AudioFound("aac", 48_000, 2))
    assert list(told(found)) == [
        "container  mp4, live",
        "video      h264, 640x360 yuv420p, 29.97 frames/s, turned by 90°",
        "audio      aac, 48000 Hz, 2 channels",
    ]
