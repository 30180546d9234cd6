"""How one kind of thing becomes a track: thresholds, gates and how it moves, as values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Movement:
    """How far things of one kind get, in their own size: the square root of width times height.

    Attributes:
        speed: standard deviation of the velocity of something new, sizes per second.
        acceleration: standard deviation of the change of velocity in one second, sizes per second.
        jitter: standard deviation of a measured centre, sizes; a measured width or height is off by twice that share.
    """

    speed: float
    acceleration: float
    jitter: float


@dataclass(frozen=True, slots=True)
class TrackRules:
    """Thresholds and bounds of one tracker.

    Attributes:
        high: a detection with at least this score is believed at sight.
        low: a detection with at least this score is believed when its track holds one at ``high`` close in time.
        vouch_ms: so close.
        sure: a detection with at least this score is hardly ever a mistake.
        overlap: a track and a detection with at least this IoU may be the same.
        reach: so may those whose centres are no further apart than this many sizes, plus what the track may have moved.
        movement: how far things of this kind get.
        tentative_ms: how long a track without a detection at ``high`` is remembered after it was last seen.
        capacity: most confirmed tracks; with more, the tracker fails and frames are covered whole.
    """

    high: float
    low: float
    overlap: float
    reach: float
    movement: Movement
    vouch_ms: float = 200
    sure: float = 0.6
    tentative_ms: float = 600
    capacity: int = 500

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.high <= 1:
            raise ValueError(f"expected 0 <= low <= high <= 1, got low {self.low} and high {self.high}")


# A walker crosses 1.4 m in a second and gains or loses 1.1 m a second in one: 1.5 and 1.2 sizes of a body of 0.5 m by 1.7 m; of a
# face of 0.2 m five times as many.
FACE_RULES = TrackRules(high=0.3, low=0.12, overlap=0.3, reach=0.4, movement=Movement(speed=4.0, acceleration=15.0, jitter=0.05))
BODY_RULES = TrackRules(high=0.25, low=0.12, overlap=0.35, reach=0.25, movement=Movement(speed=1.2, acceleration=1.2, jitter=0.05))
