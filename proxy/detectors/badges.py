"""Badges: ArUco markers that people wear to say that they may be seen. Whole, uncorrected codes only; no face is ever compared."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from proxy.media.planes import Planes

F64 = NDArray[np.float64]
LAST: Final = 249
"""The markers are numbers 0 to 249 of OpenCV's 6x6_250."""
_WINDOW: Final = 15
"""Pixels over which dark is told from bright; one size, since three take three times as long and found no more on a street."""
_SAMPLED: Final = 8
"""Samples across each cell of a code: with half as many, codes of four pixels a cell are often misread."""
_ROOM: Final = 0.15
"""Room on each side of a part, as a share of its width: a code is read with the white around it."""
_SAME: Final = 4.0
"""Pixels between two findings of one badge, in parts that overlap."""
_LEAST: Final = 24
"""Pixels below which no part can hold a badge."""


class Badges:
    """Finds those of ``numbers`` in pictures. Used from one thread."""

    def __init__(self, numbers: Iterable[int]) -> None:
        self._numbers = frozenset(numbers)
        parameters = cv2.aruco.DetectorParameters()
        parameters.errorCorrectionRate = 0.0
        parameters.adaptiveThreshWinSizeMin = parameters.adaptiveThreshWinSizeMax = _WINDOW
        parameters.perspectiveRemovePixelPerCell = _SAMPLED
        self._detector = cv2.aruco.ArucoDetector(cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_6X6_250), parameters)

    def seen_in(self, planes: Planes, where: F64) -> F64:
        """``(K, 4)`` float64 xyxy pixels: a box around each badge in or near the parts ``where`` ``(N, 4)`` of the picture."""
        if not self._numbers:
            return np.empty((0, 4))
        height, width = planes.y.shape
        room = _ROOM * (where[:, 2] - where[:, 0])[:, None] * (-1, -1, 1, 1)
        parts = np.clip(where + room, 0, [width, height, width, height]).astype(int)
        found: list[F64] = []
        for part in parts:
            found += [box for box in self._in_part(planes, *part) if not any(np.abs(box - other).max() < _SAME for other in found)]
        return np.array(found, np.float64).reshape(-1, 4)

    def _in_part(self, planes: Planes, x1: int, y1: int, x2: int, y2: int) -> list[F64]:
        """The badges in one part; none where it is too small, or where looking fails."""
        if x2 - x1 < _LEAST or y2 - y1 < _LEAST:
            return []
        try:
            corners, ids, _ = self._detector.detectMarkers(np.ascontiguousarray(planes.y[y1:y2, x1:x2]))
        except cv2.error:
            return []
        found = [] if ids is None else [at[0] for at, number in zip(corners, ids.flat, strict=True) if int(number) in self._numbers]
        corner = np.array([x1, y1], np.float64)
        return [np.concatenate([at.min(axis=0) + corner, at.max(axis=0) + corner]) for at in found]
