"""One camera's memory of the last moments, and the decision about each frame that leaves it.

1. A frame is shown only when it got its own glance and every pass looked at or before it and at or after it, both within the
   look-back time and one frame. Where the glance finds that nothing changed since a look, that look still counts.
2. It is then covered with the union of what all passes say, along the tracks: between sightings, before the first, after the last.
3. Whatever goes wrong covers the frame, and everything that was known until then counts as unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final

import numpy as np
from numpy.typing import NDArray

from proxy.masking.badges import wearers
from proxy.masking.consent import Polygon, settled, shown, standing
from proxy.masking.looks import Looks
from proxy.masking.passes import Pass
from proxy.masking.plan import CoverFrame, CoverReason, CoverRegions, MaskPlan
from proxy.masking.policy import MaskPolicy
from proxy.masking.regions import Covered, parts_of, regions
from proxy.masking.watch import U8, Watch
from proxy.media.time import TICKS_PER_SECOND, ms_to_ticks
from proxy.tracking.groups import groups
from proxy.tracking.paths import extent_between, left, lower_ends
from proxy.tracking.rules import TrackRules
from proxy.tracking.tracker import Tracker
from proxy.vision.cells import BOOL, Cells
from proxy.vision.detections import Detections, Label

F64 = NDArray[np.float64]
LARGEST_ID: Final = 2**31 - 1
FORGETTING: Final = ms_to_ticks(200)
"""Ticks between two times at which what is over is dropped: what was worked out from it lasts so long."""
MARGIN_CELLS: Final = 2
"""Cells around what is hidden in which change is put down to whoever is hidden: shadows, and where they just were."""


def no_badges(_parts: F64) -> F64:
    """Nobody wears any."""
    return np.empty((0, 4))


def nobody_agreed() -> tuple[Polygon, ...]:
    """Nowhere."""
    return ()


@dataclass(frozen=True, slots=True)
class Glance:
    """What one comparison of a frame with what is known found.

    Attributes:
        asking: ``(R, C)`` which cells ask for a look.
        active: whether anybody is followed.
    """

    asking: BOOL
    active: bool


class LookBack:
    """Takes the results of passes, in any interleaving of kinds, and decides about frames in increasing time.

    Args:
        policy: what is hidden.
        agreed: where people agreed to be seen, now.
    """

    def __init__(self, policy: MaskPolicy, agreed: Callable[[], Sequence[Polygon]] = nobody_agreed) -> None:
        self._policy = policy
        self._agreed = agreed
        self._ids = count()
        self._picture = np.zeros(2)
        self._looks = Looks()
        self._watch = Watch()
        self._cells = Cells.over(2, 2)
        self._forgot: int | None = None
        self._faces, self._bodies = self._new_trackers()

    def glance(self, pts: int, tones: U8, cells: Cells) -> Glance:
        """Compare the frame at ``pts``, the newest, with what is known; ``tones`` is ``(R, C)`` uint8, the luma of its ``cells``.

        What is hidden is told by where everybody followed should be by now.
        """
        try:
            self._cells = cells
            asking = self._watch.glance(tones, self._hidden(pts))
            return Glance(asking, active=bool(len(self._faces) or len(self._bodies)))
        except Exception:  # noqa: BLE001  whatever broke, everything asks for a look
            self._restart()
            return Glance(~cells.nowhere, active=True)

    def looks_at(self, pts: int, part: BOOL) -> None:
        """The frame of the last glance, at ``pts``, is being looked at closely in these cells ``(R, C)``."""
        self._watch.looks_at(pts, part)

    def glanced(self, pts: int, unneeded: tuple[Pass, ...]) -> None:
        """The frame at ``pts`` got its glance, and by it needs no look of the ``unneeded`` passes."""
        self._looks.glanced(pts, unneeded)

    def examined(self, kind: Pass, pts: int, detections: Detections, *, width: int, height: int) -> None:
        """What one pass found in the frame at ``pts`` (ticks), a picture of ``width`` × ``height`` pixels."""
        try:
            self._picture = np.array([width, height], np.float64)
            bodies = detections.label == Label.BODY
            if kind is Pass.BODIES or bodies.any():
                found = detections.where(bodies)
                self._step(self._bodies, pts, found.where(~groups(found.xyxy, found.score)))
            if kind is not Pass.BODIES or not bodies.all():
                self._step(self._faces, pts, detections.where(~bodies))
            if kind is Pass.DETAIL:
                self._watch.saw(pts, self._taken(pts))
            self._looks.done(kind, pts)
        except Exception:  # noqa: BLE001  whatever broke, what it leaves behind is not to be trusted
            self._looks.done(kind, pts)
            self._restart()

    def failed(self, kind: Pass, pts: int, reason: CoverReason) -> None:
        """A pass gave no result on the frame at ``pts``.

        A close look is asked for by frames up to an interval before it: those that counted on it lose what stood for it.
        """
        self._looks.failed(kind, pts, reason)
        if kind is Pass.DETAIL:
            self._looks.retract(kind, pts - ms_to_ticks(self._policy.longest_interval_ms))

    def ended(self) -> None:
        """No later frame will come: the passes on the last frame are the looks after all that are left."""
        self._looks.ended()

    def reset(self) -> None:
        """What comes next has nothing to do with what was before. Ids go on."""
        self._looks = Looks()
        self._watch.reset()
        self._faces, self._bodies = self._new_trackers()

    def decide(self, pts: int, badges: Callable[[F64], F64] = no_badges) -> MaskPlan:
        """What is covered in the frame at ``pts`` (ticks), which leaves now; asked once per frame, in increasing time.

        Whoever wears one of the ``badges`` is not: those ``(K, 4)`` xyxy that are seen now in parts ``(N, 4)`` of the picture.
        """
        within = self._policy.lookback + self._looks.gap(pts)
        reason = self._looks.missing(pts, self._policy.passes, within=within)
        try:
            plan = CoverFrame(reason) if reason is not None else self._regions(pts, badges)
            self._forget(pts)
        except Exception:  # noqa: BLE001  a frame about which anything is in doubt is covered
            self._restart()
            return CoverFrame(CoverReason.TRACKER_FAILED)
        return plan

    def _taken(self, pts: int) -> BOOL:
        """``(R, C)`` the cells of everybody in the frame at ``pts``, by what is known now."""
        return self._cells_of(self._covered(self._faces, pts), self._covered(self._bodies, pts))

    def _hidden(self, pts: int) -> BOOL:
        """``(R, C)`` those of them that are hidden in any case: not of people who may turn out to stand where they agreed to."""
        faces, bodies = self._covered(self._faces, pts), self._covered(self._bodies, pts)
        return self._cells_of(*self._without(faces, bodies, standing(bodies, self._agreed(), self._picture)))

    def _cells_of(self, faces: Covered, bodies: Covered) -> BOOL:
        parts = parts_of(faces, bodies, self._policy)
        return self._cells.touched(parts.xyxy.astype(np.float64), margin=MARGIN_CELLS)

    def _found(self, pts: int, badges: Callable[[F64], F64]) -> CoverRegions:
        faces, bodies = self._covered(self._faces, pts), self._covered(self._bodies, pts)
        known = settled(bodies)
        # each rule judges among everybody: whom the other shows may be the one whose feet or badge it sees
        stand, stand_faces = shown(bodies.xyxy, faces.xyxy, standing(bodies, self._agreed(), self._picture) & known)
        wear, wear_faces = wearers(bodies.xyxy, faces.xyxy, badges(bodies.xyxy), known)
        return regions(faces.where(~(stand_faces | wear_faces)), bodies.where(~(stand | wear)), self._policy)

    @staticmethod
    def _without(faces: Covered, bodies: Covered, stands: BOOL) -> tuple[Covered, Covered]:
        """Those who are hidden, where those may be seen who stand where they agreed to be."""
        if not stands.any():
            return faces, bodies
        seen, looked = shown(bodies.xyxy, faces.xyxy, stands)
        return faces.where(~looked), bodies.where(~seen)

    def _regions(self, pts: int, badges: Callable[[F64], F64]) -> CoverRegions:
        found = self._found(pts, badges)
        if not np.isfinite(found.xyxy).all():
            raise ValueError("expected finite regions")
        seen = (found.xyxy[:, 2:] > 0).all(axis=1) & (found.xyxy[:, :2] < self._picture).all(axis=1)
        age = self._looks.age(pts, self._policy.passes)
        return CoverRegions(found.xyxy[seen], found.label[seen], found.track[seen], age)

    def _covered(self, tracker: Tracker, pts: int) -> Covered:
        if not tracker.confirmed:
            return Covered.nobody()
        sides = tracker.sides(pts, close=self._policy.steady)
        lead, brief, hold = (when / TICKS_PER_SECOND for when in (self._policy.lead, self._policy.brief_hold, self._policy.hold))
        between = np.isfinite(sides.since) & np.isfinite(sides.until)
        held = (sides.since <= np.clip(sides.lived, brief, hold)) & ~left(sides, *self._picture)
        sides = sides.where(between | held | (sides.until <= lead))
        extent = extent_between(sides, tracker.rules.movement)
        known = np.isfinite(sides.since) & np.isfinite(sides.until)
        return Covered(extent, sides.track_id, sides.sure, lower_ends(sides, extent), known)

    def _forget(self, pts: int) -> None:
        if self._forgot is not None and 0 <= pts - self._forgot < FORGETTING:
            return
        self._forgot = pts
        self._looks.forget(pts - 2 * self._policy.lookback - self._looks.gap(pts))
        self._faces.forget(pts)
        self._bodies.forget(pts)

    def _restart(self) -> None:
        self._looks.undone(CoverReason.TRACKER_FAILED)
        self._watch.reset()
        self._faces, self._bodies = self._new_trackers()

    def _new_trackers(self) -> tuple[Tracker, Tracker]:
        def tracker(rules: TrackRules) -> Tracker:
            return Tracker(
                (number % LARGEST_ID for number in self._ids), rules, patience=max(self._policy.hold, 2 * self._policy.lookback)
            )

        return tracker(self._policy.face_rules), tracker(self._policy.body_rules)

    @staticmethod
    def _step(tracker: Tracker, pts: int, detections: Detections) -> None:
        boxes: NDArray[np.float64] = detections.xyxy.astype(np.float64)
        tracker.step(pts, boxes, detections.score.astype(np.float64))
