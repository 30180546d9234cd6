"""Which looks frames get: the glance is real, nobody looks."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.masking.cadence import Cadence
from proxy.masking.lookback import LookBack
from proxy.masking.passes import Pass
from proxy.masking.policy import MaskPolicy
from proxy.media.formats import VideoFormat
from proxy.media.planes import Planes
from proxy.media.raw import RawFrame
from proxy.pipeline.lookout import Lookout, moved, tones
from proxy.vision.cells import Cells
from proxy.vision.detections import Detections
from proxy.vision.scene import HEIGHT, WIDTH
from proxy.vision.tiles import Tile

STEP = 3600
SHAPE = VideoFormat(640, 360)
LEFT, RIGHT = Tile(0, 0, 360, 360), Tile(280, 0, 360, 360)


class Halves:
    def tiles(self, width, height):
        return (LEFT, RIGHT)

    def detect_in(self, planes, tiles):
        raise AssertionError("nobody looks here")


def raw(index, *, luma=120, spot=None, shape=SHAPE):
    buffer = np.full(shape.buffer_shape, 128, np.uint8)
    buffer[: shape.height] = luma
    if spot:
        x, y = spot
        buffer[y : y + 60, x : x + 30] = 30
    return RawFrame(Planes.of_buffer(buffer, shape), shape, index * STEP, None, 0)


def settled():
    """A lookout whose first looks found nobody."""
    look_back = LookBack(MaskPolicy())
    lookout = Lookout(look_back, Cadence(MaskPolicy()), Halves())
    order = lookout.arrives(raw(0))
    for kind in (*order.whole, Pass.DETAIL):
        look_back.examined(kind, 0, Detections.empty(), width=SHAPE.width, height=SHAPE.height)
    look_back.glanced(0, order.unneeded)
    return lookout, order


def test_the_first_frame_gets_every_look_and_needs_them():
    _, order = settled()
    assert set(order.whole) == {Pass.FACES, Pass.BODIES}
    assert order.tiles == (LEFT, RIGHT)
    assert Pass.BODIES not in order.unneeded


def test_a_frame_that_shows_nothing_new_needs_no_look():
    lookout, _ = settled()
    order = lookout.arrives(raw(1))
    assert order.whole == order.tiles == ()
    assert set(order.unneeded) == set(Pass)


def test_somebody_who_appears_gets_a_close_look_in_their_part_of_the_picture():
    lookout, _ = settled()
    for index in range(1, 30):
        lookout.arrives(raw(index))
    order = lookout.arrives(raw(30, spot=(40, 200)))
    (tile,) = order.tiles
    assert (tile.width, tile.height) == (LEFT.width, LEFT.height)
    assert tile.x <= 40 < 70 <= tile.x + tile.width
    assert order.unneeded == ()


@given(st.integers(0, 610), st.integers(0, 300))
@settings(max_examples=40, deadline=None)
def test_whoever_appears_lies_within_the_close_look_that_they_get(x, y):
    lookout, _ = settled()
    for index in range(1, 30):
        lookout.arrives(raw(index))
    (tile,) = lookout.arrives(raw(30, spot=(x, y))).tiles
    assert tile.x <= x
    assert x + 30 <= tile.x + tile.width <= SHAPE.width
    assert tile.y <= y
    assert y + 60 <= tile.y + tile.height <= SHAPE.height


def test_a_cut_and_another_format_are_told_and_then_everything_begins_anew():
    lookout, _ = settled()
    bright = np.linspace(20, 230, SHAPE.width, dtype=np.uint8)
    assert lookout.arrives(raw(1, luma=bright)) is None
    lookout.ends()
    assert lookout.arrives(raw(1, luma=bright)).tiles == (LEFT, RIGHT)
    other = VideoFormat(320, 240)
    assert lookout.arrives(raw(2, shape=other)) is None
    lookout.ends()
    assert lookout.arrives(raw(2, shape=other)).tiles == (LEFT, RIGHT)


def test_the_last_frame_gets_the_looks_that_it_has_not_had():
    lookout, _ = settled()
    lookout.arrives(raw(1))
    order = lookout.ends()
    assert set(order.whole) == {Pass.FACES, Pass.BODIES}
    assert order.tiles == (LEFT, RIGHT)


def test_a_cells_tone_is_the_mean_of_its_pixels():
    frame = raw(0, luma=np.arange(640, dtype=np.float64) / 4)
    cells = Cells.over(640, 360)
    whole = frame.planes.y[: cells.rows * cells.side, : cells.columns * cells.side]
    expected = whole.reshape(cells.rows, cells.side, cells.columns, -1).mean(axis=(1, 3))
    assert np.abs(tones(frame, cells) - expected).max() <= 2


def test_a_camera_that_moves_is_told_from_somebody_who_walks_and_from_a_still_scene():
    rng = np.random.default_rng(3)
    before = rng.integers(20, 230, (HEIGHT, WIDTH), np.uint8)
    walked = before.copy()
    walked[5:12, 3:8] = 20
    noise = rng.integers(-2, 3, before.shape)
    assert not moved(before, before)
    assert not moved(before, walked)
    assert not moved(before, (before + noise).astype(np.uint8))
    assert moved(before, np.roll(before, 1, axis=1))
