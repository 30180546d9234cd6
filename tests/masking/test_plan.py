"""A plan is total, and its columns are as long as one another."""

from __future__ import annotations

import numpy as np
import pytest

from proxy.masking.plan import CoverRegions


def test_nobody_is_zero_regions_of_the_right_types() -> None:
    nobody = CoverRegions.nobody()
    assert len(nobody) == 0
    assert (nobody.xyxy.shape, nobody.xyxy.dtype, nobody.label.dtype, nobody.track.dtype) == ((0, 4), "f4", "u1", "i4")


@pytest.mark.parametrize(("boxes", "labels", "tracks"), [((2, 4), 1, 2), ((2, 4), 2, 1), ((2, 3), 2, 2), ((0, 4), 1, 0)])
def test_columns_of_different_lengths_are_refused(boxes: tuple[int, int], labels: int, tracks: int) -> None:
    with pytest.raises(ValueError, match="expected xyxy"):
        CoverRegions(np.zeros(boxes, np.float32), np.zeros(labels, np.uint8), np.zeros(tracks, np.int32))
