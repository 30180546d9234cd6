"""Whatever a verb raises becomes one line and an exit code."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from proxy.cli import check, entry
from proxy.cli.console import EXIT_CODES
from proxy.errors import ModelError, SourceRejected, VeilcastError


def fails_with(error: BaseException, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    def fail(_: Path) -> None:
        raise error

    monkeypatch.setattr(check, "load", fail)
    return entry.execute([*arguments, "check", "-c", "x.toml"])


@pytest.mark.parametrize("error", [SourceRejected("no", hint="do"), ModelError("bad"), VeilcastError("odd")])
def test_an_error_of_ours_gives_its_exit_code_and_no_traceback(
    error: VeilcastError, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fails_with(error, monkeypatch) == error.exit_code
    said = capsys.readouterr().err
    assert said.startswith(f"veilcast: {error.message}\n")
    assert "Traceback" not in said


def test_a_defect_is_one_line_and_code_70(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert fails_with(ZeroDivisionError("rtsp://u:hunter2@h/x"), monkeypatch) == 70
    said = capsys.readouterr().err
    assert said.startswith("veilcast: defect: ZeroDivisionError")
    assert "Traceback" not in said
    assert "hunter2" not in said


def test_debug_shows_where_it_came_from_and_still_nothing_secret(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fails_with(ZeroDivisionError("rtsp://u:hunter2@h/x"), monkeypatch, "--debug") == 70
    said = capsys.readouterr().err
    assert "Traceback" in said
    assert "hunter2" not in said


def test_an_interrupt_is_code_130(monkeypatch: pytest.MonkeyPatch) -> None:
    assert fails_with(KeyboardInterrupt(), monkeypatch) == 130


@pytest.mark.parametrize("arguments", [["fly"], ["run", "--fly"], ["anonymise"], ["anonymise", "a", "b", "--method", "paint"]])
def test_a_wrong_command_line_is_one_line_a_hint_and_code_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.execute(arguments) == 2
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith("veilcast: ")
    assert "--help" in said[-1]


def test_the_version_is_the_distributions(capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.execute(["--version"]) == 0
    assert capsys.readouterr().out == f"veilcast {version('veilcast')}\n"


def test_help_shows_every_verb_every_exit_code_and_how_to_begin(capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.execute([]) == 0
    shown = capsys.readouterr().out
    for verb in entry.app.registered_commands:
        assert verb.name
        assert verb.name in shown
    for code, _ in EXIT_CODES:
        assert f"{code} " in shown
    assert "veilcast run --source" in shown


@pytest.mark.parametrize("verb", [command.name for command in entry.app.registered_commands])
def test_each_verbs_help_teaches_by_example(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.execute([verb, "--help"]) == 0
    shown = capsys.readouterr().out
    assert "Example" in shown
    assert f"veilcast {verb}" in shown


def test_a_reader_that_goes_away_is_no_error() -> None:
    process = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {sys.executable} -c 'from proxy.cli import main; main()' --help | true"],
        capture_output=True,
        check=False,
        timeout=15,
    )
    assert b"Traceback" not in process.stderr


def test_the_command_leaves_with_its_code_and_all_that_it_printed_and_without_taking_libraries_apart() -> None:
    script = (
        "import atexit, sys; from proxy.cli import leave; atexit.register(print, 'late'); sys.stdout.write('all of it'); leave(7)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (7, "all of it", "")
