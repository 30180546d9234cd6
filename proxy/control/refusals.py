"""Who was refused, and why: said once, and then once a minute how often again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

AGAIN_S: Final = 60.0
KEPT: Final = 256
"""The most kinds of refusal that are remembered."""


@dataclass(slots=True)
class Refusals:
    """Told of every refusal; tells of each kind at most once in ``AGAIN_S``.

    Args:
        say: told the visitor's address, the reason, and how often since the last time.
    """

    say: Callable[[str, str, int], None] = lambda _visitor, _reason, _times: None
    clock: Callable[[], float] = time.monotonic
    _said: dict[tuple[str, str], tuple[float, int]] = field(default_factory=dict)

    def note(self, visitor: str, reason: str) -> None:
        """``visitor`` was refused for ``reason``."""
        now, kind = self.clock(), (visitor, reason)
        last, times = self._said.get(kind, (-AGAIN_S, 0))
        if now - last < AGAIN_S:
            self._said[kind] = last, times + 1
            return
        self._said.pop(kind, None)
        while len(self._said) >= KEPT:
            del self._said[next(iter(self._said))]
        self._said[kind] = now, 0
        self.say(visitor, reason, times + 1)
