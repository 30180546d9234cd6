from __future__ import annotations

import numpy as np
import pytest

from proxy.detectors.anchors import Anchors
from proxy.errors import DetectorError


def test_cells_go_level_after_level_and_row_after_row() -> None:
    anchors = Anchors.over(64, 32, (16, 32))
    assert anchors.counts == (8, 2)
    assert anchors.cell[:5].tolist() == [[0, 0], [1, 0], [2, 0], [3, 0], [0, 1]]
    assert anchors.stride.tolist() == [16] * 8 + [32] * 2


def test_levels_of_another_size_are_a_failure_that_names_the_network() -> None:
    anchors = Anchors.over(64, 32, (16, 32))
    with pytest.raises(DetectorError, match="net answered"):
        anchors.join([np.zeros((8, 1), np.float32), np.zeros((3, 1), np.float32)], 1, name="net")
