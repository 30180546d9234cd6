"""When faces that somebody sees are a finding: again and again on one track, where a flicker is seen once or twice. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import Final

import numpy as np

from proxy.media.time import TICKS_PER_SECOND
from proxy.tracking.history import HistoryFull
from proxy.tracking.rules import FACE_RULES, TrackRules
from proxy.tracking.tracker import TooManyTracks, Tracker
from proxy.vision.detections import Detections

RULES: Final = TrackRules(high=0.5, low=0.4, overlap=0.3, reach=0.4, movement=FACE_RULES.movement, sure=0.6, capacity=200)
SIGHTINGS: Final = 4
LASTING: Final = TICKS_PER_SECOND * 3 // 4
"""So many sure sightings on one track make a finding, where the track's first and last are so far apart, in ticks."""
REMEMBERED: Final = 2 * TICKS_PER_SECOND
"""How long a track may go unseen, in ticks: looks can be far apart where there is little time for them."""


@dataclass(frozen=True, slots=True)
class Found:
    """A face that is really there: how often it was seen, and from its first sighting to its last, in ticks."""

    sightings: int
    lasted: int


@dataclass(slots=True)
class Suspicion:
    """What was seen of one stream so far."""

    _tracker: Tracker = field(default_factory=lambda: _tracker())
    _last: int | None = None
    _told: set[int] = field(default_factory=set)

    def saw(self, pts: int, faces: Detections) -> list[Found]:
        """Take what was seen at ``pts``, ticks: what is a finding now and was none before."""
        if self._last is not None and not self._last < pts <= self._last + REMEMBERED:
            self._tracker = _tracker()
            self._told.clear()
        self._last = pts
        try:
            self._tracker.step(pts, faces.xyxy.astype(np.float64), faces.score.astype(np.float64))
        except (TooManyTracks, HistoryFull):
            self._tracker = _tracker()
            return [Found(len(faces), 0)]
        self._tracker.forget(pts)
        return self._new()

    def _new(self) -> list[Found]:
        tracks = self._tracker.tracks
        lasted = tracks.last - tracks.first
        rows = np.flatnonzero((tracks.sure >= SIGHTINGS) & (lasted >= LASTING))
        fresh = [row for row in rows if int(tracks.track_id[row]) not in self._told]
        self._told = {int(tracks.track_id[row]) for row in rows}
        return [Found(int(tracks.seen[row]), int(lasted[row])) for row in fresh]


def _tracker() -> Tracker:
    return Tracker(count(), RULES, patience=REMEMBERED)
