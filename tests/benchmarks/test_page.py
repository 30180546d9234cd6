from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.page import Opening, main, summary


def test_visitors_without_a_picture_are_counted_and_not_averaged_away() -> None:
    found = summary([Opening(0.5, 30_000), Opening(1.5, 31_000), Opening(None, 31_000), Opening(2.5, 31_000)])
    assert found["first_picture_s"] == {"p50": 1.5, "p90": 2.3, "max": 2.5}
    assert (found["visitors"], found["within_goal"], found["without_a_picture"]) == (4, 2, 1)
    assert found["page_kb"] == 31.0
    assert summary([Opening(None, 0)])["first_picture_s"] == {"p50": None, "p90": None, "max": None}


@pytest.mark.peer
@pytest.mark.timeout(300)
def test_real_visitors_are_measured(tmp_path: Path) -> None:
    assert main(["--visitors", "1", "--accuracy", "light", "--out", str(tmp_path), "--name", "page"]) == 0
    told = json.loads((tmp_path / "page.json").read_text())
    for way in ("webrtc", "hls"):
        assert told["results"][way]["first_picture_s"]["max"] > 0
        assert told["results"][way]["page_kb"] <= 300
