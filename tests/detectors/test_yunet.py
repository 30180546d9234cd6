from __future__ import annotations

import math

import numpy as np
import pytest

from proxy.detectors.openvino_runtime import F32
from proxy.detectors.yunet import MAX_CANDIDATES, STRIDES, decode
from proxy.errors import DetectorError

WIDTH, HEIGHT = 96, 64


def _outputs(rng: np.random.Generator, width: int = WIDTH, height: int = HEIGHT) -> list[F32]:
    counts = [(width // s) * (height // s) for s in STRIDES]
    return [
        *(rng.random((n, 1), np.float32) for _ in range(2) for n in counts),
        *(rng.normal(0, 1, (n, 4)).astype(np.float32) for n in counts),
        *(np.zeros((n, 10), np.float32) for n in counts),
    ]


def _decode_slowly(outputs: list[F32], min_score: float) -> set[tuple[float, ...]]:
    """The paper's formulas, one cell at a time."""
    found = set()
    for level, s in enumerate(STRIDES):
        for row in range(HEIGHT // s):
            for column in range(WIDTH // s):
                cell = row * (WIDTH // s) + column
                score = math.sqrt(outputs[level][cell, 0] * outputs[level + 3][cell, 0])
                dx, dy, log_width, log_height = map(float, outputs[level + 6][cell])
                x, y, w, h = (column + dx) * s, (row + dy) * s, math.exp(log_width) * s, math.exp(log_height) * s
                if score >= min_score:
                    found.add(tuple(round(v, 1) for v in (x - w / 2, y - h / 2, x + w / 2, y + h / 2, score)))
    return found


def test_all_cells_at_once_decode_as_one_cell_at_a_time() -> None:
    outputs = _outputs(np.random.default_rng(3))
    xyxy, score = decode(outputs, width=WIDTH, height=HEIGHT, min_score=0.4)
    slow = np.array(sorted(_decode_slowly(outputs, 0.4)))
    fast = np.array(sorted(map(tuple, np.round(np.column_stack([xyxy, score]).astype(float), 1))))
    assert 10 < len(fast) < len(outputs[0]) + len(outputs[1]) + len(outputs[2])
    np.testing.assert_allclose(fast, slow, atol=0.11)


def test_nothing_above_the_threshold_gives_no_boxes() -> None:
    xyxy, score = decode(_outputs(np.random.default_rng(0)), width=WIDTH, height=HEIGHT, min_score=1.1)
    assert xyxy.shape == (0, 4)
    assert score.shape == (0,)


def test_the_number_of_candidates_is_bounded_and_the_best_stay() -> None:
    outputs = _outputs(np.random.default_rng(1), 640, 384)
    _, score = decode(outputs, width=640, height=384, min_score=0.0)
    everything = np.sort(np.sqrt(np.concatenate(outputs[:3]) * np.concatenate(outputs[3:6])).ravel())
    assert len(score) == MAX_CANDIDATES
    np.testing.assert_allclose(np.sort(score), everything[-MAX_CANDIDATES:], rtol=1e-5)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("index", [0, 5, 7])
def test_a_value_that_is_no_number_is_a_failure_not_an_empty_result(index: int, bad: float) -> None:
    outputs = _outputs(np.random.default_rng(0))
    outputs[index][:] = bad
    with pytest.raises(DetectorError, match="no numbers"):
        decode(outputs, width=WIDTH, height=HEIGHT, min_score=0.1)


def test_a_size_that_overflows_is_a_failure() -> None:
    outputs = _outputs(np.random.default_rng(0))
    outputs[6][:, 2] = 1000
    with pytest.raises(DetectorError, match="boxes that are no numbers"):
        decode(outputs, width=WIDTH, height=HEIGHT, min_score=0.1)


def test_outputs_of_another_shape_are_a_failure() -> None:
    outputs = _outputs(np.random.default_rng(0))
    with pytest.raises(DetectorError, match="11 arrays, expected 12"):
        decode(outputs[:-1], width=WIDTH, height=HEIGHT, min_score=0.1)
    with pytest.raises(DetectorError, match="expected"):
        decode(outputs, width=128, height=HEIGHT, min_score=0.1)
