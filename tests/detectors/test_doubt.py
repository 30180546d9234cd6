from __future__ import annotations

import numpy as np
import pytest

from proxy.detectors.doubt import Doubt

DOUBT = Doubt(begins=48.0, full=128.0, score=0.5)


def test_small_boxes_may_score_what_is_asked_for_and_large_ones_must_score_more() -> None:
    least = DOUBT.least_score(np.array([0, 5, 48, 80, 128, 1000], np.float32), 0.12)
    assert least[:3].tolist() == pytest.approx([0.12] * 3)
    assert 0.12 < least[3] < 0.5
    assert least[4:].tolist() == pytest.approx([0.5] * 2)


def test_who_asks_for_high_scores_gets_them_at_every_size() -> None:
    assert DOUBT.least_score(np.array([4, 60, 500], np.float32), 0.7).tolist() == pytest.approx([0.7] * 3)
