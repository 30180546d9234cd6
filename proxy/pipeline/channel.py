"""A bounded hand-off between two tasks, with a named rule for when it is full, and counts of what went through.

1. One producer, one consumer, one event loop.
2. Nothing waits without the other side being able to end the wait: ``close`` wakes a waiting consumer, ``abandon`` a producer.
3. Buffers absorb bursts; they do not hide slowness.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Generic, TypeVar

T = TypeVar("T")


class Overflow(Enum):
    """What happens to an item that finds the channel full."""

    BLOCK = auto()
    """The producer waits."""
    DROP_OLDEST = auto()
    """The oldest droppable item makes room."""
    DROP_TO_KEYFRAME = auto()
    """Everything waiting goes, and items are refused until the next one on which the stream can start again."""


@dataclass(slots=True)
class ChannelStatistics:
    """What went through: ``received`` counts items handed to the consumer, ``peak`` the longest the line has been."""

    sent: int = 0
    received: int = 0
    dropped: int = 0
    peak: int = 0


class Channel(Generic[T]):
    """A line of at most ``capacity`` items.

    Args:
        capacity: the most items that wait.
        overflow: the rule when one more arrives.
        is_start: for ``DROP_TO_KEYFRAME``, whether the stream can start again at an item.
        on_drop: called with each item that is dropped, so that its buffers can be released.
    """

    def __init__(
        self,
        capacity: int,
        overflow: Overflow,
        *,
        is_start: Callable[[T], bool] = lambda _: True,
        on_drop: Callable[[T], None] = lambda _: None,
    ) -> None:
        if capacity < 1:
            raise ValueError(f"expected a capacity of at least 1, got {capacity}")
        self.statistics = ChannelStatistics()
        self._capacity = capacity
        self._overflow = overflow
        self._is_start = is_start
        self._on_drop = on_drop
        self._line: deque[T] = deque()
        self._changed = asyncio.Event()
        self._closed = False
        self._abandoned = False
        self._waits_for_start = False

    def __len__(self) -> int:
        return len(self._line)

    async def send(self, item: T) -> None:
        """Hand ``item`` over, waiting only under ``BLOCK``. After ``abandon`` items are dropped."""
        self.statistics.sent += 1
        while self._overflow is Overflow.BLOCK and len(self._line) >= self._capacity and not self._abandoned:
            self._changed.clear()
            await self._changed.wait()
        self._put(item)

    def close(self) -> None:
        """The producer is done: the consumer gets what is left, then the end."""
        self._closed = True
        self._changed.set()

    def skip_to_start(self) -> None:
        """Drop what waits, and everything up to the next item on which the stream can start: a consumer begins anew."""
        self._drop_all()
        self._waits_for_start = True
        self._changed.set()

    def abandon(self) -> None:
        """The consumer is gone: a waiting producer wakes, and everything from now on is dropped."""
        self._abandoned = True
        self._drop_all()
        self._changed.set()

    def __aiter__(self) -> AsyncIterator[T]:
        return self._items()

    async def _items(self) -> AsyncIterator[T]:
        while True:
            while not self._line:
                if self._closed or self._abandoned:
                    return
                self._changed.clear()
                await self._changed.wait()
            item = self._line.popleft()
            self.statistics.received += 1
            self._changed.set()
            yield item

    def _put(self, item: T) -> None:
        if self._abandoned:
            self._drop(item)
            return
        if len(self._line) >= self._capacity:
            if self._overflow is Overflow.DROP_OLDEST:
                self._drop(self._line.popleft())
            else:
                self._drop_all()
                self._waits_for_start = True
        if self._waits_for_start and not self._is_start(item):
            self._drop(item)
            return
        self._waits_for_start = False
        self._line.append(item)
        self.statistics.peak = max(self.statistics.peak, len(self._line))
        self._changed.set()

    def _drop_all(self) -> None:
        while self._line:
            self._drop(self._line.popleft())

    def _drop(self, item: T) -> None:
        self.statistics.dropped += 1
        self._on_drop(item)
