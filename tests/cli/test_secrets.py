"""Secrets typed into the command line are found and taken out of sight."""

from __future__ import annotations

import os
import sys

import pytest

from proxy.cli.secrets import hide_arguments, secret_arguments


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["run", "--source", "rtsp://u:p@h/x"], {2: ("", "rtsp://u:p@h/x")}),
        (["run", "--sink=rtmp://h/app/key"], {1: ("--sink=", "rtmp://h/app/key")}),
        (["run", "--token", "sesame"], {2: ("", "sesame")}),
        (["run", "--token=sesame"], {1: ("--token=", "sesame")}),
        (["probe", "rtsp://h/x?token=abc"], {1: ("", "rtsp://h/x?token=abc")}),
        (["run", "--token", "env:TOKEN", "--source", "env:CAMERA", "--sink", "file:/run/key"], {}),
        (["run", "--source", "rtsp://h/x", "--sink", "hls:///a", "--http", "127.0.0.1:80"], {}),
        (["run", "--source", "file://clip.mp4?loop=true"], {}),
        ([], {}),
    ],
)
def test_secrets_are_found_where_they_stand(arguments: list[str], found: dict[int, tuple[str, str]]) -> None:
    assert secret_arguments(arguments) == found


def test_the_command_starts_anew_with_its_secrets_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ["run", "--source", "rtsp://u:hunter2@h/x", "--sink=rtmp://h/app/live_key", "--token", "sesame"]
    started: list[list[str]] = []
    monkeypatch.setattr(sys, "orig_argv", ["python", "-I", "/bin/veilcast", *arguments])
    monkeypatch.setattr(os, "execv", lambda _, command: started.append(command))
    monkeypatch.setattr(os, "environ", {})
    assert hide_arguments(arguments)
    (command,) = started
    assert command == [
        *("python", "-I", "/bin/veilcast", "run", "--source", "env:VEILCAST_ARGUMENT_2"),
        *("--sink=env:VEILCAST_ARGUMENT_3", "--token", "env:VEILCAST_ARGUMENT_5"),
    ]
    assert list(os.environ.values()) == ["rtsp://u:hunter2@h/x", "rtmp://h/app/live_key", "sesame"]


def test_a_command_without_secrets_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "execv", lambda *_: pytest.fail("started anew"))
    assert not hide_arguments(["run", "--source", "env:CAMERA"])
