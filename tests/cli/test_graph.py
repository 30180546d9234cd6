"""``graph`` draws what is configured, without secrets."""

from __future__ import annotations

from pathlib import Path

import pytest

from proxy.cli import entry
from proxy.cli.graph import dot_lines
from proxy.settings.service import compose

TOML = """
[[camera]]
name = "yard"
source = "rtsp://u:hunter2@camera/stream"
sinks = ["rtmp://platform/app/live_key", "hls:///var/hls"]
[[camera]]
name = "gate"
source = "clip.mp4"
"""


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "veilcast.toml"
    path.write_text(TOML)
    return str(path)


@pytest.mark.parametrize("options", [[], ["--dot"]])
def test_every_camera_step_and_sink_is_drawn_and_nothing_secret(
    options: list[str], config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert entry.execute(["graph", "-c", config, *options]) == 0
    drawn = capsys.readouterr().out
    for text in (
        "yard",
        "gate",
        "rtsp://***@camera/stream",
        "rtmp://platform/app/***",
        "hls:/var/hls",
        "file:clip.mp4",
        "silhouette",
    ):
        assert text in drawn
    assert "hunter2" not in drawn
    assert "live_key" not in drawn


def test_dot_keeps_quotes_out_of_its_syntax() -> None:
    lines = dot_lines(compose({"camera": [{"source": 'a"b.mp4', "sinks": ["null:"]}]}, origin="test"))
    assert lines[0].startswith("digraph")
    assert any('a\\"b.mp4' in line for line in lines)
    assert all(line.replace('\\"', "").count('"') % 2 == 0 for line in lines)
