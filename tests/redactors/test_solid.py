"""A solid fill leaves nothing of what it covers, and everything else."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings

from proxy.redactors.regions import Regions
from proxy.redactors.solid import Solid
from tests.redactors.scenes import crowds, masks, noise, planes_of


@settings(max_examples=40)
@given(crowds())
def test_every_pixel_inside_is_one_tone_and_every_pixel_outside_untouched(regions: Regions) -> None:
    picture = noise(1)
    before = planes_of(picture)
    Solid().paint(picture, regions, pts=0)
    for was, now, inside in zip(before, planes_of(picture), masks(regions, [0] * len(regions)), strict=True):
        assert len(np.unique(now[inside])) <= 1
        assert (now[~inside] == was[~inside]).all()


def test_it_cannot_be_undone() -> None:
    assert not Solid.reversible
