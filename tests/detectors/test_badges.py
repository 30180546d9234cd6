"""Badges are found where they are, and only those that were asked for."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from proxy.detectors.badges import LAST, Badges
from proxy.media.formats import VideoFormat
from proxy.media.planes import Planes

SHAPE = VideoFormat(640, 360)
BODY = np.array([[250.5, 40.0, 520.0, 400.0]])


def scene(number: int, *, side: int = 64, x: int = 300, y: int = 120) -> Planes:
    """A grey picture with one badge on white in it."""
    buffer = np.full(SHAPE.buffer_shape, 128, np.uint8)
    buffer[y - 12 : y + side + 12, x - 12 : x + side + 12] = 220
    buffer[y : y + side, x : x + side] = badge(number, side)
    return Planes.of_buffer(buffer, SHAPE)


def badge(number: int, side: int) -> NDArray[np.uint8]:
    drawn = cv2.aruco.generateImageMarker(cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_6X6_250), number, side)
    return np.asarray(20 + (drawn > 127) * 190, np.uint8)


@pytest.mark.parametrize("side", [32, 64, 160])
def test_a_badge_is_found_where_it_is(side: int) -> None:
    (found,) = Badges([7, 17]).seen_in(scene(17, side=side), BODY)
    assert found == pytest.approx([300, 120, 300 + side, 120 + side], abs=3)


def test_other_badges_and_pictures_without_any_are_nothing() -> None:
    assert Badges([7]).seen_in(scene(17), BODY).shape == (0, 4)
    noise = np.random.default_rng(3).integers(0, 255, SHAPE.buffer_shape, np.uint8)
    assert Badges(range(LAST + 1)).seen_in(Planes.of_buffer(noise, SHAPE), BODY).shape == (0, 4)
    assert Badges([]).seen_in(scene(17), BODY).shape == (0, 4)


@pytest.mark.parametrize("part", [(slice(100, 152), slice(280, 380)), (slice(130, 140), slice(310, 330))])
def test_a_badge_of_which_a_part_is_hidden_is_none(part: tuple[slice, slice]) -> None:
    planes = scene(17)
    planes.y[part] = 128
    assert len(Badges([17]).seen_in(planes, BODY)) == 0


def test_only_the_parts_that_are_asked_for_are_looked_at() -> None:
    badges, planes = Badges([17]), scene(17)
    assert len(badges.seen_in(planes, np.array([[0.0, 0.0, 250.0, 360.0]]))) == 0
    assert len(badges.seen_in(planes, np.empty((0, 4)))) == 0
    assert len(badges.seen_in(planes, np.array([[-50.0, -50.0, -10.0, 20.0], [700.0, 0.0, 900.0, 100.0]]))) == 0
    assert len(badges.seen_in(planes, np.array([[-50.0, -50.0, 900.0, 900.0], *BODY]))) == 1, "and each is found once"
