"""Only who surely stands in a zone whose people agreed is shown, and never anybody beside or behind them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.masking.consent import Polygon, settled, shown, standing
from proxy.masking.regions import Covered
from proxy.masking.zones import contains

PICTURE = np.array([640.0, 360.0])
FLOOR: Polygon = ((0.1, 0.6), (0.6, 0.6), (0.6, 0.95), (0.1, 0.95))
"""64..384 across, 216..342 down."""
BODY = [100.0, 100.0, 180.0, 300.0]
FACE = [128.0, 106.0, 152.0, 140.0]
OTHER = [450.0, 100.0, 530.0, 300.0]
BESIDE = [260.0, 100.0, 340.0, 300.0]


def boxes(rows: object) -> np.ndarray:
    return np.array(rows, np.float64).reshape(-1, 4)


def people(rows: object, feet: object = None) -> Covered:
    found = boxes(rows)
    ends = np.stack([found[:, 0], found[:, 3], found[:, 2], found[:, 3]], axis=1) if feet is None else boxes(feet)
    count = len(found)
    return Covered(found, np.arange(count), np.full(count, 3), ends, np.full(count, fill_value=True))


def stand(rows: object, feet: object = None, zones: tuple[Polygon, ...] = (FLOOR,)) -> list[bool]:
    return list(map(bool, standing(people(rows, feet), zones, PICTURE)))


def seen(rows: object, faces: object, stands: list[bool]) -> list[list[bool]]:
    return [list(map(bool, mask)) for mask in shown(boxes(rows), boxes(faces), np.array(stands, np.bool_))]


def test_who_has_their_feet_in_the_zone_stands_in_it_wherever_their_head_is() -> None:
    assert stand([BODY, OTHER]) == [True, False]
    assert stand([BODY], zones=()) == [False]
    assert stand([], zones=(FLOOR,)) == []


@pytest.mark.parametrize(
    ("body", "feet"),
    [
        pytest.param([40, 100, 120, 300], None, id="one foot outside"),
        pytest.param([100, 100, 180, 200], None, id="feet behind the zone"),
        pytest.param([100, 100, 180, 359], None, id="cut by the picture"),
        pytest.param([100, 100, 180, 365], None, id="out of the picture"),
        pytest.param([100, 240, 200, 300], None, id="as broad as tall"),
        pytest.param(BODY, [100, 190, 180, 300], id="feet were behind the zone before"),
        pytest.param(BODY, [30, 290, 180, 300], id="feet were beside the zone before"),
        pytest.param(BODY, [100, 300, 420, 310], id="feet will be beside the zone"),
    ],
)
def test_whose_feet_may_be_elsewhere_or_are_not_seen_does_not_stand_in_it(body: list[float], feet: list[float] | None) -> None:
    assert stand([body], feet) == [False]


def test_a_zone_that_bends_around_feet_or_has_a_dent_between_them_does_not_hold_them() -> None:
    dented: Polygon = ((0.1, 0.6), (0.21, 0.6), (0.211, 0.9), (0.212, 0.6), (0.6, 0.6), (0.6, 0.95), (0.1, 0.95))
    assert stand([BODY], zones=(dented,)) == [False]
    assert stand([BESIDE], zones=(dented,)) == [True]


def test_who_was_seen_seldom_or_on_one_side_of_the_moment_only_is_not_known_well_enough() -> None:
    rows = boxes([BODY] * 3)
    bodies = Covered(rows, np.arange(3), np.array([3, 2, 3]), rows, np.array([True, True, False]))
    assert settled(bodies).tolist() == [True, False, False]


def test_two_zones_do_not_add_up_to_one() -> None:
    left, right = ((0.1, 0.6), (0.2, 0.6), (0.2, 0.95), (0.1, 0.95)), ((0.2, 0.6), (0.6, 0.6), (0.6, 0.95), (0.2, 0.95))
    assert stand([BODY], zones=(left, right)) == [False]
    assert stand([BODY], zones=(left, FLOOR)) == [True]


def test_who_stands_there_is_shown_with_their_own_face_and_nobody_else_is() -> None:
    assert seen([BODY, OTHER], [FACE, [478, 106, 502, 140]], [True, False]) == [[True, False], [True, False]]
    assert seen([BODY], [], [True]) == [[True], []]


def test_two_who_agreed_may_overlap() -> None:
    near = [150.0, 105.0, 230.0, 310.0]
    assert seen([BODY, near], [FACE, [178, 112, 202, 146]], [True, True]) == [[True, True], [True, True]]


def test_who_did_not_agree_and_overlaps_is_hidden_with_their_face_and_the_face_that_may_be_theirs() -> None:
    near = [110.0, 90.0, 190.0, 200.0]
    assert seen([BODY, near], [FACE], [True, False]) == [[True, False], [False]]


@pytest.mark.parametrize(
    "faces",
    [
        pytest.param([FACE, [140, 110, 164, 150]], id="two faces where one is"),
        pytest.param([[128, 200, 152, 240]], id="a child's face before them"),
        pytest.param([[166, 106, 190, 140]], id="a face beside their shoulder"),
        pytest.param([FACE, [166, 150, 190, 190]], id="another face in the box"),
    ],
)
def test_anything_unsure_is_hidden(faces: list[list[float]]) -> None:
    assert not any(any(mask) for mask in seen([BODY], faces, [True]))


def test_a_face_without_a_body_is_hidden() -> None:
    assert seen([], [FACE], []) == [[], [False]]
    assert seen([BESIDE], [FACE], [True]) == [[True], [False]]


shares = st.integers(0, 1000).map(lambda number: number / 1000)
polygons = st.lists(st.tuples(shares, shares), min_size=3, max_size=8).map(tuple)
box = st.tuples(st.floats(-50, 600), st.floats(-50, 340), st.floats(1, 300), st.floats(1, 300)).map(
    lambda sides: [sides[0], sides[1], sides[0] + sides[2], sides[1] + sides[3]]
)


@given(polygons, box)
def test_whoever_stands_in_a_zone_has_every_part_of_their_feet_in_it_and_in_the_picture(points: Polygon, body: list[float]) -> None:
    if stand([body], zones=(points,)) == [True]:
        feet = [((body[0] + share * (body[2] - body[0])) / 640, body[3] / 360) for share in (0, 0.25, 0.5, 0.75, 1)]
        assert contains(points, np.array(feet)).all()
        assert body[3] < 360


@given(polygons, st.lists(box, max_size=4), box)
def test_doubt_about_where_feet_are_shows_nobody_more(points: Polygon, bodies: list[list[float]], room: list[float]) -> None:
    sure = people(bodies)
    wider = np.concatenate([np.minimum(sure.feet[:, :2], room[:2]), np.maximum(sure.feet[:, 2:], room[2:])], axis=1)
    doubted = stand(bodies, wider, zones=(points,))
    assert not [1 for before, after in zip(stand(bodies, zones=(points,)), doubted, strict=True) if after and not before]


@given(st.lists(st.tuples(box, st.booleans()), max_size=4), st.lists(box, max_size=4))
def test_nobody_is_shown_who_does_not_stand_there_and_each_shown_face_is_one_of_theirs(
    people_: list[tuple[list[float], bool]], faces: list[list[float]]
) -> None:
    bodies, stands = [body for body, _ in people_], [stood for _, stood in people_]
    bodies_seen, faces_seen = seen(bodies, faces, stands)
    assert not [1 for visible, stood in zip(bodies_seen, stands, strict=True) if visible and not stood]
    assert sum(faces_seen) <= sum(bodies_seen)
    for face, visible in zip(faces, faces_seen, strict=True):
        x, y = (face[0] + face[2]) / 2, (face[1] + face[3]) / 2
        around = [
            visible
            for body, visible in zip(bodies, bodies_seen, strict=True)
            if body[0] <= x <= body[2] and body[1] <= y <= body[3]
        ]
        assert not visible or (around and all(around))
