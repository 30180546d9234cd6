"""A file that appears only when it is complete."""

from __future__ import annotations

from pathlib import Path

import pytest

from proxy.errors import SinkUnwritable
from proxy.telemetry.wholefile import WholeFile


def test_the_name_appears_at_the_end_and_not_before(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with WholeFile(path) as file:
        file.write("whole")
        assert not path.exists()
    assert path.read_text() == "whole"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_what_was_there_before(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("before")
    with pytest.raises(RuntimeError), WholeFile(path) as file:
        file.write("half")
        raise RuntimeError
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_pipe_or_device_is_written_directly() -> None:
    with WholeFile(Path("/dev/null")) as file:
        file.write("gone")
    assert Path("/dev/null").is_char_device()


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SinkUnwritable, match="cannot be written"):
        WholeFile(tmp_path / "none" / "a.txt")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_told() -> None:
    with pytest.raises(SinkUnwritable, match="No space left"), WholeFile(Path("/dev/full")) as file:
        file.write("x" * 100_000)


def test_bytes_are_written_as_they_are_and_text_as_utf_8(tmp_path: Path) -> None:
    with WholeFile(tmp_path / "a") as file:
        file.write(b"\xff\x00")
        file.write("ü")
    assert (tmp_path / "a").read_bytes() == b"\xff\x00\xc3\xbc"
