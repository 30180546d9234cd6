"""What the product says that it painted: the other witness beside the pixels."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.detail import Bools, box_means
from benchmarks.footage import F64

WHOLE = np.array([[0, 0, 1 << 20, 1 << 20]], np.float64)


class Journal:
    """The rows of a ``--masks`` file, by frame."""

    def __init__(self, path: Path) -> None:
        rows = (json.loads(line) for line in path.read_text().splitlines())
        self._boxes: dict[int, F64] = {row["frame"]: _boxes(row) for row in rows}

    def painted(self, frame: int, width: int, height: int) -> Bools:
        """``(H, W)`` pixels inside any box that was painted in ``frame``, half-open; all of them when it was covered whole."""
        mask = np.zeros((height, width), np.uint8)
        for x1, y1, x2, y2 in np.clip(self._boxes[frame], 0, [width, height] * 2).astype(int):
            cv2.rectangle(mask, (x1, y1), (x2 - 1, y2 - 1), 1, -1)
        return mask.astype(bool)


def _boxes(row: dict[str, object]) -> F64:
    if row["cover"] is not None:
        return WHOLE
    regions: list[dict[str, object]] = row["regions"]  # type: ignore[assignment]
    return np.array([region["xyxy"] for region in regions], np.float64).reshape(-1, 4)


def inside(painted: Bools, xyxy: F64) -> NDArray[np.float32]:
    """``(N,)`` share of each box (``(N, 4)``, pixels, cut to the picture) that was painted."""
    height, width = painted.shape
    return box_means(painted, np.clip(xyxy, 0, [width, height] * 2))
