"""Where each track was seen, as one log of all tracks in order of time."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
INDEX = NDArray[np.intp]
BOOL = NDArray[np.bool_]

CAPACITY = 60_000
"""Most rows a history holds: 250 people at 60 frames a second for four seconds."""


class HistoryFull(Exception):
    """More was seen within the look-back time than a history may hold."""


@dataclass(frozen=True, slots=True)
class History:
    """R sightings, sorted by time.

    Attributes:
        pts: ``(R,)`` int64 ticks, not decreasing.
        slot: ``(R,)`` int64, the track's row in its tracker.
        xyxy: ``(R, 4)`` float64 pixels.
        strong: ``(R,)`` bool, whether the detection is believed by itself.
        trusted: ``(R,)`` bool, whether it was believed when something beside it was dropped; it stays so.
    """

    pts: I64
    slot: I64
    xyxy: F64
    strong: BOOL
    trusted: BOOL

    @classmethod
    def empty(cls) -> History:
        """Nothing seen yet."""
        return cls(np.empty(0, np.int64), np.empty(0, np.int64), np.empty((0, 4)), np.empty(0, bool), np.empty(0, bool))

    def __len__(self) -> int:
        return len(self.pts)

    def with_seen(self, pts: int, slot: I64 | INDEX, xyxy: F64, strong: BOOL) -> History:
        """The log with tracks ``slot`` ``(K,)`` seen at ``xyxy`` ``(K, 4)`` at ``pts``, which may lie before the newest entry.

        Raises:
            HistoryFull: there is no room.
        """
        if len(self) + len(slot) > CAPACITY:
            raise HistoryFull(f"expected at most {CAPACITY} sightings within the look-back time")
        at = int(np.searchsorted(self.pts, pts, side="right"))
        return History(
            np.concatenate([self.pts[:at], np.full(len(slot), pts, np.int64), self.pts[at:]]),
            np.concatenate([self.slot[:at], np.asarray(slot, np.int64), self.slot[at:]]),
            np.concatenate([self.xyxy[:at], xyxy, self.xyxy[at:]]),
            np.concatenate([self.strong[:at], strong, self.strong[at:]]),
            np.concatenate([self.trusted[:at], strong, self.trusted[at:]]),
        )

    def before(self, pts: int, slots: int) -> I64:
        """``(slots,)`` the row of each track's last sighting at or before ``pts``, -1 where there is none."""
        end = int(np.searchsorted(self.pts, pts, side="right"))
        rows = np.full(slots, -1, np.int64)
        # of several values assigned to one index numpy keeps the last, which is the latest
        rows[self.slot[:end]] = np.arange(end)
        return rows

    def after(self, pts: int, slots: int) -> I64:
        """``(slots,)`` the row of each track's first sighting at or after ``pts``, -1 where there is none."""
        start = int(np.searchsorted(self.pts, pts, side="left"))
        rows = np.full(slots, -1, np.int64)
        rows[self.slot[start:][::-1]] = np.arange(start, len(self))[::-1]
        return rows

    def believed(self, vouch: int) -> History:
        """The strong sightings, and the weak ones no further than ``vouch`` ticks from a strong one of the same track."""
        return self.where(self._believable(vouch))

    def of_tracks(self, tracks: BOOL) -> History:
        """The sightings of the tracks marked in ``tracks`` ``(slots,)``, which are renumbered."""
        renumbered = (np.cumsum(tracks) - 1).astype(np.int64)
        return replace(self, slot=renumbered[self.slot]).where(tracks[self.slot])

    def where(self, rows: BOOL) -> History:
        """The sightings that ``rows`` ``(R,)`` marks."""
        return History(self.pts[rows], self.slot[rows], self.xyxy[rows], self.strong[rows], self.trusted[rows])

    def kept(self, tracks: BOOL, pts: int, *, vouch: int) -> History:
        """What is needed of the tracks marked in ``tracks`` ``(slots,)``, which are renumbered.

        That is every sighting from ``pts`` on, and of those before it each track's last and last believed one.
        """
        believable = self._believable(vouch)
        slots = len(tracks)
        rows = self.pts >= pts
        for old in (np.flatnonzero(~rows), np.flatnonzero(~rows & believable)):
            last = np.full(slots, -1, np.int64)
            last[self.slot[old]] = old
            rows[last[last >= 0]] = True
        rows &= tracks[self.slot]
        return replace(self, trusted=believable).where(rows).of_tracks(tracks)

    def _believable(self, vouch: int) -> BOOL:
        order = np.lexsort((self.pts, self.slot))
        pts, slot, strong = self.pts[order], self.slot[order], self.strong[order]
        rows = np.arange(len(self))
        vouched = strong.copy()
        for nearest in (
            np.maximum.accumulate(np.where(strong, rows, -1)),
            np.minimum.accumulate(np.where(strong, rows, len(self))[::-1])[::-1],
        ):
            known = (nearest >= 0) & (nearest < len(self))
            at = nearest[known]
            vouched[known] |= (slot[at] == slot[known]) & (np.abs(pts[at] - pts[known]) <= vouch)
        believable = self.trusted.copy()
        believable[order[vouched]] = True
        return believable
