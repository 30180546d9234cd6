"""How sure a rate is, and whether it is more than guessing."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

Z: Final = 1.959964
"""Two-sided 95 %."""
LEVEL: Final = 0.95


def wilson(hits: int, tries: int) -> tuple[float, float]:
    """The 95 % interval of a rate (E. B. Wilson, 1927); of nothing tried it is everything."""
    if not tries:
        return 0.0, 1.0
    rate, z2 = hits / tries, Z * Z
    centre = (rate + z2 / (2 * tries)) / (1 + z2 / tries)
    half = Z * sqrt(rate * (1 - rate) / tries + z2 / (4 * tries * tries)) / (1 + z2 / tries)
    return max(0.0, centre - half), min(1.0, centre + half)


def chance_interval(chance: float, tries: int) -> tuple[float, float]:
    """Rates between which 95 of 100 guessers end who guess right with probability ``chance``."""
    if not tries:
        return 0.0, 1.0
    low, high = binom.interval(LEVEL, tries, chance)
    return float(low) / tries, float(high) / tries


@dataclass(frozen=True, slots=True)
class Score:
    """What an attack achieved: in so many of ``tries`` the right one of ``people`` came first, or among the first five."""

    tries: int
    first: int
    five: int
    people: int

    @classmethod
    def of(cls, ranks: NDArray[np.int64], people: int) -> Score:
        """From ``(N,)`` ranks of the right person, 0 for the first."""
        return cls(len(ranks), int((ranks < 1).sum()), int((ranks < 5).sum()), people)

    @property
    def above_chance(self) -> bool:
        """Whether more were right than 95 of 100 guessers get."""
        return self.first / self.tries > chance_interval(1 / self.people, self.tries)[1] if self.tries else False

    def figures(self) -> dict[str, object]:
        """The same as figures, rates with their intervals."""
        chance = 1 / self.people
        return {
            "tries": self.tries,
            "rank1": round(self.first / max(self.tries, 1), 4),
            "rank1_interval": [round(limit, 4) for limit in wilson(self.first, self.tries)],
            "rank5": round(self.five / max(self.tries, 1), 4),
            "rank5_interval": [round(limit, 4) for limit in wilson(self.five, self.tries)],
            "chance": round(chance, 4),
            "chance_interval": [round(limit, 4) for limit in chance_interval(chance, self.tries)],
            "above_chance": self.above_chance,
        }


def ranks(scores: NDArray[np.floating], right: NDArray[np.int64], seed: int = 0) -> NDArray[np.int64]:
    """``(N,)`` place of the right one among ``(N, people)`` scores, the highest first; equals are put in random order.

    An attack that scores everybody the same guesses: without the random order it would find whoever happens to be first.
    """
    tie = np.random.default_rng(seed).random(scores.shape)
    rows = np.arange(len(scores))
    mine, my_tie = scores[rows, right][:, None], tie[rows, right][:, None]
    before: NDArray[np.int64] = ((scores > mine) | ((scores == mine) & (tie > my_tie))).sum(axis=1)
    return before


def nearest(probes: NDArray[np.float32], gallery: NDArray[np.float32], person: NDArray[np.int64]) -> NDArray[np.float32]:
    """``(N, people)`` how near each probe is to the nearest picture of each person: minus the distance, higher is nearer.

    Args:
        probes, gallery: ``(N, D)`` and ``(G, D)`` points.
        person: ``(G,)`` whose picture each of the gallery is, 0..people - 1, each at least once.
    """
    squares = (probes**2).sum(axis=1)[:, None] + (gallery**2).sum(axis=1)[None] - 2 * probes @ gallery.T
    distance = np.sqrt(np.maximum(squares, 0)).round(5)
    return np.stack([-distance[:, person == one].min(axis=1) for one in range(int(person.max()) + 1)], axis=1).astype(np.float32)
