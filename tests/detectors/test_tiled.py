from __future__ import annotations

import numpy as np

from proxy.detectors.tiled import Tiled
from proxy.media.formats import VideoFormat
from proxy.media.planes import Planes
from proxy.vision.detections import Detections, Label


class FindsWhite:
    """Finds the box around whatever is white, as a detector that sees each plane for itself."""

    name = "white"

    def detect(self, planes: Planes) -> Detections:
        rows, columns = np.nonzero(planes.y == 255)
        if not len(rows):
            return Detections.empty()
        assert (planes.u[rows // 2, columns // 2] == 200).all()
        box = np.float32([[columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]])
        return Detections.of(box, np.float32([0.9]), Label.BODY)


def _with_a_white_box(x1: int, y1: int, x2: int, y2: int, width: int = 400, height: int = 100) -> Planes:
    shape = VideoFormat(width, height)
    planes = Planes.of_buffer(np.zeros(shape.buffer_shape, np.uint8), shape)
    planes.y[y1:y2, x1:x2] = 255
    planes.u[y1 // 2 : y2 // 2, x1 // 2 : x2 // 2] = 200
    return planes


def looking(**changes: float) -> Tiled:
    return Tiled(FindsWhite(), **{"long_side": 400, "enlarge": 2.0, "side": 220, "overlap": 40} | changes)


def test_what_lies_in_one_tile_is_found_where_it_is_in_the_picture() -> None:
    assert looking().detect(_with_a_white_box(300, 20, 340, 60)).xyxy.tolist() == [[300, 20, 340, 60]]


def test_what_lies_where_tiles_overlap_is_kept_once() -> None:
    assert looking().detect(_with_a_white_box(190, 20, 210, 60)).xyxy.tolist() == [[190, 20, 210, 60]]


def test_only_the_parts_that_are_named_are_looked_at() -> None:
    closely, picture = looking(), _with_a_white_box(300, 20, 340, 60)
    left, right = closely.tiles(400, 100)
    assert len(closely.detect_in(picture, [left])) == 0
    assert len(closely.detect_in(picture, [right])) == 1
    assert len(closely.detect_in(picture, [])) == 0


def test_a_small_picture_is_enlarged_no_more_than_it_may_be() -> None:
    """Tiles are measured in the scaled picture: the less it is enlarged, the more of it lies in each."""
    assert len(looking(long_side=1600, enlarge=1.0).tiles(400, 100)) == 2
    assert len(looking(long_side=1600, enlarge=4.0).tiles(400, 100)) > 8


def test_the_smallest_picture_is_one_tile() -> None:
    assert len(looking().detect(_with_a_white_box(0, 0, 2, 2, width=2, height=2))) == 1
