"""``check`` names everything that is wrong and starts nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from proxy.cli import check, entry
from proxy.detectors.weights import ModelStore
from proxy.errors import ModelError


def checked(folder: Path, text: str) -> int:
    path = folder / "veilcast.toml"
    path.write_text(text)
    return entry.execute(["check", "-c", str(path)])


def test_a_sound_file_is_said_to_be_sound(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert checked(tmp_path, '[[camera]]\nsource = "rtsp://u:p@h/x"\nsinks = ["null:", "x.mp4"]\n') == 0
    assert "is sound: cameras 1, sinks 2" in capsys.readouterr().err


def test_every_problem_is_told_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert checked(tmp_path, 'colour = 1\n[[camera]]\nsource = "x://y"\nname = "?"\n') == 2
    said = capsys.readouterr().err
    for path in ("colour", "cameras.0.source", "cameras.0.name"):
        assert f"  {path}: " in said


def test_weak_choices_are_warned_about_and_still_sound(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert checked(tmp_path, '[[camera]]\nsource = "rtsp://h/x"\nprivacy = { method = "mosaic" }\n') == 0
    assert "warning: camera: mosaic is reversible" in capsys.readouterr().err


def test_signs_that_cannot_be_made_are_problems(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    signs = (
        'signs = { image = "/nowhere/logo.png" }\n[[camera]]\nname = "yard"\nsource = "rtsp://h/x"\nsigns = { notice = "\u0915" }\n'
    )
    assert checked(tmp_path, f'[[camera]]\nsource = "rtsp://h/x"\n{signs}') == 2
    said = capsys.readouterr().err
    assert "camera: image /nowhere/logo.png: No such file" in said
    assert "yard: signs: no font has" in said


def test_an_altered_model_is_told_with_the_settings_problems(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def altered(_: ModelStore, name: str) -> bytes:
        raise ModelError(f"{name} was altered")

    monkeypatch.setattr(ModelStore, "load", altered)
    assert checked(tmp_path, '[[camera]]\nsource = "rtsp://h/x"\n') == 3
    assert "yunet was altered" in capsys.readouterr().err
    assert len(check.model_problems()) == len(ModelStore.open().models)


def test_a_device_key_that_cannot_be_used_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = tmp_path / "device.pem"
    text = f'[[camera]]\nsource = "rtsp://h/x"\n[camera.attestation]\nkey = "{key}"\n'
    assert checked(tmp_path, text) == 2
    assert "device key" in capsys.readouterr().err
    assert entry.execute(["keys", "init", str(key)]) == 0
    assert checked(tmp_path, text) == 0
