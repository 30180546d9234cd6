"""``models`` tells the right weights from missing and altered ones."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from proxy.cli import entry
from proxy.cli.models import state_of
from proxy.detectors.weights import ModelStore


def test_the_models_that_came_along_are_the_right_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.execute(["models"]) == 0
    shown = capsys.readouterr().out
    for model in ModelStore.open().models:
        assert model.name in shown
        assert model.sha256[:16] in shown
    assert "altered" not in shown


def test_missing_and_altered_files_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own = ModelStore.open()
    shutil.copy(own.folder / "manifest.toml", tmp_path)
    first, second, *_ = own.models
    (tmp_path / first.file).write_bytes(b"something else")
    store = ModelStore.open(tmp_path)
    assert [state_of(store, model) for model in (first, second)] == ["altered", "missing"]
    monkeypatch.setattr(ModelStore, "open", lambda: store)
    assert entry.execute(["models"]) == 3
    assert "altered" in capsys.readouterr().out
