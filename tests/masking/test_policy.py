import pytest

from proxy.masking.passes import Pass
from proxy.masking.policy import ALL_TARGETS, MaskPolicy, Target


@pytest.mark.parametrize(
    ("targets", "passes"),
    [
        (ALL_TARGETS, (Pass.FACES, Pass.BODIES, Pass.DETAIL)),
        ({Target.BODY}, (Pass.FACES, Pass.BODIES, Pass.DETAIL)),
        ({Target.HEAD}, (Pass.FACES, Pass.BODIES, Pass.DETAIL)),
        ({Target.FACE}, (Pass.FACES, Pass.DETAIL)),
    ],
)
def test_every_target_but_faces_alone_needs_to_see_bodies(targets: set[Target], passes: tuple[Pass, ...]):
    assert MaskPolicy(targets=frozenset(targets)).passes == passes


@pytest.mark.parametrize(
    "wrong",
    [
        {"targets": frozenset()},
        {"lookback_ms": 0},
        {"lookback_ms": float("nan")},
        {"hold_ms": -1},
        {"lead_ms": -1},
        {"interval_ms": 0},
        {"sweep_ms": -1},
    ],
)
def test_a_policy_that_hides_nothing_or_runs_backwards_is_refused(wrong: dict):
    with pytest.raises(ValueError, match="expected"):
        MaskPolicy(**wrong)


def test_cover_before_first_sight_reaches_through_the_look_back_time_unless_told():
    assert MaskPolicy(lookback_ms=500).lead == 45_000
    assert MaskPolicy(lookback_ms=500, lead_ms=100).lead == 9_000


def test_a_brief_hold_is_never_longer_than_a_hold():
    assert MaskPolicy(hold_ms=50, brief_hold_ms=200).brief_hold == MaskPolicy(hold_ms=50).hold
