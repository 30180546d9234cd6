"""The net catches what moves and is not painted, and nothing else."""

import numpy as np

from benchmarks.detail import Picture
from benchmarks.motion import LEARNING, Net

HEIGHT, WIDTH = 192, 256
NOTHING = np.zeros((HEIGHT, WIDTH), np.bool_)


def picture(square: int | None) -> Picture:
    """A textured still scene, with a white square of 48 pixels at ``square`` from the left."""
    y = np.random.default_rng(7).integers(60, 120, (HEIGHT, WIDTH), np.uint8)
    if square is not None:
        y[64:112, square : square + 48] = 255
    chroma = np.full((HEIGHT // 2, WIDTH // 2), 128, np.uint8)
    return Picture(y, chroma, chroma)


def learned() -> Net:
    net = Net()
    for _ in range(2 * LEARNING):
        net.over(picture(None), NOTHING)
    return net


def test_a_still_scene_is_not_caught():
    assert not learned().over(picture(None), NOTHING).any()


def test_what_comes_into_sight_is_caught_where_it_is():
    caught = learned().over(picture(96), NOTHING)
    assert caught[64:112, 96:144].all()
    assert not caught[:32].any()
    assert not caught[:, 200:].any()


def test_what_was_painted_is_explained():
    painted = NOTHING.copy()
    painted[48:128, 80:160] = True
    assert not learned().over(picture(96), painted).any()
