"""Blocks of sound that wait until it is known what becomes of them. Pure.

Places are counted in samples from the first block on, whatever the blocks' timestamps say.
"""

from __future__ import annotations

from collections import deque

from proxy.media.raw import RawAudio


class Waiting:
    """A line of blocks of one format."""

    def __init__(self) -> None:
        self._blocks: deque[RawAudio] = deque()
        self._first = 0
        self._end = 0

    @property
    def end(self) -> int:
        """The place after the last block."""
        return self._end

    def put(self, block: RawAudio) -> None:
        """Let ``block`` wait."""
        self._blocks.append(block)
        self._end += block.samples.shape[1]

    def until(self, place: int) -> list[tuple[int, RawAudio]]:
        """Take the blocks that end at or before ``place``, each with the place at which it begins."""
        taken = []
        while self._blocks and self._first + self._blocks[0].samples.shape[1] <= place:
            block = self._blocks.popleft()
            taken.append((self._first, block))
            self._first += block.samples.shape[1]
        return taken
