"""Who lies in an exempt zone as a whole is left out, and nobody else is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.masking.zones import Zone, ZoneKind, agreed, clear, contains, exempted
from proxy.vision.detections import Detections, Label

SQUARE = ((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75))
WIDTH, HEIGHT = 640, 360
INSIDE = (200, 100, 300, 260)
ACROSS = (100, 100, 300, 260)


def people(*boxes):
    return Detections.of(np.array(boxes, np.float32), np.full(len(boxes), 0.9, np.float32), Label.BODY)


def left(zones, *boxes, now_s=0.0):
    found = exempted(zones, people(*boxes), width=WIDTH, height=HEIGHT, now_s=now_s)
    return [tuple(int(side) for side in box) for box in found.xyxy]


def test_who_is_in_it_is_left_out_and_who_reaches_out_of_it_is_hidden():
    assert left([Zone(ZoneKind.IGNORED, SQUARE)], INSIDE, ACROSS) == [ACROSS]


def test_a_covered_zone_exempts_nobody_and_no_zone_at_all_changes_nothing():
    assert left([Zone(ZoneKind.COVERED, SQUARE)], INSIDE) == [INSIDE]
    assert left([], INSIDE, ACROSS) == [INSIDE, ACROSS]
    assert left([Zone(ZoneKind.IGNORED, SQUARE)]) == []


def test_consent_ends_at_its_time_and_is_no_reason_not_to_look():
    zone = Zone(ZoneKind.CONSENT, SQUARE, until_s=1000.0)
    assert agreed([zone, Zone(ZoneKind.IGNORED, SQUARE), Zone(ZoneKind.COVERED, SQUARE)], now_s=999.9) == (SQUARE,)
    assert agreed([zone], now_s=1000.0) == ()
    assert left([zone], INSIDE, now_s=0) == [INSIDE]


def test_a_person_around_whom_a_zone_bends_is_hidden():
    """The corners of the box lie in the zone, and its middle does not."""
    horseshoe = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.7, 0.9), (0.7, 0.3), (0.3, 0.3), (0.3, 0.9), (0.1, 0.9))
    assert left([Zone(ZoneKind.IGNORED, horseshoe)], (80, 50, 560, 320)) == [(80, 50, 560, 320)]


@pytest.mark.parametrize(
    ("box", "now_s", "apart"),
    [
        ((300, 150, 320, 170), 0.0, False),
        ((150, 150, 170, 170), 0.0, False),
        ((100, 150, 120, 170), 0.0, True),
        ((300, 150, 320, 170), 1005.0, False),
        ((300, 150, 320, 170), 1020.0, True),
    ],
    ids=["in it", "across its edge", "beside it", "it is over since lately", "it is over"],
)
def test_what_touches_a_zone_in_which_nobody_is_detected_is_not_clear_of_it(box, now_s, apart):
    zones = [Zone(ZoneKind.IGNORED, SQUARE, until_s=1000.0), Zone(ZoneKind.COVERED, ((0, 0), (1, 0), (1, 1), (0, 1)))]
    boxes = np.array([box], np.float64)
    assert clear(zones, boxes, width=WIDTH, height=HEIGHT, now_s=now_s).tolist() == [apart]
    assert clear(zones, boxes[:0], width=WIDTH, height=HEIGHT, now_s=now_s).tolist() == []


shares = st.floats(0, 1, width=32)


@given(st.lists(st.tuples(shares, shares), min_size=3, max_size=8), shares, shares, shares, shares)
def test_only_what_a_zone_contains_is_ever_left_out(points, x, y, width, height):
    box = (x * WIDTH, y * HEIGHT, x * WIDTH + width * WIDTH + 1, y * HEIGHT + height * HEIGHT + 1)
    zone = Zone(ZoneKind.IGNORED, tuple(points))
    found = exempted([zone], people(box), width=WIDTH, height=HEIGHT, now_s=0)
    if not len(found):
        clipped = np.clip(np.array(box), 0, (WIDTH, HEIGHT, WIDTH, HEIGHT))
        middle = np.array([(clipped[0] + clipped[2]) / 2 / WIDTH, (clipped[1] + clipped[3]) / 2 / HEIGHT])
        assert contains(zone.points, middle)


@pytest.mark.parametrize(("where", "inside"), [((0.5, 0.5), True), ((0.1, 0.5), False), ((0.5, 0.9), False), ((0.74, 0.26), True)])
def test_a_polygon_contains_what_lies_in_it(where, inside):
    assert bool(contains(SQUARE, np.array(where))) is inside
