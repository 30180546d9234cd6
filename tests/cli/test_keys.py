"""``keys`` makes a device key, shows its public half, and destroys nothing."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from proxy.attestation.keys import PublicKey
from proxy.cli import entry


def test_a_new_key_is_its_owners_only_and_its_public_half_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "device.pem"
    assert entry.execute(["keys", "init", str(path)]) == 0
    made = json.loads(capsys.readouterr().out)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert PublicKey.from_jwk(made).id == made["kid"]
    assert entry.execute(["keys", "show", str(path)]) == 0
    assert json.loads(capsys.readouterr().out) == made


def test_a_key_that_exists_is_not_touched(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "device.pem"
    path.write_text("precious")
    assert entry.execute(["keys", "init", str(path)]) == 2
    assert path.read_text() == "precious"
    assert "never overwritten" in capsys.readouterr().err


def test_a_key_that_is_not_there_is_one_line_and_a_hint(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.execute(["keys", "show", str(tmp_path / "none.pem")]) == 2
    assert "veilcast keys init" in capsys.readouterr().err
