from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.vision.boxes import F32, iou
from proxy.vision.detections import Detections, Label
from proxy.vision.nms import MAX_PER_LABEL, best, nms, nms_per_label


def _greedy(xyxy: F32, score: F32, max_iou: float) -> list[int]:
    """The textbook's loop: take the best box left, drop what it overlaps."""
    left = sorted(range(len(score)), key=lambda i: (-score[i], i))
    kept: list[int] = []
    while left:
        first, *rest = left
        kept.append(first)
        left = [i for i in rest if iou(xyxy[[first]], xyxy[[i]])[0, 0] <= max_iou]
    return kept


rows = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(1, 30), st.integers(1, 30), st.integers(0, 6)), max_size=40
)


@given(rows, st.sampled_from([0.0, 0.3, 0.45, 0.6, 0.9]))
def test_nms_keeps_exactly_what_the_greedy_loop_keeps(table: list[tuple[int, int, int, int, int]], max_iou: float) -> None:
    values = np.array(table, np.float32).reshape(-1, 5)
    xyxy = np.concatenate([values[:, :2], values[:, :2] + values[:, 2:4]], axis=1)
    assert nms(xyxy, values[:, 4] / 7, max_iou=max_iou).tolist() == _greedy(xyxy, values[:, 4] / 7, max_iou)


def test_a_chain_where_each_box_overlaps_only_the_next_keeps_every_other() -> None:
    x = np.arange(50, dtype=np.float32) * 4
    xyxy = np.stack([x, np.zeros_like(x), x + 10, np.full_like(x, 10)], axis=1)
    assert nms(xyxy, np.linspace(1, 0.5, 50, dtype=np.float32), max_iou=0.3).tolist() == list(range(0, 50, 2))


def test_best_returns_the_highest_scores_and_no_more_than_asked() -> None:
    score = np.random.default_rng(0).permutation(100).astype(np.float32)
    assert sorted(score[best(score, 7)]) == [93, 94, 95, 96, 97, 98, 99]
    assert len(best(score[:5], 7)) == 5
    assert len(best(score[:0], 7)) == 0


def test_a_face_in_a_body_of_the_same_shape_is_kept() -> None:
    same = np.array([[0, 0, 10, 10]], np.float32)
    both = Detections.concatenate(
        [Detections.of(same, np.float32([0.9]), Label.BODY), Detections.of(same, np.float32([0.5]), Label.FACE)] * 2
    )
    kept = nms_per_label(both, max_iou=0.5)
    assert sorted(kept.label.tolist()) == [Label.FACE, Label.BODY]


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_and_a_single_box_come_back_as_they_are(count: int) -> None:
    found = Detections.of(np.zeros((count, 4), np.float32), np.ones(count, np.float32), Label.FACE)
    assert len(nms_per_label(found, max_iou=0.5)) == count


def test_the_memory_that_nms_takes_is_bounded_by_keeping_the_best() -> None:
    x = np.arange(MAX_PER_LABEL + 100, dtype=np.float32) * 10
    xyxy = np.stack([x, np.zeros_like(x), x + 5, np.full_like(x, 5)], axis=1)
    kept = nms_per_label(Detections.of(xyxy, x / x.max(), Label.FACE), max_iou=0.5)
    assert len(kept) == MAX_PER_LABEL
    assert kept.xyxy[:, 0].min() == 1000
