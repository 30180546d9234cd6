from __future__ import annotations

import math

import numpy as np
import pytest

from proxy.detectors.nanodet import STRIDES, decode
from proxy.detectors.openvino_runtime import F32
from proxy.errors import DetectorError

WIDTH, HEIGHT = 96, 64


def _outputs(seed: int) -> list[F32]:
    rng = np.random.default_rng(seed)
    counts = [(WIDTH // s) * (HEIGHT // s) for s in STRIDES]
    return [
        *(rng.random((n, 80), np.float32) for n in counts),
        *(rng.normal(0, 2, (n, 44)).astype(np.float32) for n in counts),
    ]


def _decode_slowly(outputs: list[F32], min_score: float) -> list[tuple[float, ...]]:
    """The paper's formulas, one cell at a time."""
    found = []
    for level, s in enumerate(STRIDES):
        for row in range(HEIGHT // s):
            for column in range(WIDTH // s):
                cell = row * (WIDTH // s) + column
                score = float(outputs[level][cell, 0])
                if score < min_score:
                    continue
                sides = []
                for side in outputs[level + 3][cell].reshape(4, 11):
                    weights = [math.exp(v) for v in side]
                    sides.append(s * sum(i * w for i, w in enumerate(weights)) / sum(weights))
                x, y = (column + 0.5) * s, (row + 0.5) * s
                found.append((x - sides[0], y - sides[1], x + sides[2], y + sides[3], score))
    return sorted(found, key=lambda row: row[4])


def test_all_cells_at_once_decode_as_one_cell_at_a_time() -> None:
    outputs = _outputs(5)
    xyxy, score = decode(outputs, width=WIDTH, height=HEIGHT, min_score=0.3)
    fast = np.column_stack([xyxy, score])[np.argsort(score)]
    assert 10 < len(fast) < sum(map(len, outputs[:3]))
    np.testing.assert_allclose(fast, _decode_slowly(outputs, 0.3), rtol=1e-4, atol=1e-3)


def test_other_classes_than_persons_are_not_detections() -> None:
    outputs = _outputs(0)
    for level in outputs[:3]:
        level[:, 0] = 0.01
    xyxy, score = decode(outputs, width=WIDTH, height=HEIGHT, min_score=0.08)
    assert xyxy.shape == (0, 4)
    assert score.shape == (0,)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("index", [0, 2, 3, 5])
def test_a_value_that_is_no_number_is_a_failure_not_an_empty_result(index: int, bad: float) -> None:
    outputs = _outputs(0)
    outputs[index][:] = bad
    with pytest.raises(DetectorError, match="no numbers"):
        decode(outputs, width=WIDTH, height=HEIGHT, min_score=0.1)


def test_outputs_of_another_shape_are_a_failure() -> None:
    outputs = _outputs(0)
    with pytest.raises(DetectorError, match="5 arrays, expected 6"):
        decode(outputs[:-1], width=WIDTH, height=HEIGHT, min_score=0.1)
    with pytest.raises(DetectorError, match="80 classes"):
        decode([level[:, :3] for level in outputs[:3]] + outputs[3:], width=WIDTH, height=HEIGHT, min_score=0.1)
    with pytest.raises(DetectorError, match="expected"):
        decode(outputs, width=128, height=HEIGHT, min_score=0.1)
