"""Every way of hiding that is attacked hides, and nothing is put on the scales."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.fusion import fused
from benchmarks.hiders import hiders
from benchmarks.people import Photo, chip_box, crop
from proxy.redactors.method import Method

FACE = np.array([70.0, 70.0, 142.0, 170.0])


def photo(seed: int = 1) -> Photo:
    small = np.random.default_rng(seed).integers(0, 256, (25, 25, 3), np.uint8)
    return Photo(crop(small, np.array([0, 0, 25, 25.0]), (250, 250)), FACE, seed)


@pytest.mark.parametrize("name", [name for name in hiders() if name != "none"])
def test_the_face_is_changed_and_a_far_corner_is_not(name: str) -> None:
    shown, found = photo(), hiders()[name]().hide(photo())
    x1, y1, x2, y2 = np.rint(found.face).astype(int)
    assert np.abs(found.image[y1:y2, x1:x2].astype(int) - shown.image[y1:y2, x1:x2]).mean() > 8
    assert np.abs(found.image[:20, 230:].astype(int) - shown.image[:20, 230:]).mean() < 6


def test_none_leaves_the_picture() -> None:
    assert (hiders()["none"]().hide(photo()).image == photo().image).all()


@pytest.mark.parametrize("method", list(Method))
def test_the_product_paints_its_own_boxes_and_the_mask_tells_where_the_face_is(method: Method) -> None:
    found = hiders()[method]().hide(photo())
    assert (found.box[:2] < FACE[:2]).all()
    assert (found.box[2:] > FACE[2:]).all()
    assert np.abs(found.face - FACE).max() < 0.08 * (FACE[3] - FACE[1])


@pytest.mark.parametrize("method", ["silhouette", "solid"])
def test_two_people_leave_the_same_pixels(method: str) -> None:
    one, other = (hiders()[method]().hide(photo(seed)) for seed in (1, 2))
    x1, y1, x2, y2 = one.box.astype(int)
    assert (one.image[y1:y2, x1:x2] == other.image[y1:y2, x1:x2]).all()


@pytest.mark.parametrize("head_px", [24, 96, 192])
def test_a_photograph_is_shown_at_the_size_asked_for(head_px: int) -> None:
    shown = photo().shown_at(head_px)
    assert shown.head_px == pytest.approx(head_px)
    assert shown.image.shape[0] % 2 == shown.image.shape[1] % 2 == 0
    patch = crop(shown.image, chip_box(shown.face), (40, 40)).astype(int)
    assert np.abs(patch - crop(photo().image, chip_box(FACE), (40, 40))).mean() < 12


def test_fused_frames_of_an_unhidden_face_show_it_and_of_a_hidden_one_do_not() -> None:
    clear = crop(photo().image, chip_box(FACE), (150, 150)).astype(float)

    def likeness(name: str) -> float:
        film = fused(hiders()[name](), photo(), 96, (1, 8), track=3)
        assert sorted(film) == [1, 8]
        return float(np.corrcoef(film[8].reshape(-1), clear.reshape(-1))[0, 1])

    assert likeness("none") > 0.95
    assert abs(likeness("silhouette")) < 0.3
