from __future__ import annotations

import json
import math
from pathlib import Path

import av
import numpy as np
import pytest

from proxy.detectors.centerface import MAX_CANDIDATES, STRIDE, CenterFace, decode
from proxy.detectors.openvino_runtime import F32, Device, Runtime
from proxy.detectors.weights import ModelStore
from proxy.errors import DetectorError
from proxy.media.formats import VideoFormat
from proxy.media.planes import Planes

CAFE = Path(__file__).parents[2] / "sample_videos" / "cafe.mp4"
WIDTH, HEIGHT = 96, 64
CELLS = (HEIGHT // STRIDE, WIDTH // STRIDE)


def _outputs(seed: int) -> list[F32]:
    rng = np.random.default_rng(seed)
    heat = rng.random((1, *CELLS), np.float32)
    return [heat, *(rng.normal(0, 1, (channels, *CELLS)).astype(np.float32) for channels in (2, 2, 10))]


def _decode_slowly(outputs: list[F32], min_score: float) -> list[tuple[float, ...]]:
    """The paper's formulas, one cell at a time."""
    found = []
    for row in range(CELLS[0]):
        for column in range(CELLS[1]):
            score = float(outputs[0][0, row, column])
            if score < min_score:
                continue
            height, width = (math.exp(float(outputs[1][side, row, column])) * STRIDE for side in (0, 1))
            y = (row + float(outputs[2][0, row, column]) + 0.5) * STRIDE
            x = (column + float(outputs[2][1, row, column]) + 0.5) * STRIDE
            found.append((x - width / 2, y - height / 2, x + width / 2, y + height / 2, score))
    return sorted(found, key=lambda row: row[4])


def test_all_cells_at_once_decode_as_one_cell_at_a_time() -> None:
    outputs = _outputs(5)
    xyxy, score = decode(outputs, width=WIDTH, height=HEIGHT, min_score=0.5)
    fast = np.column_stack([xyxy, score])[np.argsort(score)]
    assert 10 < len(fast) < MAX_CANDIDATES
    np.testing.assert_allclose(fast, _decode_slowly(outputs, 0.5), rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_numbers_that_are_none_are_an_error(place: int, bad: float) -> None:
    outputs = _outputs(1)
    outputs[0][:] = 0.9
    outputs[place][:] = bad
    with pytest.raises(DetectorError, match="no numbers"):
        decode(outputs, width=WIDTH, height=HEIGHT, min_score=0.5)


def test_other_shapes_are_an_error() -> None:
    with pytest.raises(DetectorError, match="expected maps"):
        decode(_outputs(1)[1:], width=WIDTH, height=HEIGHT, min_score=0.5)


def _busy_picture() -> tuple[Planes, list[dict[str, tuple[int, int, int, int]]]]:
    """The clip's picture 60, and who is in it."""
    persons = json.loads(CAFE.with_suffix(".json").read_text())["frames"][60]["persons"]
    with av.open(CAFE) as container:
        frame = next(picture for at, picture in enumerate(container.decode(video=0)) if at == 60)
    shape = VideoFormat(frame.width, frame.height)
    return Planes.of_buffer(np.ascontiguousarray(frame.to_ndarray(format="yuv420p")), shape), persons


def test_it_sees_faces_where_they_are_and_none_where_they_are_hidden() -> None:
    planes, persons = _busy_picture()
    detector = CenterFace(Runtime(Device.CPU), ModelStore.open().load("centerface"), long_side=640, min_score=0.5)
    middle = detector.detect(planes).xyxy.reshape(-1, 2, 2).mean(axis=1)
    assert len(middle) >= 2
    heads = np.array([person["head"] for person in persons], np.float32)
    inside = (middle[:, None] > heads[None, :, :2]).all(axis=2) & (middle[:, None] < heads[None, :, 2:]).all(axis=2)
    assert inside.any(axis=1).all()
    for x1, y1, x2, y2 in heads.astype(int).tolist():
        planes.y[y1 - 8 : y2 + 8, x1 - 8 : x2 + 8] = 40
        for chroma in (planes.u, planes.v):
            chroma[y1 // 2 - 4 : y2 // 2 + 4, x1 // 2 - 4 : x2 // 2 + 4] = 128
    assert len(detector.detect(planes)) == 0
