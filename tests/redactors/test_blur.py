"""A blur is as strong as the head is wide."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from proxy.redactors.blur import LEAST_PERCENT, MOST_PERCENT, PERCENT, Blur
from proxy.redactors.regions import Regions
from proxy.vision.detections import Label
from tests.redactors.scenes import crowds, masks, noise, planes_of, region


@settings(max_examples=40)
@given(crowds())
def test_outside_the_boxes_nothing_changes(regions: Regions) -> None:
    picture = noise(1)
    before = planes_of(picture)
    Blur().paint(picture, regions, pts=0)
    for was, now, hidden in zip(before, planes_of(picture), masks(regions, [0] * len(regions)), strict=True):
        assert (now[~hidden] == was[~hidden]).all()


@pytest.mark.parametrize("side", [24, 48, 96, 192])
def test_stripes_of_a_quarter_head_vanish_at_every_size(side: int) -> None:
    picture = noise(1)
    picture.y[:] = np.where(np.arange(320) // max(side // 8, 1) % 2, 200, 40).astype(np.uint8)
    box = (20, 20, 20 + side, 20 + side)
    Blur().paint(picture, region(box, label=Label.HEAD), pts=0)
    columns = picture.y[20 : 20 + side, 20 : 20 + side].mean(axis=0)
    assert columns.max() - columns.min() < 45


def test_a_larger_percentage_leaves_less() -> None:
    """On average over what noise each redactor drew."""
    left = [np.mean([contrast_left(Blur(percent)) for _ in range(12)]) for percent in (LEAST_PERCENT, PERCENT, MOST_PERCENT)]
    assert left[0] > left[1] + 10 > left[2] + 20, left


def contrast_left(redactor: Blur) -> float:
    """Of stripes of 160 grey levels under a head's mask."""
    picture = noise(1)
    picture.y[:] = np.where(np.arange(320) // 48 % 2, 200, 40).astype(np.uint8)
    redactor.paint(picture, region((20, 20, 116, 116), label=Label.HEAD), pts=0)
    columns = picture.y[20:116, 20:116].mean(axis=0)
    return float(columns.max() - columns.min())


def test_noise_lies_still_so_that_averaging_does_not_remove_it() -> None:
    redactor = Blur()
    frames = []
    for pts in (0, 3600):
        picture = noise(1)
        redactor.paint(picture, region((100, 60, 180, 160)), pts=pts)
        frames.append(picture.y[60:160, 100:180].copy())
    assert (frames[0] == frames[1]).all()
    other = noise(1)
    Blur().paint(other, region((100, 60, 180, 160)), pts=0)
    assert (other.y[60:160, 100:180] != frames[0]).any()


def test_it_is_called_reversible() -> None:
    assert Blur.reversible
