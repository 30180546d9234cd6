"""Detections are checked at the door, and rows stay together."""

from __future__ import annotations

import numpy as np
import pytest

from proxy.vision.detections import Detections, Label


def boxes(count: int) -> Detections:
    xyxy = np.arange(4 * count, dtype=np.float32).reshape(count, 4)
    return Detections.of(xyxy, np.linspace(0, 1, count, dtype=np.float32), Label.HEAD)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nan_and_infinity_are_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        Detections.of(np.array([[0, 0, bad, 1]], np.float32), np.ones(1, np.float32), Label.FACE)
    with pytest.raises(ValueError, match="finite"):
        Detections.of(np.zeros((1, 4), np.float32), np.array([bad], np.float32), Label.FACE)


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="expected xyxy"):
        Detections(np.zeros((2, 4), np.float32), np.zeros(1, np.float32), np.zeros(2, np.uint8))


def test_parts_are_put_together_in_order() -> None:
    together = Detections.concatenate([boxes(2), Detections.empty(), boxes(1)])
    assert together.xyxy[:, 0].tolist() == [0, 4, 0]
    assert len(Detections.concatenate([])) == 0


def test_rows_are_chosen_by_mask_by_index_and_by_label() -> None:
    found = boxes(3)
    assert found.where(np.array([True, False, True])).xyxy[:, 0].tolist() == [0, 8]
    assert found.where(np.array([2, 0])).xyxy[:, 0].tolist() == [8, 0]
    assert len(found.labelled(Label.HEAD)) == 3
    assert len(found.labelled(Label.BODY)) == 0
