"""The test that says *exposed*, on planted cases: pictures whose cover is known, coded as the product codes."""

from __future__ import annotations

import io
from collections.abc import Callable

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.detail import EXPOSED_SHARE, Picture, compare

U8 = NDArray[np.uint8]
WIDTH, HEIGHT = 640, 360
HEADS = np.array(
    [[40, 40, 68, 76], [120, 60, 160, 108], [260, 40, 356, 160], [420, 180, 444, 212], [500, 60, 620, 300]], np.float64
)


def _scene(texture: float = 1.0) -> U8:
    """Something with the spectrum of a photograph: noise at many scales, ``(H, W, 3)`` BGR."""
    random = np.random.default_rng(3)
    luma = np.zeros((HEIGHT, WIDTH), np.float32)
    for size in (1, 2, 4, 8, 16, 32):
        noise = random.normal(0, 1, (HEIGHT // size + 2, WIDTH // size + 2)).astype(np.float32)
        luma += cv2.resize(noise, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC) * (2.2 * size**0.6)
    return np.clip(120 + texture * luma[..., None] + np.array([6, 0, -6]), 0, 255).astype(np.uint8)


def _coded(picture: U8, crf: int) -> Picture:
    """Through x264 as a live encoder runs it, and back."""
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": str(crf), "preset": "superfast", "tune": "zerolatency"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode(None))
    file.seek(0)
    with av.open(file) as container:
        return _planes(next(container.decode(video=0)).to_ndarray(format="yuv420p"))


def _planes(i420: U8) -> Picture:
    flat, luma = i420.reshape(-1), HEIGHT * WIDTH
    half = (HEIGHT // 2, WIDTH // 2)
    return Picture(
        flat[:luma].reshape(HEIGHT, WIDTH), flat[luma : luma * 5 // 4].reshape(half), flat[luma * 5 // 4 :].reshape(half)
    )


def _plain(picture: U8) -> Picture:
    return _planes(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420))


def _painted(paint: Callable[[U8], U8], reach: float = 0.2) -> U8:
    """The scene with ``paint`` done to every head, padded by ``reach`` of its size."""
    picture = _scene()
    for x1, y1, x2, y2 in HEADS:
        dx, dy = (x2 - x1) * reach, (y2 - y1) * reach
        window = picture[max(0, int(y1 - dy)) : int(y2 + dy), max(0, int(x1 - dx)) : int(x2 + dx)]
        window[:] = paint(window)
    return picture


def _shares(picture: U8, crf: int = 23, before: U8 | None = None) -> NDArray[np.float32]:
    return compare(_plain(_scene() if before is None else before), _coded(picture, crf), HEADS).shares(HEADS)


def _mosaic(window: U8) -> U8:
    cells = cv2.resize(window, (6, 6), interpolation=cv2.INTER_AREA) // 16 * 16 + 8
    return cv2.resize(cells, window.shape[1::-1], interpolation=cv2.INTER_NEAREST)


def _blurred(share: float) -> Callable[[U8], U8]:
    return lambda window: cv2.GaussianBlur(window, (0, 0), max(0.3, share * window.shape[0] / 1.4))


@pytest.mark.parametrize("crf", [18, 23, 28])
def test_what_is_only_coded_again_is_shown_whole(crf: int) -> None:
    shares = _shares(_scene(), crf)
    assert shares.min() > 0.8
    assert shares.mean() > 0.95


def test_what_is_only_coded_again_counts_as_hidden_nowhere() -> None:
    assert compare(_plain(_scene()), _coded(_scene(), 23), HEADS).hidden_share() < 0.02


@pytest.mark.parametrize("level", [16, 118, 235])
def test_a_solid_fill_shows_nothing(level: int) -> None:
    assert _shares(_painted(lambda window: np.full_like(window, level))).max() < 0.02


def test_a_soft_silhouette_shows_nothing_of_what_is_well_inside() -> None:
    picture = _scene().astype(np.float32)
    weight = np.zeros((HEIGHT, WIDTH), np.float32)
    for x1, y1, x2, y2 in HEADS.astype(int):
        dx, dy = int((x2 - x1) * 0.3), int((y2 - y1) * 0.3)
        cv2.rectangle(weight, (x1 - dx, y1 - dy), (x2 + dx, y2 + dy), 1.0, -1)
    weight = cv2.GaussianBlur(weight, (0, 0), 3)[..., None]
    assert _shares((picture * (1 - weight) + 90 * weight).astype(np.uint8)).max() <= 0.1


def test_a_mosaic_of_six_cells_across_the_head_shows_next_to_nothing() -> None:
    shares = _shares(_painted(_mosaic))
    assert (shares <= EXPOSED_SHARE).all()
    assert shares.mean() < 0.1


def test_a_weak_blur_is_exposed_and_a_heavy_one_is_not() -> None:
    assert (_shares(_painted(_blurred(0.02))) > EXPOSED_SHARE).all()
    assert (_shares(_painted(_blurred(0.2))) <= EXPOSED_SHARE).all()


def test_half_a_cover_leaves_half_to_be_seen() -> None:
    picture = _scene()
    for x1, y1, x2, y2 in HEADS.astype(int):
        picture[y1 - 6 : (y1 + y2) // 2, x1 - 6 : x2 + 6] = 60
    assert _shares(picture) == pytest.approx(np.full(len(HEADS), 0.5), abs=0.15)


def test_a_picture_moved_by_one_pixel_is_still_exposed() -> None:
    assert (_shares(np.roll(_scene(), 1, axis=1)) > 0.5).all()


def test_another_picture_is_not_the_original() -> None:
    assert (_shares(np.ascontiguousarray(_scene()[::-1, ::-1])) <= EXPOSED_SHARE).all()


def test_a_faint_ghost_under_the_fill_is_no_exposure_and_a_strong_one_is() -> None:
    assert (_shares(_painted(lambda window: (window * 0.1 + 100).astype(np.uint8))) <= EXPOSED_SHARE).all()
    assert (_shares(_painted(lambda window: (window * 0.6 + 40).astype(np.uint8))) > EXPOSED_SHARE).all()


def test_without_texture_colour_tells() -> None:
    flat = _scene(texture=0.0)
    painted = flat.copy()
    painted[30:120, 30:180] = 60
    shares = _shares(painted, before=flat)
    assert (shares[:2] < 0.05).all()
    assert (shares[2:] > 0.9).all()


def test_a_picture_that_came_back_larger_is_compared_at_its_own_size() -> None:
    large = cv2.resize(_scene(), None, fx=1.025, fy=1.0, interpolation=cv2.INTER_CUBIC)[:, : WIDTH + 16]
    i420 = cv2.cvtColor(large, cv2.COLOR_BGR2YUV_I420)
    width = large.shape[1]
    flat, luma = i420.reshape(-1), HEIGHT * width
    half = (HEIGHT // 2, width // 2)
    after = Picture(
        flat[:luma].reshape(HEIGHT, width), flat[luma : luma * 5 // 4].reshape(half), flat[luma * 5 // 4 :].reshape(half)
    )
    assert (compare(_plain(_scene()), after, HEADS).shares(HEADS) > 0.5).all()


def test_no_boxes_and_boxes_outside_are_taken() -> None:
    shown = compare(_plain(_scene()), _plain(_scene()), np.empty((0, 4)))
    assert shown.shares(np.empty((0, 4))).shape == (0,)
    assert shown.shares(np.array([[-10.0, -10.0, 5.0, 5.0], [635.0, 355.0, 700.0, 400.0]])) == pytest.approx([1.0, 1.0])
