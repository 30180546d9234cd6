"""``report`` writes a page for the time that is asked about, and says when the ledger is not to be believed."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from proxy.cli import entry
from proxy.gateway.database import FILE
from tests.gateway.gates import KEY, gate
from tests.gateway.test_evidence import history


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    history(tmp_path)
    (tmp_path / "gateway.jwk").write_text(json.dumps(KEY.public.jwk()))
    return [
        "report", str(tmp_path / FILE), "--trust", str(tmp_path / "gateway.jwk"), "--camera", "door",
        "--from", "2026-09-01", "--to", "2026-10-01T00:00+02:00", "-o", str(tmp_path / "report.html"),
    ]  # fmt: skip


def test_a_page_is_written_once(tmp_path: Path, command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.execute(command) == 0
    assert "150 pictures, 1 findings, ledger sound" in capsys.readouterr().err
    assert "150 were sent" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert entry.execute(command) == 22
    assert entry.execute([*command, "-y"]) == 0


def test_a_changed_ledger_has_an_exit_code_and_a_page_that_says_so(tmp_path: Path, command: list[str]) -> None:
    with closing(sqlite3.connect(tmp_path / FILE)) as connection, connection:
        connection.execute("UPDATE ledger SET actor = 'nobody' WHERE seq = 2")
    assert entry.execute(command) == 55
    assert "row 2 was changed" in (tmp_path / "report.html").read_text(encoding="utf-8")
    with closing(sqlite3.connect(tmp_path / FILE)) as connection, connection:
        connection.execute("UPDATE ledger SET detail = '[' WHERE seq = 2")
    assert entry.execute([*command, "-y"]) == 2


def test_a_camera_of_which_nothing_is_known_is_refused(
    tmp_path: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    command[command.index("--camera") + 1] = "nosuch"
    assert entry.execute(command) == 2
    assert "no camera nosuch is registered" in capsys.readouterr().err
    assert not (tmp_path / "report.html").exists()


def test_a_camera_that_was_registered_once_is_reported_with_whose_it_was(tmp_path: Path, command: list[str]) -> None:
    made, _, _ = gate(tmp_path)
    made.put_publisher("acme", admission=None, max_streams=4, cameras=(), actor="admin")
    assert entry.execute(command) == 0
    assert "Publisher: acme." in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("times", [("x", "2026-10-01"), ("2026-10-01", "2026-09-01")])
def test_times_that_are_none_are_refused(command: list[str], times: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    command[command.index("--from") + 1], command[command.index("--to") + 1] = times
    assert entry.execute(command) == 2
    assert "hint" in capsys.readouterr().err


def test_the_name_says_whether_it_is_a_pdf(tmp_path: Path, command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.execute([*command, "-o", str(tmp_path / "report.PDF")]) == 0
    assert (tmp_path / "report.PDF").read_bytes().startswith(b"%PDF-")
    assert entry.execute([*command, "-o", str(tmp_path / "report.docx")]) == 2
    assert ".html or .pdf" in capsys.readouterr().err
