"""Only who surely wears a badge in this frame is shown, and never anybody beside them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.masking.badges import wearers

BODY = [100.0, 100.0, 200.0, 400.0]
FACE = [130.0, 110.0, 170.0, 160.0]
BADGE = [135.0, 200.0, 165.0, 230.0]
OTHER = [300.0, 100.0, 400.0, 400.0]


def shown(bodies, faces, badges, *, known=True):
    boxes = (np.array(boxes, np.float64).reshape(-1, 4) for boxes in (bodies, faces, badges))
    found = wearers(*boxes, np.full(len(bodies), known))
    return [list(map(bool, mask)) for mask in found]


def test_who_wears_a_badge_is_shown_with_their_face_and_nobody_else_is():
    assert shown([BODY, OTHER], [FACE, [330, 110, 370, 160]], [BADGE]) == [[True, False], [True, False]]
    assert shown([BODY], [], [BADGE]) == [[True], []]


@pytest.mark.parametrize(
    ("bodies", "faces", "badges"),
    [
        pytest.param([BODY], [FACE], [], id="no badge"),
        pytest.param([BODY], [FACE], [[135, 350, 165, 380]], id="at the legs"),
        pytest.param([BODY], [FACE], [[135, 105, 165, 135]], id="before the face"),
        pytest.param([BODY], [FACE], [[205, 200, 235, 230]], id="beside"),
        pytest.param([BODY], [FACE], [[110, 200, 190, 280]], id="too large: nearer than the person"),
        pytest.param([BODY], [FACE], [BADGE, [135, 250, 165, 280]], id="two badges"),
        pytest.param([BODY], [FACE, [160, 120, 200, 170]], [BADGE], id="two faces"),
        pytest.param([BODY], [[130, 300, 170, 350]], [BADGE], id="a face below it"),
        pytest.param([BODY], [[175, 110, 198, 160]], [BADGE], id="a face far beside it"),
        pytest.param([BODY], [[140, 180, 165, 205]], [BADGE], id="a face above it, but below a head of that body"),
        pytest.param([BODY, [190, 100, 300, 400]], [[175, 110, 205, 160]], [[170, 200, 190, 220]], id="a face in two bodies"),
        pytest.param([BODY, [150, 100, 250, 400]], [FACE], [BADGE], id="somebody overlaps"),
        pytest.param([BODY, [120, 110, 180, 390]], [FACE], [BADGE], id="somebody is within"),
        pytest.param([], [FACE], [BADGE], id="a face alone"),
    ],
)
def test_anything_unsure_is_hidden(bodies, faces, badges):
    assert not any(any(mask) for mask in shown(bodies, faces, badges))


def test_a_body_that_is_not_known_well_enough_is_hidden():
    assert shown([BODY], [FACE], [BADGE], known=False) == [[False], [False]]


def test_a_face_low_in_a_body_that_the_picture_cuts_at_the_waist_is_its_own():
    assert shown([[100, 100, 300, 300]], [[170, 130, 230, 220]], [[180, 225, 220, 265]]) == [[True], [True]]


BOX = st.tuples(st.floats(0, 500), st.floats(0, 500), st.floats(1, 300), st.floats(1, 300)).map(
    lambda box: [box[0], box[1], box[0] + box[2], box[1] + box[3]]
)


@given(st.lists(BOX, max_size=4), st.lists(BOX, max_size=4), st.lists(BOX, max_size=3))
def test_no_more_people_are_shown_than_there_are_badges(bodies, faces, badges):
    worn, seen = shown(bodies, faces, badges)
    assert sum(worn) <= len(badges)
    assert sum(seen) <= sum(worn)
