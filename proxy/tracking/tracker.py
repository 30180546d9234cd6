"""Tracks of one kind of thing, as columns.

1. A detection at ``high`` is a track at once. One between ``low`` and ``high`` is a *tentative* track, which hides nothing until
   a detection at ``high`` joins it; then everything seen before counts too. That is the idea of ByteTrack (Y. Zhang et al.,
   2022) turned around in time: weak boxes are believed because of what comes before *or after* them.
2. Results may come out of order in time: a late one is matched against where the tracks were then.
3. Ids are given on confirmation, in order, and never again.
4. Everything is bounded: confirmed tracks by ``capacity``, tentative ones by the room that is left, sightings by the history.
   Past a bound the tracker raises, and whoever asks covers the frame.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from proxy.media.time import TICKS_PER_SECOND, ms_to_ticks
from proxy.tracking.association import Match, associate
from proxy.tracking.history import History
from proxy.tracking.kalman import Motion
from proxy.tracking.paths import Sides, place_between
from proxy.tracking.rules import TrackRules

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
INDEX = NDArray[np.intp]
BOOL = NDArray[np.bool_]

TENTATIVE: Final = -1
RECENT: Final = ms_to_ticks(1500)
"""Ticks in which every sighting is remembered; of what is older, each track's last ones."""
TENTATIVE_ROOM: Final = 500
TENTATIVE_PENALTY: Final = 0.2


class TooManyTracks(Exception):
    """More things are in the picture than a tracker may follow."""


@dataclass(frozen=True, slots=True)
class Tracks:
    """T tracks.

    Attributes:
        track_id: ``(T,)`` int64, ``TENTATIVE`` where no detection at ``high`` has joined yet.
        first: ``(T,)`` int64 ticks of the first sighting.
        last: ``(T,)`` int64 ticks of the last sighting.
        seen: ``(T,)`` int64, the number of sightings.
        sure: ``(T,)`` int64, how many of them were sure.
    """

    track_id: I64
    first: I64
    last: I64
    seen: I64
    sure: I64

    def __len__(self) -> int:
        return len(self.track_id)

    @classmethod
    def empty(cls) -> Tracks:
        """Nobody."""
        return cls(*(np.empty(0, np.int64) for _ in range(5)))

    @classmethod
    def started(cls, pts: int, track_id: I64, sure: BOOL) -> Tracks:
        """Tracks seen once, at ``pts``."""
        when = np.full(len(track_id), pts, np.int64)
        return cls(track_id, when, when.copy(), np.ones(len(track_id), np.int64), sure.astype(np.int64))

    def where(self, rows: BOOL) -> Tracks:
        """The rows that ``rows`` marks."""
        return Tracks(self.track_id[rows], self.first[rows], self.last[rows], self.seen[rows], self.sure[rows])

    def joined(self, other: Tracks) -> Tracks:
        """These tracks, then the other's."""
        return Tracks(
            np.concatenate([self.track_id, other.track_id]),
            np.concatenate([self.first, other.first]),
            np.concatenate([self.last, other.last]),
            np.concatenate([self.seen, other.seen]),
            np.concatenate([self.sure, other.sure]),
        )


class Tracker:
    """Follows one kind of thing. Fed with :meth:`step`, asked with :meth:`sides`, told with :meth:`forget` what is over.

    Args:
        ids: where ids come from.
        rules: thresholds and bounds.
        patience: ticks after its last sighting in which a track is remembered and may be seen again.
    """

    def __init__(self, ids: Iterator[int], rules: TrackRules, *, patience: int) -> None:
        self._ids = ids
        self._rules = rules
        self._patience = patience
        self._tentative_patience = min(patience, ms_to_ticks(rules.tentative_ms))
        self._tracks = Tracks.empty()
        self._motion = Motion.started(np.empty((0, 4)), rules.movement)
        self._vouch = ms_to_ticks(rules.vouch_ms)
        self._history = History.empty()
        self._believed: History | None = None
        self._now: int | None = None

    def __len__(self) -> int:
        return len(self._tracks)

    @property
    def rules(self) -> TrackRules:
        """Thresholds and bounds."""
        return self._rules

    @property
    def confirmed(self) -> bool:
        """Whether any track is more than tentative."""
        return bool((self._tracks.track_id != TENTATIVE).any())

    @property
    def tracks(self) -> Tracks:
        """All tracks, tentative ones too, in the order in which they began."""
        return self._tracks

    def step(self, pts: int, xyxy: F64, score: F64) -> None:
        """Take what was found at ``pts``: ``(N, 4)`` pixels and ``(N,)`` scores 0..1.

        Raises:
            TooManyTracks: there are more than ``capacity``.
            HistoryFull: there is no room for what was seen.
        """
        self._believed = None
        usable = score >= self._rules.low
        boxes, score = xyxy[usable].astype(np.float64), score[usable]
        if self._now is None or pts > self._now:
            self._advance(pts)
        high = score >= self._rules.high
        track, found = self._matched(pts, boxes, high)
        self._observe(pts, track, boxes[found], score[found])
        fresh = np.ones(len(boxes), bool)
        fresh[found] = False
        self._start(pts, boxes[fresh], score[fresh])

    def sides(self, pts: int, *, close: int = 0) -> Sides:
        """What is known about every confirmed track around ``pts``; sightings within ``close`` ticks count as close in time."""
        named = self._tracks.track_id != TENTATIVE
        if self._believed is None:
            self._believed = self._history.of_tracks(named).believed(self._vouch)
        sides = self._sides(self._believed, pts, close, named)
        return sides.where(np.isfinite(sides.nearest))

    def forget(self, pts: int) -> None:
        """Drop what no frame from ``pts`` on needs: tracks last seen longer ago than they are remembered, and old sightings."""
        self._believed = None
        kept = self._tracks.last + self._remembered() >= pts
        self._history = self._history.kept(kept, pts - min(self._patience, RECENT), vouch=self._vouch)
        if not kept.all():
            self._tracks = self._tracks.where(kept)
            self._motion = self._motion.where(kept)

    def _advance(self, pts: int) -> None:
        if self._now is not None:
            seconds = np.full(len(self._tracks), (pts - self._now) / TICKS_PER_SECOND)
            self._motion = self._motion.predicted(seconds, self._rules.movement)
        self._now = pts

    def _matched(self, pts: int, boxes: F64, high: BOOL) -> tuple[INDEX, INDEX]:
        """Tracks and detections that belong together: strong detections choose first, weak ones take what is left."""
        alive = np.flatnonzero((pts <= self._tracks.last + self._remembered()) & (pts >= self._tracks.first - self._patience))
        expected, reach = self._expected(pts, alive)
        penalty = np.where(self._tracks.track_id[alive] == TENTATIVE, TENTATIVE_PENALTY, 0.0)
        free = np.ones(len(alive), bool)
        tracks, found = [], []
        for stage in (np.flatnonzero(high), np.flatnonzero(~high)):
            rows = np.flatnonzero(free)
            match: Match = associate(
                expected[rows], boxes[stage], least_overlap=self._rules.overlap, reach=reach[rows], penalty=penalty[rows]
            )
            free[rows[match.rows]] = False
            tracks.append(alive[rows[match.rows]])
            found.append(stage[match.columns])
        return np.concatenate(tracks), np.concatenate(found)

    def _expected(self, pts: int, alive: INDEX) -> tuple[F64, F64]:
        """Where the tracks should be at ``pts``, ``(A, 4)`` pixels, and how far off that may be, ``(A,)`` sizes."""
        if pts == self._now:
            motion = self._motion.where(alive)
            return motion.xyxy, np.minimum(self._rules.reach + motion.drift, 1.5)
        everybody = np.ones(len(self._tracks), np.bool_)
        return place_between(self._sides(self._history, pts, 0, everybody))[alive], np.full(len(alive), self._rules.reach)

    def _sides(self, history: History, pts: int, close: int, rows: BOOL) -> Sides:
        """What ``history``, which holds the tracks that ``rows`` marks and no others, says about them."""
        tracks = self._tracks if rows.all() else self._tracks.where(rows)
        lived = (tracks.last - tracks.first) / TICKS_PER_SECOND
        return Sides.of(
            history,
            pts,
            track_id=tracks.track_id,
            rate=self._motion.rate[rows],
            lived=lived,
            seen=tracks.seen,
            sure=tracks.sure,
            close=close,
        )

    def _observe(self, pts: int, track: INDEX, boxes: F64, score: F64) -> None:
        tracks = self._tracks
        high = score >= self._rules.high
        named = tracks.track_id.copy()
        for slot in track[high & (named[track] == TENTATIVE)]:
            named[slot] = next(self._ids)
        first, last, seen, sure = tracks.first.copy(), tracks.last.copy(), tracks.seen.copy(), tracks.sure.copy()
        first[track] = np.minimum(first[track], pts)
        last[track] = np.maximum(last[track], pts)
        seen[track] += 1
        sure[track] += score >= self._rules.sure
        self._tracks = replace(tracks, track_id=named, first=first, last=last, seen=seen, sure=sure)
        self._history = self._history.with_seen(pts, track, boxes, high)
        if pts == self._now:
            corrected = self._motion.where(track).updated(boxes, self._rules.movement)
            self._motion = self._motion.replaced(track, corrected)

    def _start(self, pts: int, boxes: F64, score: F64) -> None:
        high = score >= self._rules.high
        confirmed = int((self._tracks.track_id != TENTATIVE).sum())
        if confirmed + int(high.sum()) > self._rules.capacity:
            raise TooManyTracks(f"expected at most {self._rules.capacity} tracks")
        room = TENTATIVE_ROOM - (len(self._tracks) - confirmed)
        begun = high | (np.cumsum(~high) <= room)
        boxes, score, high = boxes[begun], score[begun], high[begun]
        named = np.array([next(self._ids) if strong else TENTATIVE for strong in high], np.int64)
        slots = len(self._tracks) + np.arange(len(boxes))
        motion = Motion.started(boxes, self._rules.movement)
        if self._now is not None and pts < self._now:
            seconds = np.full(len(boxes), (self._now - pts) / TICKS_PER_SECOND)
            motion = motion.predicted(seconds, self._rules.movement)
        self._tracks = self._tracks.joined(Tracks.started(pts, named, score >= self._rules.sure))
        self._motion = self._motion.joined(motion)
        self._history = self._history.with_seen(pts, slots, boxes, high)

    def _remembered(self) -> I64:
        return np.where(self._tracks.track_id == TENTATIVE, self._tentative_patience, self._patience)
