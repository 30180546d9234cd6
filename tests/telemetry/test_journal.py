"""The mask journal: one line of JSON for each frame."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from proxy.masking.plan import CoverReason
from proxy.redactors.regions import Regions
from proxy.telemetry.events import FramesDropped, FrameSent
from proxy.telemetry.journal import Journal, line_of
from proxy.vision.detections import Label

NOBODY = Regions(np.empty((0, 4), np.int32), np.empty(0, np.uint8), np.empty(0, np.int32))
TWO = Regions(
    np.array([[2, 4, 10, 20], [0, 0, 640, 360]], np.int32),
    np.array([Label.FACE, Label.BODY], np.uint8),
    np.array([3, -1], np.int32),
)


def test_a_frame_is_written_exactly_as_it_was_painted() -> None:
    assert line_of(FrameSent("c", 7, 9000, None, TWO)) == (
        '{"frame": 7, "pts_ms": 100.0, "cover": null, "regions": [{"xyxy": [2, 4, 10, 20], "label": "face", "track": 3}, '
        '{"xyxy": [0, 0, 640, 360], "label": "body", "track": -1}]}\n'
    )


def test_a_covered_frame_says_why() -> None:
    record = json.loads(line_of(FrameSent("c", 0, 0, CoverReason.LATE, NOBODY)))
    assert record == {"frame": 0, "pts_ms": 0.0, "cover": "late", "regions": []}


def test_the_journal_has_a_line_for_each_frame_and_for_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "masks.jsonl"
    with Journal.open(path) as journal:
        for index in range(3):
            journal.observe(FrameSent("c", index, index * 3003, None, TWO))
            journal.observe(FramesDropped("c", 1))
    assert [json.loads(line)["frame"] for line in path.read_text().splitlines()] == [0, 1, 2]


def test_a_job_that_fails_leaves_no_journal(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), Journal.open(tmp_path / "masks.jsonl") as journal:
        journal.observe(FrameSent("c", 0, 0, None, NOBODY))
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []
