"""Who may publish, and why not."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.gateway.admission import Action, Admission, Admitted, Refusal, Refused, Registration, Scope, decide, switched

ACME = Registration(1, "acme", None, False, None, 2, ("door", "yard", "gate"))


def decided(registration=ACME, camera="door", *, default=Admission.ANONYMISE, switches=None, running=(), now_ms=100):
    return decide(registration, camera, default=default, switches=switches or {}, running=running, now_ms=now_ms)


def test_whoever_shows_a_good_token_for_a_camera_of_its_own_is_admitted():
    assert decided() == Admitted(ACME, Admission.ANONYMISE)
    assert decided(running=[("yard", "acme"), ("window", "other")]) == Admitted(ACME, Admission.ANONYMISE)


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"registration": None}, Refusal.UNKNOWN_TOKEN),
        ({"registration": replace(ACME, revoked=True)}, Refusal.REVOKED),
        ({"registration": replace(ACME, expires_ms=100)}, Refusal.EXPIRED),
        ({"camera": "window"}, Refusal.UNKNOWN_CAMERA),
        ({"registration": replace(ACME, only=("yard",))}, Refusal.UNKNOWN_CAMERA),
        ({"camera": ""}, Refusal.UNKNOWN_CAMERA),
        ({"default": Admission.REJECT}, Refusal.REJECTED),
        ({"registration": replace(ACME, admission=Admission.REJECT)}, Refusal.REJECTED),
        ({"switches": {(Scope.ALL, ""): Action.CUT}}, Refusal.CUT),
        ({"switches": {(Scope.PUBLISHER, "acme"): Action.CUT}}, Refusal.CUT),
        ({"switches": {(Scope.CAMERA, "door"): Action.CUT}}, Refusal.CUT),
        ({"running": [("door", "acme")]}, Refusal.BUSY),
        ({"running": [("gate", "acme"), ("yard", "acme")]}, Refusal.TOO_MANY),
    ],
)
def test_each_reason_against_it_is_named(how, reason):
    assert decided(**how) == Refused(reason)


def test_what_is_said_of_a_publisher_counts_more_than_the_default():
    anonymised = replace(ACME, admission=Admission.ANONYMISE, expires_ms=101)
    assert decided(anonymised, default=Admission.REJECT) == Admitted(anonymised, Admission.ANONYMISE)


PLACES = [(Scope.ALL, ""), (Scope.PUBLISHER, "acme"), (Scope.CAMERA, "door")]


@given(st.dictionaries(st.sampled_from([*PLACES, (Scope.CAMERA, "yard"), (Scope.PUBLISHER, "other")]), st.sampled_from(Action)))
def test_the_strongest_switch_counts_and_those_of_others_do_not(switches):
    mine = {switches[place] for place in PLACES if place in switches}
    expected = Action.CUT if Action.CUT in mine else Action.COVER if mine else None
    assert switched(switches, camera="door", publisher="acme") is expected
