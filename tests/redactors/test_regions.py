"""Boxes are rounded outwards, clipped, and refused when they are no boxes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.masking.plan import CoverRegions
from proxy.redactors.regions import Regions, people_in
from proxy.vision.detections import Label

COORDINATE = st.floats(-500, 900, width=32)


def outward(*boxes: tuple[float, float, float, float]) -> Regions:
    count = len(boxes)
    plan = CoverRegions(np.array(boxes, np.float32).reshape(-1, 4), np.full(count, 2, np.uint8), np.arange(count, dtype=np.int32))
    return Regions.outward(plan, width=320, height=240)


@given(COORDINATE, COORDINATE, COORDINATE, COORDINATE)
def test_every_pixel_that_a_box_touches_is_in_its_region(a: float, b: float, c: float, d: float) -> None:
    x1, x2, y1, y2 = min(a, b), max(a, b), min(c, d), max(c, d)
    regions = outward((x1, y1, x2, y2))
    inside = [(x, y) for x in {0, 319, int(max(x1, 0))} for y in {0, 239, int(max(y1, 0))}]
    for x, y in inside:
        if x < min(x2, 320) and x + 1 > max(x1, 0) and y < min(y2, 240) and y + 1 > max(y1, 0):
            left, top, right, bottom = regions.xyxy[0].tolist()
            assert left <= x < right
            assert top <= y < bottom
    assert (regions.xyxy % 2 == 0).all()
    assert ((regions.xyxy >= 0) & (regions.xyxy <= [320, 240, 320, 240])).all()


def test_boxes_wholly_outside_are_dropped_and_the_others_keep_their_labels() -> None:
    regions = outward((-50, 0, -10, 20), (3, 3, 5, 5), (400, 0, 500, 20))
    assert regions.xyxy.tolist() == [[2, 2, 6, 6]]
    assert regions.track.tolist() == [1]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_box_with_nan_or_infinity_is_refused(bad: float) -> None:
    for place in range(4):
        box = [0.0, 0.0, 10.0, 10.0]
        box[place] = bad
        with pytest.raises(ValueError, match="finite"):
            outward((0, 0, 4, 4), (box[0], box[1], box[2], box[3]))


def test_a_box_with_swapped_corners_is_refused() -> None:
    with pytest.raises(ValueError, match="x1 <= x2"):
        outward((10, 0, 4, 8))


def test_nobody_stays_nobody() -> None:
    assert len(Regions.outward(CoverRegions.nobody(), width=320, height=240)) == 0


def people(*labels: Label) -> int:
    count = len(labels)
    return people_in(Regions(np.zeros((count, 4), np.int32), np.array(labels, np.uint8), np.arange(count, dtype=np.int32)))


def test_people_are_counted_once_however_many_of_their_parts_are_hidden() -> None:
    assert people() == 0
    assert people(Label.BODY, Label.HEAD, Label.FACE, Label.BODY) == 2
    assert people(Label.HEAD, Label.HEAD, Label.FACE) == 2
