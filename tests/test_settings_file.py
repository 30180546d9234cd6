"""A camera is added to a settings file, and all that stood there stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from proxy.errors import ConfigError
from proxy.settings.service import load
from proxy.settings_file import add_camera, names, previous, with_camera, with_changes, without_camera, write

BEFORE = """# the entrance
[[camera]]
name = "entrance"   # by the door
source = "rtsp://192.168.1.10/stream"

[control]
port = 9090  # not the usual one
"""


def test_comments_order_and_values_stay(tmp_path: Path) -> None:
    path = tmp_path / "veilcast.toml"
    path.write_text(BEFORE)
    path.chmod(0o640)
    assert add_camera(path, "yard", "rtsp://192.168.1.11/stream", secret=False) == [path]
    text = path.read_text()
    assert [line for line in BEFORE.splitlines() if line and line not in text] == []
    assert path.stat().st_mode & 0o777 == 0o640
    assert [camera.name for camera in load(path).cameras] == ["entrance", "yard"]
    assert load(path).control.port == 9090


def test_a_new_file_is_made_and_a_password_stands_in_a_file_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "veilcast.toml"
    written = add_camera(path, "yard", "rtsp://user:hunter2@192.168.1.11/stream", secret=True)
    assert written == [path, tmp_path / "yard.source"]
    assert "hunter2" not in path.read_text()
    assert written[1].stat().st_mode & 0o777 == 0o600
    (camera,) = load(path).cameras
    assert "hunter2" in camera.source.url.get_secret_value()
    assert sorted(tmp_path.iterdir()) == sorted(written)


def test_a_name_stands_once(tmp_path: Path) -> None:
    path = tmp_path / "veilcast.toml"
    path.write_text(BEFORE)
    assert names(path) == ["entrance"]
    with pytest.raises(ConfigError, match="already"):
        add_camera(path, "entrance", "rtsp://h/x", secret=True)
    assert path.read_text() == BEFORE
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("text", ["camera = [", 'camera = [{ source = "x" }]'])
def test_a_file_that_cannot_be_added_to_is_left_alone(text: str, tmp_path: Path) -> None:
    path = tmp_path / "veilcast.toml"
    path.write_text(text)
    with pytest.raises(ConfigError):
        add_camera(path, "yard", "rtsp://h/x", secret=False)
    assert path.read_text() == text


def test_a_folder_that_does_not_exist_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be written"):
        add_camera(tmp_path / "absent" / "veilcast.toml", "yard", "rtsp://h/x", secret=False)


def test_changes_leave_everything_else_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "veilcast.toml"
    path.write_text(BEFORE + '\n[[camera]]\nname = "yard" # the yard\nsource = "rtsp://h/y"\nprivacy = { accuracy = "light" }\n')
    zone = {"kind": "covered", "points": [[0.0, 0.0], [1.0, 0.0], [0.5, 1.0]]}
    text = with_changes(path, "yard", {"privacy": {"method": "solid", "zones": [zone]}})
    assert [line for line in path.read_text().splitlines() if line and "privacy" not in line and line not in text] == []
    path.write_text(text)
    privacy = load(path).cameras[1].privacy
    assert (privacy.method, privacy.accuracy, privacy.zones[0].points[1]) == ("solid", "light", (1.0, 0.0))
    path.write_text(with_changes(path, "yard", {"privacy": {"zones": []}}))
    assert load(path).cameras[1].privacy.zones == ()
    path.write_text(with_changes(path, "entrance", {"sinks": ["null:", {"url": "rtmp://h/live", "key": "k"}]}))
    assert [sink.type for sink in load(path).cameras[0].sinks] == ["null", "rtmp"]


def test_a_camera_is_taken_out_and_the_last_one_too(tmp_path: Path) -> None:
    path = tmp_path / "veilcast.toml"
    path.write_text(BEFORE)
    path.write_text(with_camera(path, "yard", {"source": "rtsp://h/y"}))
    path.write_text(without_camera(path, "entrance"))
    assert [camera.name for camera in load(path).cameras] == ["yard"]
    path.write_text(without_camera(path, "yard"))
    assert load(path).cameras == ()
    assert load(path).control.port == 9090
    path.write_text(with_camera(path, "hall", {"source": "rtsp://h/z"}))
    assert [camera.name for camera in load(path).cameras] == ["hall"]
    with pytest.raises(ConfigError, match="no camera"):
        without_camera(path, "yard")


def test_what_stood_there_before_is_kept_and_both_are_for_their_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "veilcast.toml"
    path.write_text(BEFORE)
    write(path, "# new\n")
    assert previous(path).read_text() == BEFORE
    assert [file.stat().st_mode & 0o777 for file in (path, previous(path))] == [0o600, 0o600]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["veilcast.toml", "veilcast.toml.previous"]
