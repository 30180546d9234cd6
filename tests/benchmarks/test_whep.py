from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from benchmarks.whep import main, per_viewer, processor_s


def test_what_one_more_viewer_costs_is_the_slope_whatever_is_there_without_any() -> None:
    found = {0: {"cores": 0.5}, 1: {"cores": 0.11}, 2: {"cores": 0.21}, 4: {"cores": 0.41}}
    assert per_viewer(found) == pytest.approx(0.1)
    assert per_viewer({0: {"cores": 0.5}, 1: {"cores": 0.1}}) is None


def test_a_process_uses_no_less_time_than_it_did_before() -> None:
    before = processor_s(os.getpid())
    assert 0 < before <= processor_s(os.getpid())


@pytest.mark.peer
@pytest.mark.timeout(180)
def test_a_real_sink_is_measured(tmp_path: Path) -> None:
    assert main(["--viewers", "0,1,2", "--seconds", "2", "--out", str(tmp_path)]) == 0
    figures = json.loads((tmp_path / "whep.json").read_text())
    assert set(figures["results"]) == {"0", "1", "2"}
    assert all(figures["results"][count]["least_pictures_per_second"] > 0 for count in ("1", "2"))
    assert figures["picture_kbps"] > 500
