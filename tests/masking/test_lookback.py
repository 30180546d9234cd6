from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from proxy.masking.cadence import Cadence, Due
from proxy.masking.closely import Window
from proxy.masking.consent import Polygon
from proxy.masking.lookback import LookBack, nobody_agreed
from proxy.masking.passes import Pass
from proxy.masking.plan import CoverFrame, CoverReason, CoverRegions, MaskPlan
from proxy.masking.policy import MaskPolicy, Target
from proxy.tracking.rules import BODY_RULES
from proxy.vision.cells import Cells
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


def show_all(look_back: LookBack, pts: int, found: Detections | None = None) -> None:
    """A glance and every look at one frame; ``found`` is what the look for bodies finds."""
    look_back.glanced(pts, ())
    for kind in Pass:
        show(look_back, kind, pts, found if kind is Pass.BODIES else None)


def replay(
    scene: dict[int, Detections],
    *,
    frames: int,
    policy: MaskPolicy = POLICY,
    every: int = 1,
    agreed: Callable[[], tuple[Polygon, ...]] = nobody_agreed,
) -> list[MaskPlan]:
    """Plans of ``frames`` frames at 30 a second, where bodies are looked for on every ``every``-th and on the last one."""
    look_back = LookBack(policy, agreed)
    line, plans = [], []
    for number in range(frames):
        pts, last = number * FRAME, number == frames - 1
        look_back.glanced(pts, ())
        show(look_back, Pass.FACES, pts)
        show(look_back, Pass.DETAIL, pts)
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
    show_all(look_back, 0, bodies(*rows))
    plan = look_back.decide(0)
    assert all(covers(plan, row) for row in sure)


def test_a_face_in_a_single_face_pass_is_covered_in_that_frame():
    look_back = LookBack(replace(POLICY, targets=frozenset({Target.FACE})))
    look_back.glanced(0, ())
    show(look_back, Pass.DETAIL, 0)
    show(look_back, Pass.FACES, 0, Detections.of(np.array([BODY], np.float32), np.array([0.9], np.float32), Label.FACE))
    assert covers(look_back.decide(0))


def test_a_frame_without_its_own_glance_is_covered_whole():
    look_back = LookBack(POLICY)
    for kind in Pass:
        show(look_back, kind, 0)
    assert look_back.decide(0) == CoverFrame(CoverReason.NOT_EXAMINED)


@pytest.mark.parametrize("kind", Pass)
def test_a_look_that_failed_covers_its_frame_with_its_reason(kind: Pass):
    look_back = LookBack(POLICY)
    look_back.glanced(0, ())
    for other in set(Pass) - {kind}:
        show(look_back, other, 0)
    look_back.failed(kind, 0, CoverReason.DETECTOR_FAILED)
    assert look_back.decide(0) == CoverFrame(CoverReason.DETECTOR_FAILED)


def test_without_a_look_for_bodies_ahead_frames_are_covered_whole():
    look_back = LookBack(POLICY)
    show_all(look_back, 0)
    for number in range(1, 13):
        look_back.glanced(number * FRAME, ())
        show(look_back, Pass.FACES, number * FRAME)
        show(look_back, Pass.DETAIL, number * FRAME)
    assert isinstance(look_back.decide(0), CoverRegions)
    assert look_back.decide(FRAME) == CoverFrame(CoverReason.NOT_EXAMINED)


def test_while_glances_find_nothing_new_no_look_is_needed():
    look_back = LookBack(POLICY)
    show_all(look_back, 0)
    for number in range(1, 60):
        look_back.glanced(number * FRAME, tuple(Pass))
    assert all(isinstance(look_back.decide(number * FRAME), CoverRegions) for number in range(59))


def test_a_close_look_that_fails_takes_back_the_glances_that_counted_on_it():
    look_back = LookBack(POLICY)
    show_all(look_back, 0)
    for number in range(1, 20):
        look_back.glanced(number * FRAME, tuple(Pass))
    look_back.failed(Pass.DETAIL, 20 * FRAME, CoverReason.DETECTOR_FAILED)
    first = 20 - round(POLICY.longest_interval_ms * 90 / FRAME)
    plans = [look_back.decide(number * FRAME) for number in range(20)]
    assert all(isinstance(plan, CoverRegions) for plan in plans[: first + 1])
    assert all(plan == CoverFrame(CoverReason.DETECTOR_FAILED) for plan in plans[first + 1 :])


def test_after_a_reset_nothing_that_was_examined_counts_and_ids_go_on():
    look_back = LookBack(POLICY)
    show_all(look_back, 0, bodies((*BODY, SURE)))
    look_back.reset()
    assert look_back.decide(0) == CoverFrame(CoverReason.NOT_EXAMINED)
    show_all(look_back, FRAME, bodies((*BODY, SURE)))
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
    show_all(look_back, 0, bodies((*BODY, SURE)))
    monkeypatch.setattr("proxy.masking.lookback.extent_between", lambda *_: 1 / 0)
    assert look_back.decide(0) == CoverFrame(CoverReason.TRACKER_FAILED)


def test_a_region_that_is_no_number_covers_the_frame(monkeypatch: pytest.MonkeyPatch):
    look_back = LookBack(POLICY)
    show_all(look_back, 0, bodies((*BODY, SURE)))
    monkeypatch.setattr("proxy.masking.lookback.extent_between", lambda sides, _: np.full((len(sides), 4), np.nan))
    assert look_back.decide(0) == CoverFrame(CoverReason.TRACKER_FAILED)


def test_faces_and_bodies_share_one_space_of_ids():
    look_back = LookBack(POLICY)
    look_back.glanced(0, ())
    show(look_back, Pass.FACES, 0, Detections.of(np.array([[10, 10, 30, 34]], np.float32), np.array([0.9], np.float32), Label.FACE))
    show(look_back, Pass.DETAIL, 0)
    show(look_back, Pass.BODIES, 0, bodies((*BODY, SURE)))
    plan = look_back.decide(0)
    assert isinstance(plan, CoverRegions)
    assert set(plan.track.tolist()) == {0, 1}


@pytest.mark.parametrize("gap", [1500, 3003, 3750, 9000, 18_000, 90_000])
@pytest.mark.parametrize("restless", [False, True])
def test_with_the_cadence_that_belongs_to_it_no_frame_of_an_even_stream_is_covered_whole(gap: int, restless: bool):
    """Whether nothing ever asks for a look after the first frame, or everything always does."""
    look_back, cadence = LookBack(POLICY), Cadence(POLICY)
    line, plans = [], []

    def take(due: Due, pts: int) -> None:
        for kind in due.whole:
            show(look_back, kind, pts)
        if due.closely:
            show(look_back, Pass.DETAIL, pts)

    for number in range(80):
        pts, last = number * gap, number == 79
        due = cadence.due(pts, np.full((16, 24), restless or number == 0), Window(4, 6), active=restless)
        take(due, pts)
        served = () if due.closely or due.waiting else (Pass.DETAIL,)
        look_back.glanced(pts, served if restless else (Pass.FACES, Pass.BODIES, *served))
        line.append(pts)
        if last:
            take(cadence.last(), pts)
            look_back.ended()
        while line and (last or line[0] + POLICY.lookback <= pts):
            plans.append(look_back.decide(line.pop(0)))
    assert reasons(plans) == set()


STAGE: Polygon = ((0.4, 0.5), (0.6, 0.5), (0.6, 0.6), (0.4, 0.6))
"""256..384 across, 180..216 down: the feet of ``BODY`` are in it, and nothing else of them."""


def test_who_stands_where_they_agreed_to_be_seen_is_shown_and_others_are_hidden_as_ever():
    other = (400.0, 100.0, 440.0, 200.0)
    plans = replay(dict.fromkeys(range(60), bodies((*BODY, SURE), (*other, SURE))), frames=60, agreed=lambda: (STAGE,))
    assert reasons(plans) == set()
    assert all(covers(plan, other) for plan in plans)
    assert [number for number, plan in enumerate(plans) if covers(plan)] == []


def test_who_walks_in_or_out_is_hidden_until_looks_on_both_sides_saw_their_feet_inside():
    def place(number: int) -> tuple[float, ...]:
        return (130.0 + 4 * number, 100.0, 170.0 + 4 * number, 200.0)

    scene = {number: bodies((*place(number), SURE)) for number in range(80)}
    plans = replay(scene, frames=80, every=10, agreed=lambda: (STAGE,))
    inside = [number for number in range(80) if place(number)[0] > 256 and place(number)[2] < 384]
    seen = [number for number, plan in enumerate(plans) if not covers(plan, place(number))]
    assert inside == list(range(32, 54))
    assert seen == list(range(40, 51)), "from the first look that saw them inside to the last"


@pytest.mark.parametrize("agreed", [(), (STAGE,)], ids=["badge alone", "badge and consent"])
def test_whoever_is_behind_somebody_who_wears_a_badge_where_they_agreed_to_be_seen_is_hidden(agreed: tuple[Polygon, ...]):
    """Consent for the one in front must not leave the one behind as the only body that the badge may belong to."""
    behind, badge = (312.0, 70.0, 352.0, 176.0), np.array([[318.0, 128.0, 330.0, 140.0]])
    plans = worn(bodies((*BODY, SURE), (*behind, SURE)), badge, agreed)
    assert all(covers(plan, behind) for plan in plans)
    assert any(covers(plan) for plan in plans) == (not agreed)


def test_who_wears_a_badge_is_shown_once_they_are_known_on_both_sides():
    plans = worn(bodies((*BODY, SURE)), np.array([[312.0, 128.0, 324.0, 140.0]]), ())
    assert not any(covers(plan) for plan in plans)
    once = LookBack(POLICY)
    show_all(once, 0, bodies((*BODY, SURE)))
    assert covers(once.decide(0, lambda _parts: np.array([[312.0, 128.0, 324.0, 140.0]])))


def worn(found: Detections, badge: np.ndarray, agreed: tuple[Polygon, ...]) -> list[MaskPlan]:
    """Plans about frames in which ``found`` and ``badge`` do not move."""
    look_back, plans = LookBack(POLICY, lambda: agreed), []
    for number in range(40):
        show_all(look_back, number * FRAME, found)
        if number >= 13:
            plans.append(look_back.decide((number - 13) * FRAME, lambda _parts: badge))
    return plans


def test_what_was_agreed_ends_with_the_next_frame_that_leaves():
    over = iter([False] * 30 + [True] * 1000)
    look_back = LookBack(POLICY, lambda: () if next(over) else (STAGE,))
    shown = []
    for number in range(60):
        show_all(look_back, number * FRAME, bodies((*BODY, SURE)))
        if number > 12:
            shown.append(not covers(look_back.decide((number - 12) * FRAME)))
    assert shown == [True] * 30 + [False] * 17


def test_consent_shows_nothing_of_a_frame_that_nobody_looked_at():
    look_back = LookBack(POLICY, lambda: (((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)),))
    show(look_back, Pass.BODIES, 0, bodies((*BODY, SURE)))
    assert look_back.decide(0) == CoverFrame(CoverReason.NOT_EXAMINED)


def test_who_is_lost_where_they_agreed_to_be_seen_is_hidden_for_the_hold_time():
    plans = replay({number: bodies((*BODY, SURE)) for number in range(20)}, frames=40, agreed=lambda: (STAGE,))
    assert [number for number, plan in enumerate(plans) if covers(plan)] == list(range(20, 38))


CELLS = Cells.over(WIDTH, HEIGHT)
GREY = np.full((CELLS.rows, CELLS.columns), 120, np.uint8)


def with_somebody(box: tuple[float, ...]) -> np.ndarray:
    shown = GREY.copy()
    shown[CELLS.touched(np.array([box]), margin=0)] = 60
    return shown


def settled(found: Detections | None = None, shown: np.ndarray = GREY) -> LookBack:
    """A memory that has looked at everything once, where ``found`` was found."""
    look_back = LookBack(POLICY)
    look_back.glance(0, shown, CELLS)
    look_back.looks_at(0, ~CELLS.nowhere)
    show_all(look_back, 0, found)
    look_back.examined(Pass.DETAIL, 0, Detections.empty(), width=WIDTH, height=HEIGHT)
    return look_back


def test_at_first_everything_asks_for_a_look_and_after_it_nothing():
    assert LookBack(POLICY).glance(0, GREY, CELLS).asking.all()
    glance = settled().glance(FRAME, GREY, CELLS)
    assert not glance.asking.any()
    assert not glance.active


def test_somebody_who_appears_asks_for_a_look_where_they_are():
    asking = settled().glance(FRAME, with_somebody(BODY), CELLS).asking
    assert asking.any()
    assert not (asking & ~CELLS.touched(np.array([BODY]), margin=0)).any()


def test_somebody_who_is_hidden_asks_for_nothing_and_is_followed():
    look_back = settled()
    show(look_back, Pass.BODIES, FRAME, bodies((*BODY, SURE)))
    glance = look_back.glance(FRAME, with_somebody(BODY), CELLS)
    assert not glance.asking.any()
    assert glance.active


def test_somebody_who_may_be_shown_asks_for_looks_and_is_never_learned_as_background():
    """Whoever stands behind them, or in their place once it is over, must not be taken for what is known."""
    look_back = LookBack(POLICY, lambda: (STAGE,))
    look_back.glance(0, with_somebody(BODY), CELLS)
    look_back.looks_at(0, ~CELLS.nowhere)
    show_all(look_back, 0, bodies((*BODY, SURE)))
    show(look_back, Pass.BODIES, FRAME, bodies((*BODY, SURE)))
    assert look_back.glance(FRAME, with_somebody(BODY), CELLS).asking[CELLS.touched(np.array([BODY]), margin=0)].all()


def test_a_glance_that_breaks_asks_for_looks_everywhere(monkeypatch: pytest.MonkeyPatch):
    look_back = settled(bodies((*BODY, SURE)))
    monkeypatch.setattr("proxy.masking.lookback.extent_between", lambda *_: 1 / 0)
    assert look_back.glance(FRAME, GREY, CELLS).asking.all()


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

    @rule(kind=st.sampled_from(Pass), ahead=st.integers(-10_000, 10_000), reason=st.sampled_from(CoverReason))
    def failed(self, kind: Pass, ahead: int, reason: CoverReason) -> None:
        self.look_back.failed(kind, max(self.newest + ahead, 0), reason)

    @rule(ahead=st.integers(-10_000, 40_000), unneeded=st.lists(st.sampled_from(Pass)))
    def glanced(self, ahead: int, unneeded: list[Pass]) -> None:
        pts = max(self.newest + ahead, 0)
        self.newest = max(self.newest, pts)
        self.look_back.glanced(pts, tuple(unneeded))
        self.looked.add(pts)

    @rule(ahead=st.integers(0, 40_000), tone=st.integers(0, 255))
    def glance(self, ahead: int, tone: int) -> None:
        self.newest += ahead
        glance = self.look_back.glance(self.newest, np.full_like(GREY, tone), CELLS)
        self.look_back.looks_at(self.newest, glance.asking)

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
