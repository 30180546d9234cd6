"""Rates have intervals, and guessing is told from knowing."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.chance import Score, chance_interval, nearest, ranks, wilson


@pytest.mark.parametrize(
    ("hits", "tries", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (50, 100, 0.4038, 0.5962), (1, 1000, 0.00018, 0.00564)],
)
def test_wilsons_interval_is_the_published_one(hits: int, tries: int, low: float, high: float) -> None:
    assert wilson(hits, tries) == pytest.approx((low, high), abs=1e-4)


def test_of_nothing_tried_nothing_is_known() -> None:
    assert wilson(0, 0) == chance_interval(0.1, 0) == (0.0, 1.0)


def test_guessers_end_within_the_chance_interval_in_95_of_100_cases() -> None:
    low, high = chance_interval(1 / 62, 744)
    rates = np.random.default_rng(1).binomial(744, 1 / 62, 4000) / 744
    assert 0.94 <= ((rates >= low) & (rates <= high)).mean() <= 0.985


def test_an_attack_that_knows_is_above_chance_and_one_that_guesses_is_not() -> None:
    assert Score.of(np.zeros(100, np.int64), 62).above_chance
    guesses = np.random.default_rng(1).integers(0, 62, 744)
    assert not Score.of(guesses, 62).above_chance
    figures = Score.of(guesses, 62).figures()
    assert figures["tries"] == 744
    assert figures["above_chance"] is False


def test_the_rank_counts_those_who_score_better() -> None:
    scores = np.array([[3.0, 2.0, 1.0], [1.0, 2.0, 3.0], [1.0, 3.0, 2.0]])
    assert ranks(scores, np.array([0, 0, 0])).tolist() == [0, 2, 2]


def test_an_attack_that_says_the_same_of_everybody_guesses() -> None:
    right = np.tile(np.arange(50), 40)
    ranked = ranks(np.zeros((2000, 50)), right)
    assert not Score.of(ranked, 50).above_chance
    assert 22 <= ranked.mean() <= 27


def test_the_nearest_picture_of_each_person_speaks_for_the_person() -> None:
    gallery = np.array([[0.0, 0.0], [10.0, 0.0], [5.0, 5.0]], np.float32)
    found = nearest(np.array([[9.0, 0.0]], np.float32), gallery, np.array([0, 0, 1]))
    assert found[0] == pytest.approx([-1.0, -np.hypot(4, 5)], abs=1e-3)
