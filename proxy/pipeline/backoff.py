"""How long to wait before the next try. Pure: chance and time are inputs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential delays with full jitter above a floor, reset after a connection that lasted.

    Attributes:
        first_s: upper bound of the first delay.
        limit_s: upper bound of every delay.
        steady_s: a connection that lived this long starts the count anew.
    """

    first_s: float = 1.0
    limit_s: float = 30.0
    steady_s: float = 60.0

    def attempt(self, previous: int, *, lived_s: float) -> int:
        """The number of the coming try, given the previous one and how long it lived; the first is 1."""
        return 1 if lived_s >= self.steady_s else previous + 1

    def delay_s(self, attempt: int, *, chance: float) -> float:
        """Seconds to wait before try ``attempt`` (1, 2, …); ``chance`` is uniform in 0..1.

        Half of the bound is waited for certain, so that a wrong key never hammers a platform.
        """
        bound = min(self.limit_s, self.first_s * 2.0 ** min(attempt - 1, 30))
        return bound * (0.5 + 0.5 * chance)
