"""Whether two pictures show the same scene. Pure."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

WIDTH: Final = 32
HEIGHT: Final = 18
"""Size in pixels of the thumbnails that are compared: small enough that people and cars in them move nothing much."""

LEAST_LIKENESS: Final = 0.6
LEAST_DIFFERENCE: Final = 6.0


def is_cut(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> bool:
    """Whether the scene changed between two thumbnails, ``(HEIGHT, WIDTH)`` uint8 luma.

    It did when their normalised correlation is below ``LEAST_LIKENESS`` and they differ by ``LEAST_DIFFERENCE`` levels on average.
    A light that is switched on changes levels and keeps the correlation; noise in a dark picture has no correlation and small
    differences. To see a cut where there is none costs time and hides nobody less.
    """
    one, other = before.astype(np.float32), after.astype(np.float32)
    if float(np.abs(one - other).mean()) < LEAST_DIFFERENCE:
        return False
    one -= one.mean()
    other -= other.mean()
    norm = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return norm == 0.0 or float((one * other).sum()) / norm < LEAST_LIKENESS
