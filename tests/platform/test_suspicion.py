"""A face that is seen again and again is a finding; flickers are none, however many."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from proxy.media.time import TICKS_PER_SECOND
from proxy.platform.suspicion import LASTING, REMEMBERED, SIGHTINGS, Found, Suspicion
from proxy.vision.detections import Detections, Label

STEP = TICKS_PER_SECOND // 4


def at(*boxes: tuple[float, float, float]) -> Detections:
    """Faces of 40 pixels as (x, y, score)."""
    xyxy = np.array([(x, y, x + 40, y + 40) for x, y, _ in boxes], np.float32).reshape(-1, 4)
    return Detections.of(xyxy, np.array([score for _, _, score in boxes], np.float32), Label.FACE)


def watched(looks: list[Detections], step: int = STEP) -> list[Found]:
    suspicion = Suspicion()
    return [found for number, faces in enumerate(looks) for found in suspicion.saw(number * step, faces)]


def test_a_face_that_stays_is_told_once_and_a_second_one_too():
    assert watched([at((100, 100, 0.9))] * 20) == [Found(SIGHTINGS, 3 * STEP)]
    assert len(watched([at((100, 100, 0.9), (400, 100, 0.9))] * 20)) == 2


def test_a_face_that_walks_is_followed():
    assert len(watched([at((100 + 25 * number, 100, 0.8)) for number in range(12)])) == 1


def test_a_face_that_is_seen_now_and_then_is_followed_too():
    assert watched([at((100, 100, 0.8)) if number % 3 == 0 else at() for number in range(20)])


def test_flickers_and_what_nobody_is_sure_of_are_no_findings():
    assert watched([at((137 * number % 900, 211 * number % 500, 0.9)) for number in range(60)]) == []
    assert watched([at((100, 100, 0.55))] * 40) == []
    assert watched([at((100, 100, 0.9))] * (SIGHTINGS - 1) + [at()] * 20) == []


def test_many_looks_in_a_moment_are_no_finding():
    assert watched([at((100, 100, 0.9))] * (SIGHTINGS + 2), step=LASTING // (SIGHTINGS + 2)) == []


@given(st.integers(min_value=1, max_value=10 * REMEMBERED))
def test_what_was_seen_before_a_break_or_a_jump_back_counts_no_more(away):
    suspicion = Suspicion()
    for number in range(SIGHTINGS - 1):
        assert suspicion.saw(10**9 + number * STEP, at((100, 100, 0.9))) == []
    assert suspicion.saw(10**9 - away, at((100, 100, 0.9))) == []
    assert suspicion.saw(2 * 10**9, at((100, 100, 0.9))) == []


def test_more_faces_than_can_be_followed_are_a_finding():
    crowd = at(*((number % 40 * 45, number // 40 * 45, 0.9) for number in range(400)))
    assert watched([crowd]) == [Found(400, 0)]
