"""Persons are matched across frames only when they have left the place where they were."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.bodies import colours, looks, moments
from benchmarks.seen import SIDE, central
from benchmarks.useful import similarity


def row(frame: int, **boxes: list[int]) -> dict[str, object]:
    regions = [{"xyxy": box, "label": "body", "track": int(name[1:])} for name, box in boxes.items()]
    return {"frame": frame, "pts_ms": frame * 100.0, "cover": None, "regions": regions}


def test_who_stands_still_or_is_seen_too_briefly_is_not_asked_for() -> None:
    walks = [[frame * 10, 0, frame * 10 + 40, 100] for frame in range(30)]
    journal = [
        row(frame, t1=walks[frame], t2=[200, 0, 240, 100], **({"t3": walks[frame]} if frame < 8 else {})) for frame in range(30)
    ]
    first, later = moments(journal)
    assert [(moment.track, moment.frame) for moment in first] == [(1, 0)]
    assert {moment.track for moment in later} == {1}
    assert all(moment.frame >= 10 for moment in later)
    assert 1 <= len(later) <= 4


def test_the_same_clothes_are_nearer_than_others() -> None:
    random = np.random.default_rng(1)
    red, blue = (
        np.clip(np.array(tone) + random.normal(0, 8, (80, 40, 3)), 0, 255).astype(np.uint8)
        for tone in ((30, 30, 200), (200, 30, 30))
    )
    again = np.roll(red, 3, axis=0)
    for feature in (colours, looks):
        assert np.linalg.norm(feature(red) - feature(again)) < np.linalg.norm(feature(red) - feature(blue))


def test_only_a_face_in_the_middle_and_of_a_likely_size_counts_as_found() -> None:
    middle = [SIDE / 2 - 40, SIDE / 2 - 50, SIDE / 2 + 40, SIDE / 2 + 50]
    speck, corner = [SIDE / 2 - 5, SIDE / 2 - 5, SIDE / 2 + 5, SIDE / 2 + 5], [0, 0, 80, 100]
    assert central(np.array([middle, speck, corner], np.float64)).tolist() == [True, False, False]


def test_a_picture_is_like_itself_and_unlike_noise() -> None:
    image = np.random.default_rng(1).integers(0, 256, (64, 64), np.uint8)
    assert similarity(image, image).min() == pytest.approx(1.0, abs=1e-3)
    assert similarity(image, np.random.default_rng(2).integers(0, 256, (64, 64), np.uint8)).mean() < 0.1
