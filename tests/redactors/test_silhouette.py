"""A silhouette depends on boxes alone, covers all of them, and leaves the rest."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.media.planes import Planes
from proxy.redactors.regions import Regions
from proxy.redactors.silhouette import MOST_TRACKS, Silhouette, margin_px
from proxy.vision.detections import Label
from tests.redactors.scenes import HEIGHT, WIDTH, Box, boxes, crowds, masks, noise, planes_of, region


def painted(regions: Regions, picture: Planes) -> Planes:
    Silhouette().paint(picture, regions, pts=0)
    return picture


def margins(regions: Regions) -> list[int]:
    rows = zip(regions.xyxy.tolist(), regions.label.tolist(), strict=True)
    return [margin_px(x2 - x1, y2 - y1, Label(label)) for (x1, y1, x2, y2), label in rows]


@settings(max_examples=60)
@given(crowds())
def test_inside_the_boxes_the_picture_says_nothing_and_beyond_the_margin_it_is_untouched(regions: Regions) -> None:
    before = planes_of(noise(1))
    one, other = planes_of(painted(regions, noise(1))), planes_of(painted(regions, noise(2)))
    hidden, touched = masks(regions, [0] * len(regions)), masks(regions, margins(regions))
    for was, first, second, inside, near in zip(before, one, other, hidden, touched, strict=True):
        assert (first[inside] == second[inside]).all()
        assert (first[~near] == was[~near]).all()


@settings(max_examples=30)
@given(boxes(), st.sampled_from(Label))
def test_the_margin_is_at_most_a_fifth_of_the_shorter_side_and_what_the_longer_wavers(box: Box, label: Label) -> None:
    width, height = box[2] - box[0], box[3] - box[1]
    margin = margin_px(width, height, label)
    assert margin % 2 == 0
    assert margin <= min(width, height) * 1.1 * 0.22 + max(width, height) * 0.05 + 12


def test_bodies_lose_less_room_than_heads() -> None:
    assert margin_px(104, 104, Label.BODY) < margin_px(104, 104, Label.HEAD) <= 40


def test_tones_stay_within_limited_range() -> None:
    for label in Label:
        picture = painted(region((40, 40, 200, 200), label=label), noise(3))
        assert 16 <= picture.y[40:200, 40:200].min() <= picture.y[40:200, 40:200].max() <= 235
        for plane in (picture.u, picture.v):
            assert 120 <= plane[20:100, 20:100].min() <= plane[20:100, 20:100].max() <= 136


def test_the_whole_upper_rim_of_a_body_is_opaque_wherever_the_head_is() -> None:
    box = (100, 60, 180, 220)
    black, white = noise(1), noise(1)
    black.y[:], white.y[:] = 16, 235
    assert (painted(region(box), black).y[60, 100:180] == painted(region(box), white).y[60, 100:180]).all()


def test_the_edge_is_soft_no_step_from_white_is_higher_than_a_third() -> None:
    picture = noise(1)
    picture.y[:] = 235
    painted(region((100, 60, 200, 220)), picture)
    across = picture.y[140].astype(int)
    assert across.min() < 100
    assert np.abs(np.diff(across)).max() <= (235 - across.min()) / 3


def test_nearer_bodies_lie_over_farther_ones_and_heads_over_all() -> None:
    far, near, head = (100, 40, 160, 180), (120, 60, 180, 220), (120, 50, 150, 80)
    labels = np.array([Label.HEAD, Label.BODY, Label.BODY], np.uint8)
    regions = Regions(np.array([head, near, far], np.int32), labels, np.arange(3, dtype=np.int32))
    together = planes_of(painted(regions, noise(1)))[0]
    alone = planes_of(painted(region(near), noise(1)))[0]
    faces = planes_of(painted(region(head, label=Label.HEAD), noise(1)))[0]
    assert (together[120:220, 120:180] == alone[120:220, 120:180]).all()
    assert (together[50:80, 120:150] == faces[50:80, 120:150]).all()


def test_a_head_is_lighter_than_the_body_under_it() -> None:
    picture = noise(1)
    Silhouette().paint(picture, region((100, 40, 180, 220)), pts=0)
    body = picture.y[60:90, 125:150].mean()
    Silhouette().paint(picture, region((120, 56, 154, 96), label=Label.HEAD), pts=0)
    assert picture.y[60:90, 125:150].mean() > body + 15


@pytest.mark.parametrize("box", [(0, 0, WIDTH, HEIGHT), (0, 0, 2, 2), (WIDTH - 8, HEIGHT - 6, WIDTH, HEIGHT), (0, 100, WIDTH, 102)])
@pytest.mark.parametrize("label", Label)
def test_borders_slivers_and_the_whole_picture_are_covered(box: Box, label: Label) -> None:
    x1, y1, x2, y2 = box
    one, other = painted(region(box, label=label), noise(1)), painted(region(box, label=label), noise(2))
    assert (one.y[y1:y2, x1:x2] == other.y[y1:y2, x1:x2]).all()
    assert (one.u[y1 // 2 : y2 // 2, x1 // 2 : x2 // 2] == other.u[y1 // 2 : y2 // 2, x1 // 2 : x2 // 2]).all()


def test_the_same_boxes_look_the_same_in_every_frame_and_wherever_they_are() -> None:
    redactor, first, second = Silhouette(), noise(1), noise(2)
    redactor.paint(first, region((40, 40, 120, 200)), pts=0)
    redactor.paint(second, region((60, 20, 140, 180)), pts=3600)
    assert (first.y[40:200, 40:120] == second.y[20:180, 60:140]).all()


def test_planes_with_padded_rows_are_painted_in_place() -> None:
    wide = noise(1)
    padded = Planes(wide.y[:, :300], wide.u[:, :150], wide.v[:, :150])
    painted(region((40, 40, 120, 200)), padded)
    assert (wide.y[40:200, 40:120] == painted(region((40, 40, 120, 200)), noise(2)).y[40:200, 40:120]).all()


def test_nobody_changes_nothing_and_it_cannot_be_undone() -> None:
    before = planes_of(noise(1))
    for was, now in zip(before, planes_of(painted(region(), noise(1))), strict=True):
        assert (was == now).all()
    assert not Silhouette.reversible


def extent(picture: Planes, before: Planes) -> tuple[int, int]:
    rows, columns = np.nonzero(picture.y != before.y)
    return int(columns.max() - columns.min()), int(rows.max() - rows.min())


def test_a_box_that_wavers_has_a_shape_that_does_not() -> None:
    redactor, sizes = Silhouette(), []
    for frame in range(20):
        picture = noise(1)
        redactor.paint(picture, region((100, 60, 180 + 2 * (frame % 3), 160 + 2 * (frame % 2)), track=4), pts=frame)
        sizes.append(extent(picture, noise(1)))
    assert len(set(sizes[3:])) == 1


def test_a_shape_grows_with_its_box_at_once_and_shrinks_in_the_end() -> None:
    redactor = Silhouette()
    widths = []
    for width in (40, 80, 120, 80, 40):
        picture = noise(1)
        redactor.paint(picture, region((20, 60, 20 + width, 200), track=4), pts=0)
        assert (
            picture.y[60:200, 20 : 20 + width] == painted(region((20, 60, 20 + width, 200)), noise(2)).y[60:200, 20 : 20 + width]
        ).mean() > 0.5
        widths.append(extent(picture, noise(1))[0])
    assert widths[0] < widths[1] < widths[2]
    assert widths[3] == widths[1]
    assert widths[4] == widths[0]


@settings(max_examples=40)
@given(st.lists(boxes(), min_size=2, max_size=6))
def test_whatever_was_painted_before_the_box_is_covered_and_nothing_beyond_the_margin(path: list[Box]) -> None:
    redactor = Silhouette()
    for box in path:
        one, other, regions = noise(1), noise(2), region(box, track=4)
        redactor.paint(one, regions, pts=0)
        redactor.paint(other, regions, pts=0)
        inside, near = masks(regions, [0])[0], masks(regions, margins(regions))[0]
        assert (one.y[inside] == other.y[inside]).all()
        assert (one.y[~near] == noise(1).y[~near]).all()


def test_what_is_remembered_of_tracks_is_bounded() -> None:
    redactor = Silhouette()
    for track in range(MOST_TRACKS + 20):
        redactor.paint(noise(1), region((0, 0, 8, 8), track=track), pts=0)
    assert len(redactor._sizes._held) == MOST_TRACKS
