"""Cuts, and what is none."""

import numpy as np
import pytest

from proxy.vision.scene import HEIGHT, WIDTH, is_cut


@pytest.fixture
def scene():
    return np.random.default_rng(4).integers(40, 200, (HEIGHT, WIDTH)).astype(np.uint8)


def test_another_scene_is_a_cut(scene):
    assert is_cut(scene, np.random.default_rng(5).integers(40, 200, (HEIGHT, WIDTH)).astype(np.uint8))


def test_a_light_that_is_switched_on_is_none(scene):
    assert not is_cut(scene, (scene * 0.5).astype(np.uint8))


def test_somebody_who_comes_in_is_none(scene):
    after = scene.copy()
    after[6:16, 10:15] = 20
    assert not is_cut(scene, after)


def test_noise_in_the_dark_is_none():
    rng = np.random.default_rng(6)
    dark = [rng.integers(16, 22, (HEIGHT, WIDTH)).astype(np.uint8) for _ in range(2)]
    assert not is_cut(*dark)


def test_a_picture_after_black_is_a_cut(scene):
    assert is_cut(np.full_like(scene, 16), scene)
