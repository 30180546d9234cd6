"""What cameras and the proxy's own HTTP ask of each other, and the file that all of it is read from."""

from __future__ import annotations

from pathlib import Path

import pytest

from proxy.errors import ConfigError
from proxy.settings.service import compose, load
from proxy.sources import whip as whip_source
from tests.settings.composed import RTSP, one, problems


def written(folder: Path, text: str) -> Path:
    path = folder / "veilcast.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_viewers_have_one_address_which_the_proxys_own_http_answers() -> None:
    with pytest.raises(ConfigError) as twice:
        one(sinks=["whep:", "whep:"])
    assert "name whep once" in twice.value.problems[0]
    with pytest.raises(ConfigError) as thrice:
        one(sinks=["mjpeg:", "whep:", "mjpeg:"])
    assert "name mjpeg once" in thrice.value.problems[0]
    with pytest.raises(ConfigError) as unanswered:
        compose({"camera": [{"source": RTSP, "sinks": ["whep:"]}], "control": {"enabled": False}}, origin="test")
    assert "own HTTP, which is off" in unanswered.value.problems[0]


def test_publishers_are_met_where_the_proxys_own_http_answers() -> None:
    assert isinstance(one(source="whip:").cameras[0].source, whip_source.Options)
    with pytest.raises(ConfigError) as unanswered:
        compose({"camera": [{"source": "whip:", "sinks": ["null:"]}], "control": {"enabled": False}}, origin="test")
    assert "own HTTP, which is off" in unanswered.value.problems[0]


def test_names_of_cameras_differ() -> None:
    (problem,) = problems({"camera": [{"source": RTSP}, {"source": RTSP}]})
    assert problem.startswith("cameras: each camera needs a name of its own")


def test_without_a_camera_there_is_a_page_to_add_one() -> None:
    assert compose({}, origin="test").cameras == ()
    assert problems({"control": {"enabled": False}}) == ("cameras: needs at least one [[camera]]",)


def test_a_camera_that_nobody_could_watch_is_refused() -> None:
    (problem,) = problems({"camera": [{"source": RTSP}], "control": {"preview": False}})
    assert problem.startswith("cameras.0.sinks: ")


def test_a_file_is_read_and_what_is_no_toml_is_told_by_its_line(tmp_path: Path) -> None:
    settings = load(written(tmp_path, '[[camera]]\nname = "a"\nsource = "rtsp://camera/stream"\n[log]\nlevel = "debug"\n'))
    assert settings.cameras[0].name == "a"
    with pytest.raises(ConfigError, match="line 2"):
        load(written(tmp_path, "[[camera]]\nname = hunter2\n"))
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "none.toml")
