"""Why a large box must score more than a small one: detectors are sure of what they see large, and large mistakes hide much."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from proxy.vision.boxes import F32


@dataclass(frozen=True, slots=True)
class Doubt:
    """The least score by size, which is the geometric mean of a box's sides in input pixels.

    Attributes:
        begins: boxes of this size and less may score as little as is asked for;
        full: those of this size and more must score ``score``; between the two it rises with the logarithm of the size.
        score: what large boxes must score.
    """

    begins: float
    full: float
    score: float

    def least_score(self, sizes: F32, min_score: float) -> F32:
        """``(N,)`` the least score of a box of each of ``sizes`` ``(N,)``, where small ones need ``min_score``."""
        with np.errstate(divide="ignore"):
            share = np.log2(sizes / self.begins) / np.log2(self.full / self.begins)
        rise: F32 = np.clip(share, 0, 1) * max(self.score - min_score, 0)
        return min_score + rise
