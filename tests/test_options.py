"""``env:`` and ``file:`` stand for secrets."""

from __future__ import annotations

from pathlib import Path

import pytest

from proxy.errors import ConfigError
from proxy.options import SECRET_LIMIT, resolve


@pytest.mark.parametrize("text", ["plain", "rtsp://u:p@h/x", "file:///a/b.mp4", ""])
def test_other_text_stands_for_itself(text: str) -> None:
    assert resolve(text) == text


def test_a_variable_is_looked_up_and_a_missing_one_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEILCAST_TEST", " value\n")
    assert resolve("env:VEILCAST_TEST") == "value"
    monkeypatch.delenv("VEILCAST_TEST")
    with pytest.raises(ConfigError, match="VEILCAST_TEST is not set"):
        resolve("env:VEILCAST_TEST")


def test_a_file_gives_its_one_line(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("value\n")
    assert resolve(f"file:{secret}") == "value"


@pytest.mark.parametrize("content", [b"\x00\x00\x00\x20ftypisom", b"\xff\xfe", b"two\nlines"])
def test_a_file_that_is_no_line_of_text_is_refused_without_an_echo(tmp_path: Path, content: bytes) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(content)
    with pytest.raises(ConfigError, match="not one line of text") as caught:
        resolve(f"file:{secret}")
    assert "ftyp" not in str(caught.value)


def test_no_more_than_the_limit_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"x" * SECRET_LIMIT + b"\x00 the rest of a film")
    assert resolve(f"file:{secret}") == "x" * SECRET_LIMIT


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        resolve(f"file:{tmp_path}/none")
