"""The ground truth beside each sample clip fits the clip."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import av
import pytest

CLIPS = Path(__file__).parents[2] / "sample_videos"
NAMES = ("street", "cafe", "cuts", "empty", "vfr")


def _truth(name: str) -> dict:
    return json.loads((CLIPS / f"{name}.json").read_text())


def _pts_ms(name: str) -> list[float]:
    with av.open(str(CLIPS / f"{name}.mp4")) as container:
        return [float(frame.pts * frame.time_base * 1000) for frame in container.decode(video=0)]


def _rotation(name: str) -> int:
    with av.open(str(CLIPS / f"{name}.mp4")) as container:
        return next(container.decode(video=0)).rotation


@pytest.mark.parametrize("name", NAMES)
def test_every_decoded_frame_has_a_row_with_its_time(name: str) -> None:
    rows = _truth(name)["frames"]
    assert [row["frame"] for row in rows] == list(range(len(rows)))
    assert [row["pts_ms"] for row in rows] == pytest.approx(_pts_ms(name), abs=0.01)


@pytest.mark.parametrize("name", NAMES)
def test_the_size_is_that_of_the_upright_picture(name: str) -> None:
    truth = _truth(name)
    with av.open(str(CLIPS / f"{name}.mp4")) as container:
        stored = container.streams.video[0].width, container.streams.video[0].height
    shown = stored[::-1] if _rotation(name) % 180 else stored
    assert (truth["width"], truth["height"]) == shown


@pytest.mark.parametrize("name", NAMES)
def test_boxes_are_inside_the_picture_and_face_in_head_in_body(name: str) -> None:
    truth = _truth(name)
    for row in truth["frames"]:
        for person in row["persons"]:
            boxes = [(0, 0, truth["width"], truth["height"]), person["body"], person["head"], person["face"]]
            known = [box for box in boxes if box is not None]
            for outer, inner in itertools.pairwise(known):
                assert outer[0] <= inner[0] < inner[2] <= outer[2]
                assert outer[1] <= inner[1] < inner[3] <= outer[3]
            assert 0 < person["visibility"] <= 1


def test_ids_are_unique_within_a_frame() -> None:
    for name in NAMES:
        for row in _truth(name)["frames"]:
            ids = [person["id"] for person in row["persons"]]
            assert len(ids) == len(set(ids))


def test_somebody_is_there_for_three_frames_only() -> None:
    frames = [person["id"] for row in _truth("cuts")["frames"] for person in row["persons"]]
    assert sum(frames.count(number) == 3 for number in set(frames)) >= 3


def test_nobody_is_in_the_empty_clip() -> None:
    assert not any(row["persons"] for row in _truth("empty")["frames"])


def test_heads_span_from_far_to_near() -> None:
    heights = [
        person["head"][3] - person["head"][1] for row in _truth("street")["frames"] for person in row["persons"] if person["head"]
    ]
    assert min(heights) <= 16
    assert max(heights) >= 100


def test_one_clip_has_uneven_times_and_lies_on_its_side() -> None:
    times = _pts_ms("vfr")
    assert len({round(later - earlier) for earlier, later in itertools.pairwise(times)}) > 1
    assert abs(_rotation("vfr")) == 90
