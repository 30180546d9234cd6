"""What must be hidden, and with how much room around it: values, checked once, read everywhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from proxy.masking.passes import Pass
from proxy.media.time import ms_to_ticks
from proxy.tracking.rules import BODY_RULES, FACE_RULES, TrackRules


class Target(StrEnum):
    """A part of people that may not be recognisable."""

    FACE = "face"
    HEAD = "head"
    BODY = "body"


ALL_TARGETS = frozenset(Target)


@dataclass(frozen=True, slots=True)
class Pads:
    """Room around what was seen, as a share of the box's own width or height."""

    left_right: float
    up: float
    down: float


@dataclass(frozen=True, slots=True)
class MaskPolicy:
    """What one camera hides, and for how long.

    Attributes:
        targets: which parts of people to hide.
        lookback_ms: how long a frame waits, and so how far apart two looks at the scene may be.
        interval_ms: time between looks at a picture in which anybody is, at most ``longest_interval_ms``; live it is stretched to
            that, or halved, as the machine affords.
        detail_ms: time between close looks at a part of the picture that keeps asking for them; stretched and halved with it.
        sweep_ms: time between close looks at a part of the picture in which nothing changed.
        hold_ms: how long a track that is no longer seen stays covered: as long as it was seen, but no longer than this, and
        brief_hold_ms: no shorter than this.
        lead_ms: how long before its first sight a track is covered; ``None`` for ``lookback_ms``.
        steady_ms: sizes are the largest seen within this time of a frame, so that a mask does not pulse.
        face: room around a face that is hidden as a face.
        head: room around a face that is hidden as a head: hair, chin, ears.
        body: room around a body.
        zone: room around the part of a body where its head is.
        face_rules: how faces become tracks.
        body_rules: how bodies become tracks.
    """

    targets: frozenset[Target] = ALL_TARGETS
    lookback_ms: float = 400
    interval_ms: float = 300
    detail_ms: float = 600
    sweep_ms: float = 3000
    hold_ms: float = 500
    brief_hold_ms: float = 300
    lead_ms: float | None = None
    steady_ms: float = 300
    face: Pads = Pads(left_right=0.25, up=0.35, down=0.25)
    head: Pads = Pads(left_right=0.45, up=0.65, down=0.35)
    body: Pads = Pads(left_right=0.06, up=0.06, down=0.05)
    zone: Pads = Pads(left_right=-0.2, up=0.05, down=0.0)
    face_rules: TrackRules = field(default=FACE_RULES)
    body_rules: TrackRules = field(default=BODY_RULES)

    def __post_init__(self) -> None:
        if not self.targets:
            raise ValueError("expected at least one target, got none")
        if not 0 < self.lookback_ms <= 10_000:
            raise ValueError(f"expected lookback_ms in 0..10000, got {self.lookback_ms}")
        if self.interval_ms <= 0 or min(self.detail_ms, self.sweep_ms, self.hold_ms, self.lead_ms or 0, self.steady_ms) < 0:
            raise ValueError("expected times that are not negative")

    @property
    def passes(self) -> tuple[Pass, ...]:
        """The passes that must have looked within the look-back time before and after every frame."""
        if self.targets == {Target.FACE}:
            return (Pass.FACES, Pass.DETAIL)
        return (Pass.FACES, Pass.BODIES, Pass.DETAIL)

    @property
    def longest_interval_ms(self) -> float:
        """The bound that no load stretches: what waits for the look after it need not wait for the whole look-back time."""
        return self.lookback_ms * 0.75

    @property
    def lookback(self) -> int:
        """``lookback_ms`` in ticks."""
        return ms_to_ticks(self.lookback_ms)

    @property
    def hold(self) -> int:
        """``hold_ms`` in ticks."""
        return ms_to_ticks(self.hold_ms)

    @property
    def brief_hold(self) -> int:
        """``brief_hold_ms`` in ticks, never more than ``hold``."""
        return min(ms_to_ticks(self.brief_hold_ms), self.hold)

    @property
    def lead(self) -> int:
        """``lead_ms`` in ticks."""
        return self.lookback if self.lead_ms is None else ms_to_ticks(self.lead_ms)

    @property
    def steady(self) -> int:
        """``steady_ms`` in ticks."""
        return ms_to_ticks(self.steady_ms)
