"""``run`` turns options or a file into settings and hands them over."""

from __future__ import annotations

from pathlib import Path

import pytest

from proxy.cli import entry, run
from proxy.settings.service import Settings


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Settings, bool]]:
    """What the application was asked to run."""
    asked: list[tuple[Settings, bool]] = []

    def take(settings: Settings, *, give_up_at_first: bool = False, origin: Path | None = None) -> int:
        assert (origin is None) == give_up_at_first
        asked.append((settings, give_up_at_first))
        return 11

    monkeypatch.setattr(run.application, "run", take)
    return asked


def test_options_become_one_camera(ran: list[tuple[Settings, bool]]) -> None:
    code = entry.execute(
        [
            *("run", "--source", "rtsp://camera/stream", "--sink", "hls:///tmp/hls", "--sink", "null:", "--name", "yard"),
            *("--targets", "face", "--method", "solid", "--accuracy", "light", "--lookback-ms", "600"),
            *("--encoder-preset", "fast", "--codec", "hevc", "--audio", "drop"),
            *("--http", "[::1]:9000", "--log-level", "debug", "--log-format", "json"),
        ]
    )
    assert code == 11
    ((settings, give_up),) = ran
    (camera,) = settings.cameras
    assert give_up
    assert [sink.type for sink in camera.sinks] == ["hls", "null"]
    hidden, encoding = camera.privacy, camera.encoding
    assert (camera.name, hidden.targets, hidden.method, hidden.accuracy) == ("yard", ("face",), "solid", "light")
    assert (hidden.lookback_ms, encoding.preset, encoding.codec, camera.audio) == (600, "fast", "hevc", "drop")
    assert (settings.control.host, settings.control.port) == ("::1", 9000)
    assert (settings.log.level, settings.log.format) == ("debug", "json")


def test_a_file_says_it_all_and_its_cameras_are_tried_again_for_ever(ran: list[tuple[Settings, bool]], tmp_path: Path) -> None:
    path = tmp_path / "veilcast.toml"
    path.write_text('[[camera]]\nsource = "rtsp://camera/stream"\n')
    assert entry.execute(["run", "-c", str(path)]) == 11
    ((_, give_up),) = ran
    assert not give_up


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--source", "x://y"],
        ["--source", "rtsp://h/x", "--http", "nowhere"],
        ["--source", "rtsp://h/x", "--http", "1.2.3.4:80"],
        ["--source", "rtsp://h/x", "--http", "127.0.0.1:80", "--no-http"],
        ["--source", "rtsp://h/x", "--no-http"],
        ["-c", "x.toml", "--source", "rtsp://h/x"],
        ["-c", "/none/x.toml"],
        ["--source", "rtsp://h/x", "--targets", ""],
    ],
)
def test_what_cannot_run_is_refused_before_anything_starts(ran: list[tuple[Settings, bool]], arguments: list[str]) -> None:
    assert entry.execute(["run", *arguments]) == 2
    assert not ran


def test_weak_choices_are_warned_about(ran: list[tuple[Settings, bool]], capsys: pytest.CaptureFixture[str]) -> None:
    entry.execute(["run", "--source", "rtsp://h/x", "--method", "blur"])
    assert ran
    assert "warning: camera: blur is reversible" in capsys.readouterr().err
