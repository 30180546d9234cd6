"""What the command says on standard error."""

from __future__ import annotations

import pytest

from proxy.cli.console import EXIT_CODES, complain, say, warn
from proxy.errors import ConfigError, SinkRejected, VeilcastError


def every_error() -> list[type[VeilcastError]]:
    found, waiting = [], [VeilcastError]
    while waiting:
        kind = waiting.pop()
        found.append(kind)
        waiting += kind.__subclasses__()
    return found


def test_every_errors_exit_code_is_explained() -> None:
    import proxy.app  # noqa: F401 - errors that live beside their use

    assert {kind.exit_code for kind in every_error()} <= {code for code, _ in EXIT_CODES}


def test_an_error_is_one_line_and_its_hint_another(capsys: pytest.CaptureFixture[str]) -> None:
    complain(SinkRejected("the platform\nsaid no", hint="check the key"))
    assert capsys.readouterr().err == "veilcast: the platform said no\n  hint: check the key\n"


def test_one_problem_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    complain(ConfigError("a problem in x", problems=("cameras.0.name: wrong",)))
    assert capsys.readouterr().err == "veilcast: cameras.0.name: wrong\n"


def test_several_problems_are_all_told(capsys: pytest.CaptureFixture[str]) -> None:
    complain(ConfigError("2 problems in x", problems=("a: wrong", "b: wrong")))
    assert capsys.readouterr().err == "veilcast: 2 problems in x\n  a: wrong\n  b: wrong\n"


def test_nothing_secret_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    say("rtsp://u:hunter2@h/x")
    warn(["rtmp://h/app/live_key"])
    complain(VeilcastError("rtsp://u:hunter2@h/x", hint="rtmp://h/app/live_key"))
    said = capsys.readouterr().err
    assert said.count("***") == 4
    assert "hunter2" not in said
    assert "live_key" not in said
