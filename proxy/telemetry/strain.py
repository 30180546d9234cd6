"""Whether a camera's box keeps up: told once when it does not for a while, and once when it does again. Pure: time is an input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_LASTS_S: Final = 3.0
"""Frames dropped for so long are an overload; a start and a hiccup are shorter."""
_CALM_S: Final = 10.0
"""Without a drop for so long the box keeps up again."""


@dataclass(frozen=True, slots=True)
class Overloaded:
    """Frames have been dropped for a while."""


@dataclass(frozen=True, slots=True)
class KeepsUp:
    """None have for a while; ``dropped`` is how many were, and ``seconds`` for how long."""

    dropped: int
    seconds: float


@dataclass(slots=True)
class Strain:
    """One camera's, fed with every count of dropped frames, zeros included."""

    _since: float | None = None
    _last: float = 0.0
    _dropped: int = 0
    _told: bool = False

    def step(self, dropped: int, *, now: float) -> Overloaded | KeepsUp | None:
        """What is to be told after ``dropped`` more frames at ``now`` (seconds), which is nothing most of the time."""
        if dropped:
            return self._more(dropped, now)
        if self._since is None or now - self._last < _CALM_S:
            return None
        ended = KeepsUp(self._dropped, self._last - self._since) if self._told else None
        self._since, self._dropped, self._told = None, 0, False
        return ended

    def _more(self, dropped: int, now: float) -> Overloaded | None:
        if self._since is None or (not self._told and now - self._last > _LASTS_S):
            self._since, self._dropped = now, 0
        self._last = now
        self._dropped += dropped
        if self._told or now - self._since < _LASTS_S:
            return None
        self._told = True
        return Overloaded()
