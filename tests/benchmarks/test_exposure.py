"""The command's own manners, and the files it writes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.exposure import main, write
from benchmarks.judge import Verdict
from benchmarks.summary import figures, markdown
from benchmarks.tally import Judged


def _verdict() -> Verdict:
    head = Judged(
        np.array([0, 1]), np.array([1, 1]), np.array([20.0, 20.0]), np.array([0.0, 1.0], np.float32), np.array([1, 0], np.float32)
    )
    return Verdict("clip", {"head": head}, [0.25, 0.35], [0.2, 0.2], frames_in=2, frames_out=2, seconds=4.0)


def test_an_unknown_set_and_missing_material_are_said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VEILCAST_EVAL", raising=False)
    for arguments, said in ((["--sets", "nowhere"], "no such set: nowhere"), ([], "VEILCAST_EVAL")):
        with pytest.raises(SystemExit):
            main(arguments)
        assert said in capsys.readouterr().err


def test_figures_are_those_of_the_verdicts() -> None:
    found = figures([_verdict()])
    assert found["frames_per_second"] == 0.5
    assert (found["hidden_area"], found["painted_area"]) == (0.3, 0.2)
    assert found["kinds"]["head"]["by_size"]["all"] == {"labels": 2, "covered": 0.5}
    assert found["kinds"]["head"]["covered_by_journal"] == 0.5
    assert found["kinds"]["head"]["people"]["longest_exposure_frames"] == 1


def test_tables_name_the_goal_and_empty_sets_have_a_row() -> None:
    text = markdown({"escalator": {"veilcast": figures([_verdict()])}, "nobody": {"veilcast": figures([Verdict("empty")])}})
    assert "| escalator | head | veilcast | 2 | 0.5 | 0.5 | 1 | ≥ .98 at ≤ .45 area |" in text
    assert "| nobody |  | veilcast |" in text


def test_numbers_a_table_and_a_plot_are_written(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="the extra bench is not installed")
    write(tmp_path, "run", {"commit": "abc"}, {"escalator": {"veilcast": figures([_verdict()])}})
    assert json.loads((tmp_path / "run.json").read_text())["results"]["escalator"]["veilcast"]["frames_in"] == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run.json", "run.md", "run.png"]
