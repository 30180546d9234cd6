from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from proxy.masking.cadence import Cadence
from proxy.masking.lookback import LookBack
from proxy.masking.passes import Pass
from proxy.masking.plan import CoverFrame, CoverReason, CoverRegions, MaskPlan
from proxy.masking.policy import MaskPolicy, Target
from proxy.tracking.rules import BODY_RULES
from proxy.vision.detections import Detections, Label

FRAME = 3000
WIDTH, HEIGHT = 640, 360
POLICY = MaskPolicy(interval_ms=100, hold_ms=600, lead_ms=None)
BODY = (300.0, 100.0, 340.0, 200.0)
SURE = 0.9
WEAK = (BODY_RULES.low + BODY_RULES.high) / 2


def bodies(*found: tuple[float, ...]) -> Detections:
    rows = np.array(found, np.float32).reshape(-1, 5)
    return Detections.of(rows[:, :4], rows[:, 4], Label.BODY)


def show(look_back: LookBack, kind: Pass, pts: int, found: Detections | None = None) -> None:
    look_back.examined(kind, pts, found or Detections.empty(), width=WIDTH, height=HEIGHT)


def replay(scene: dict[int, Detections], *, frames: int, policy: MaskPolicy = POLICY, every: int = 1) -> list[MaskPlan]:
    """Plans of ``frames`` frames at 30 a second, where bodies are looked for on every ``every``-th and on the last one."""
    look_back = LookBack(policy)
    line, plans = [], []
    for number in range(frames):
        pts, last = number * FRAME, number == frames - 1
        show(look_back, Pass.FACES, pts)
        show(look_back, Pass.LARGE_FACES, pts)
        if number % every == 0 or last:
            show(look_back, Pass.BODIES, pts, scene.get(number))
        line.append(pts)
        if last:
            look_back.ended()
        while line and (last or line[0] + policy.lookback <= pts):
            plans.append(look_back.decide(line.pop(0)))
    return plans


def covers(plan: MaskPlan, box: tuple[float, ...] = BODY) -> bool:
    if isinstance(plan, CoverFrame):
        return True
    inner, outer = np.array(box[:4]), plan.xyxy
    return bool(((outer[:, :2] <= inner[:2] + 0.01) & (outer[:, 2:] >= inner[2:] - 0.01)).all(axis=1).any())


def reasons(plans: list[MaskPlan]) -> set[CoverReason]:
    return {plan.reason for plan in plans if isinstance(plan, CoverFrame)}


def test_an_empty_scene_is_shown_without_a_region():
    assert all(isinstance(plan, CoverRegions) and len(plan) == 0 for plan in replay({}, frames=40, every=5))


def test_a_person_first_seen_is_covered_in_the_frames_before_through_the_look_back_time():
    plans = replay({number: bodies((*BODY, SURE)) for number in range(20, 40)}, frames=40)
    assert all(covers(plan) for plan in plans[8:])
    assert not covers(plans[7])


def test_a_lost_track_is_held_for_the_hold_time_and_no_longer():
    plans = replay({number: bodies((*BODY, SURE)) for number in range(31)}, frames=80)
    assert all(covers(plan) for plan in plans[: 30 + 18 + 1])
    assert not any(covers(plan) for plan in plans[30 + 18 + 1 :])


def test_what_was_seen_once_is_held_only_briefly():
    plans = replay({20: bodies((*BODY, SURE))}, frames=60)
    briefly = round(POLICY.brief_hold / FRAME)
    assert covers(plans[20 + briefly])
    assert not covers(plans[20 + briefly + 1])


def test_a_person_is_covered_between_two_looks_along_the_way():
    scene = {number: bodies((BODY[0] + 4 * number, BODY[1], BODY[2] + 4 * number, BODY[3], SURE)) for number in range(31)}
    plans = replay(scene, frames=31, every=6)
    assert all(covers(plan, tuple(scene[number].xyxy[0])) for number, plan in enumerate(plans))


def test_a_person_who_is_missed_for_some_looks_is_covered_in_between():
    scene = {number: bodies((*BODY, SURE)) for number in range(60) if not 20 < number < 32}
    assert all(covers(plan) for plan in replay(scene, frames=60))


def test_weak_sightings_alone_cover_nothing_and_beside_a_strong_one_they_do():
    weak = {number: bodies((*BODY, WEAK)) for number in range(60)}
    assert not any(covers(plan) for plan in replay(weak, frames=60))
    plans = replay({**weak, 20: bodies((*BODY, SURE))}, frames=60)
    vouched, held = round(BODY_RULES.vouch_ms * 90 / FRAME), round(POLICY.hold / FRAME)
    assert all(covers(plan) for plan in plans[20 - vouched : 20 + vouched + 1])
    assert not any(covers(plan) for plan in plans[20 + vouched + held + 1 :])


def test_a_person_who_walked_out_of_the_picture_is_not_held():
    scene = {number: bodies((WIDTH - 60 + 5 * number, 100.0, WIDTH - 20 + 5 * number, 200.0, SURE)) for number in range(12)}
    plans = replay(scene, frames=40)
    assert len(plans[11]) > 0
    assert len(plans[20]) == 0


@given(st.lists(st.tuples(st.integers(0, 600), st.integers(0, 300), st.integers(8, 200), st.floats(0, 1)), max_size=12))
def test_a_strong_detection_is_always_covered_in_its_own_frame(found: list[tuple[int, int, int, float]]):
    rows = [(x, y, x + side, y + side, score) for x, y, side, score in found]
    sure = [row for row in rows if row[4] >= 0.5]
    look_back = LookBack(POLICY)
    show(look_back, Pass.FACES, 0)
    show(look_back, Pass.LARGE_FACES, 0)
    show(look_back, Pass.BODIES, 0, bodies(*rows))
    plan = look_back.decide(0)
    assert all(covers(plan, row) for row in sure)


def test_a_face_in_a_single_face_pass_is_covered_in_that_frame():
    look_back = LookBack(replace(POLICY, targets=frozenset({Target.FACE})))
    show(look_back, Pass.LARGE_FACES, 0)
    show(look_back, Pass.FACES, 0, Detections.of(np.array([BODY], np.float32), np.array([0.9], np.float32), Label.FACE))
    assert covers(look_back.decide(0))


def test_a_frame_without_its_own_face_pass_is_covered_whole():
    look_back = LookBack(POLICY)
    for kind in (Pass.LARGE_FACES, Pass.BODIES):
        show(look_back, kind, 0)
    assert look_back.decide(0) == CoverFrame(CoverReason.NOT_EXAMINED)


def test_a_failed_face_pass_covers_its_frame_with_its_reason():
    look_back = LookBack(POLICY)
    for kind in (Pass.LARGE_FACES, Pass.BODIES):
        show(look_back, kind, 0)
    look_back.failed(Pass.FACES, 0, CoverReason.DETECTOR_FAILED)
    assert look_back.decide(0) == CoverFrame(CoverReason.DETECTOR_FAILED)


def test_without_a_look_for_bodies_ahead_frames_are_covered_whole():
    look_back = LookBack(POLICY)
    for kind in Pass:
        show(look_back, kind, 0)
    for number in range(1, 13):
        show(look_back, Pass.FACES, number * FRAME)
        show(look_back, Pass.LARGE_FACES, number * FRAME)
    assert isinstance(look_back.decide(0), CoverRegions)
    assert look_back.decide(FRAME) == CoverFrame(CoverReason.NOT_EXAMINED)


def test_after_a_reset_nothing_that_was_examined_counts_and_ids_go_on():
    look_back = LookBack(POLICY)
    for kind in Pass:
        show(look_back, kind, 0, bodies((*BODY, SURE)) if kind is Pass.BODIES else None)
    look_back.reset()
    assert look_back.decide(0) == CoverFrame(CoverReason.NOT_EXAMINED)
    for kind in Pass:
        show(look_back, kind, FRAME, bodies((*BODY, SURE)) if kind is Pass.BODIES else None)
    plan = look_back.decide(FRAME)
    assert isinstance(plan, CoverRegions)
    assert plan.track.tolist() == [1]


def test_more_people_than_can_be_followed_cover_every_frame_concerned_and_then_the_tracker_recovers():
    policy = replace(POLICY, body_rules=replace(BODY_RULES, capacity=5))
    crowd = bodies(*((60.0 * k, 10.0, 60.0 * k + 30, 100.0, SURE) for k in range(9)))
    plans = replay({10: crowd}, frames=60, policy=policy)
    assert all(plan == CoverFrame(CoverReason.TRACKER_FAILED) for plan in plans[:11])
    assert all(isinstance(plan, CoverRegions) for plan in plans[11:])


def test_a_tracker_that_breaks_while_deciding_covers_the_frame(monkeypatch: pytest.MonkeyPatch):
    look_back = LookBack(POLICY)
    for kind in Pass:
        show(look_back, kind, 0)
    monkeypatch.setattr("proxy.masking.lookback.extent_between", lambda *_, **__: 1 / 0)
    assert look_back.decide(0) == CoverFrame(CoverReason.TRACKER_FAILED)


def test_a_region_that_is_no_number_covers_the_frame(monkeypatch: pytest.MonkeyPatch):
    look_back = LookBack(POLICY)
    for kind in Pass:
        show(look_back, kind, 0, bodies((*BODY, SURE)) if kind is Pass.BODIES else None)
    monkeypatch.setattr("proxy.masking.lookback.extent_between", lambda sides, **_: np.full((len(sides), 4), np.nan))
    assert look_back.decide(0) == CoverFrame(CoverReason.TRACKER_FAILED)


def test_faces_and_bodies_share_one_space_of_ids():
    look_back = LookBack(POLICY)
    show(look_back, Pass.FACES, 0, Detections.of(np.array([[10, 10, 30, 34]], np.float32), np.array([0.9], np.float32), Label.FACE))
    show(look_back, Pass.LARGE_FACES, 0)
    show(look_back, Pass.BODIES, 0, bodies((*BODY, SURE)))
    plan = look_back.decide(0)
    assert isinstance(plan, CoverRegions)
    assert set(plan.track.tolist()) == {0, 1}


@pytest.mark.parametrize("gap", [1500, 3003, 3750, 9000, 18_000, 90_000])
def test_with_the_cadence_that_belongs_to_it_no_frame_of_an_even_stream_is_covered_whole(gap: int):
    look_back, cadence = LookBack(POLICY), Cadence(POLICY)
    line, plans = [], []
    for number in range(80):
        last = number == 79
        for kind in cadence.due(number * gap, last=last):
            show(look_back, kind, number * gap)
        line.append(number * gap)
        if last:
            look_back.ended()
        while line and (last or line[0] + POLICY.lookback <= number * gap):
            plans.append(look_back.decide(line.pop(0)))
    assert reasons(plans) == set()


detections = st.lists(
    st.tuples(st.integers(-50, 600), st.integers(-50, 300), st.integers(1, 300), st.integers(1, 300), st.floats(0, 1)),
    max_size=8,
)


class AnyOrder(RuleBasedStateMachine):
    """Whatever is called in whatever order, every frame gets a plan, and a frame that nobody looked at is covered whole."""

    def __init__(self) -> None:
        super().__init__()
        self.look_back = LookBack(POLICY)
        self.newest = 0
        self.decided = -1
        self.looked = set[int]()

    @rule(kind=st.sampled_from(Pass), ahead=st.integers(-10_000, 40_000), found=detections, label=st.sampled_from(Label))
    def examined(self, kind: Pass, ahead: int, found: list[tuple[float, ...]], label: Label) -> None:
        pts = max(self.newest + ahead, 0)
        self.newest = max(self.newest, pts)
        boxes = np.array([(x, y, x + width, y + height) for x, y, width, height, _ in found], np.float32).reshape(-1, 4)
        look = Detections.of(boxes, np.array([score for *_, score in found], np.float32), label)
        self.look_back.examined(kind, pts, look, width=WIDTH, height=HEIGHT)
        if kind is Pass.FACES:
            self.looked.add(pts)

    @rule(kind=st.sampled_from(Pass), ahead=st.integers(-10_000, 10_000), reason=st.sampled_from(CoverReason))
    def failed(self, kind: Pass, ahead: int, reason: CoverReason) -> None:
        self.look_back.failed(kind, max(self.newest + ahead, 0), reason)

    @rule()
    def ended(self) -> None:
        self.look_back.ended()

    @rule()
    def reset(self) -> None:
        self.look_back.reset()
        self.looked.clear()

    @rule(on=st.integers(0, 40_000))
    def decide(self, on: int) -> None:
        waiting = sorted(pts for pts in self.looked if pts > self.decided)
        pts = waiting[0] if waiting and on % 2 else self.decided + 1 + on
        self.decided = pts
        plan = self.look_back.decide(pts)
        assert isinstance(plan, CoverFrame | CoverRegions)
        if pts not in self.looked:
            assert isinstance(plan, CoverFrame)
        if isinstance(plan, CoverRegions):
            assert np.isfinite(plan.xyxy).all()
            assert (plan.xyxy[:, 2:] >= plan.xyxy[:, :2]).all()

    @invariant()
    def memory_is_bounded(self) -> None:
        assert len(self.look_back._faces) + len(self.look_back._bodies) <= 2000


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=settings().max_examples // 3)
