"""Attacks break what is known to be weak, and find nothing where nothing is."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.attacks import box_kernel, gaussian, looked_up, outlines, pixels, sharpened, surroundings, whitening
from benchmarks.hiders import Hidden

U8 = NDArray[np.uint8]


def picture(seed: int, side: int = 120) -> U8:
    """Soft blotches: a picture with details of many sizes."""
    noise = np.random.default_rng(seed).integers(0, 256, (side, side, 3), np.uint8)
    soft = cv2.GaussianBlur(noise, (0, 0), 3).astype(np.float32)
    return np.clip((soft - soft.mean()) * 5 + 128, 0, 255).astype(np.uint8)


def hidden(image: U8, box: tuple[float, float, float, float]) -> Hidden:
    return Hidden(image, np.array(box, np.float64), np.array(box, np.float64))


def error(one: U8, other: U8) -> float:
    inner = slice(30, -30), slice(30, -30)
    return float(np.abs(one[inner].astype(float) - other[inner]).mean())


@pytest.mark.parametrize("sigma", [1.5, 2.5])
def test_a_known_gaussian_is_undone(sigma: float) -> None:
    clear = picture(1)
    blurred = np.asarray(cv2.GaussianBlur(clear, (0, 0), sigma), np.uint8)
    undone = sharpened(blurred, np.array([0, 0, 120, 120.0]), gaussian(sigma))
    assert error(undone, clear) < 0.6 * error(blurred, clear)


def test_a_known_box_blur_is_undone() -> None:
    clear = picture(2)
    blurred = np.asarray(cv2.blur(clear, (9, 9)), np.uint8)
    assert error(sharpened(blurred, np.array([0, 0, 120, 120.0]), box_kernel(9, 9)), clear) < 0.6 * error(blurred, clear)


def test_what_lies_beside_the_box_is_not_sharpened() -> None:
    image = picture(3)
    undone = sharpened(image, np.array([20, 30, 60, 80.0]), gaussian(2))
    touched = np.zeros(image.shape[:2], bool)
    touched[30:80, 20:60] = True
    assert (undone[~touched] == image[~touched]).all()


def test_a_hidden_picture_is_looked_up_among_the_known_ones() -> None:
    clear = [picture(seed, 150) for seed in range(6)]
    mosaics = [cv2.resize(cv2.resize(one, (10, 10), interpolation=cv2.INTER_AREA), (150, 150), interpolation=0) for one in clear]
    found = looked_up([mosaics[4]], mosaics, clear)[0]
    assert np.abs(found.astype(int) - clear[4]).mean() < 3


def test_the_mask_alone_is_looked_at_without_a_pixel_from_beside_it() -> None:
    one, other = picture(1), picture(2)
    for image in (one, other):
        image[40:80, 30:70] = 56
    masks = [hidden(one, (30, 40, 70, 80)), hidden(other, (30, 40, 70, 80))]
    assert (pixels(masks)[0] == pixels(masks)[1]).all()
    assert (surroundings(masks)[0] != surroundings(masks)[1]).any()


def test_an_outline_is_proportions_and_height() -> None:
    assert outlines([hidden(picture(1), (10, 10, 40, 70))]).tolist() == [[0.5, 60.0]]


def test_what_does_not_vary_says_nothing_and_what_varies_little_is_not_blown_up() -> None:
    constant = np.full((20, 5), 7, np.float32)
    assert not whitening(constant)(constant).any()
    random = np.random.default_rng(1)
    strong = random.normal(0, 1, (40, 1)) @ np.ones((1, 8)) + random.normal(0, 1e-6, (40, 8))
    assert whitening(strong.astype(np.float32))(strong.astype(np.float32)).shape == (40, 1)


def test_a_classifier_knows_people_by_their_colours_and_nobody_by_a_constant() -> None:
    pytest.importorskip("sklearn", reason="the extra bench is not installed")
    from benchmarks.attacks import learned
    from benchmarks.chance import Score, ranks

    person = np.repeat(np.arange(8), 6)
    random = np.random.default_rng(1)
    features = (random.normal(0, 10, (8, 6))[person] + random.normal(0, 1, (48, 6))).astype(np.float32)
    assert (ranks(learned(features, person), person) == 0).mean() > 0.9
    assert not Score.of(ranks(learned(np.full((48, 4), 3, np.float32), person), person), 8).above_chance
