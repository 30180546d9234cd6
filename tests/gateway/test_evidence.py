"""What the ledger says of a camera is summed up for the time that is asked about, and for no other."""

from proxy.gateway.admission import Action, Admission, Scope
from proxy.gateway.evidence import Minute, Period, bars, gathered
from proxy.gateway.ledger import entries
from tests.gateway.gates import NOON_MS, gate, registered

HOUR_MS = 3_600_000


def history(folder):
    """Policy at noon; door from 12:10 to 12:40 and from 13:20 on, its proof lost at 13:30; yard all the time."""
    made, _, clock = gate(folder, default=Admission.VERIFY)
    made.in_force({"targets": ["face"]})
    door, yard = registered(made, "door"), registered(made, "yard", publisher="other")
    made.publish("yard", yard, client="1")

    def at(minutes):
        clock.now_ms = NOON_MS + minutes * 60_000

    at(10)
    made.publish("door", door, client="2")
    at(11)
    made.note("coverage", subject="door", detail={"frames": 100, "dropped": 7, "covered": {"late": 3}})
    made.note("verified", subject="door", detail={"judged": 9, "proven": 7, "findings": {"unproven": 2}})
    made.note("audited", subject="door", detail={"looks": 200, "faces": 1})
    made.note("audited", subject="yard", detail={"looks": 999, "faces": 9})
    made.note("coverage", subject="yard", detail={"frames": 999, "dropped": 0, "covered": {}})
    at(20)
    made.switch(Scope.PUBLISHER, "acme", Action.COVER, actor="operator")
    made.switch(Scope.CAMERA, "yard", Action.CUT, actor="operator")
    at(40)
    made.left("door", client="2")
    at(70)
    made.in_force({"targets": ["face", "body"]})
    at(80)
    made.publish("door", door, client="3")
    at(81)
    made.note("coverage", subject="door", detail={"frames": 50, "dropped": 0, "covered": {"operator": 50}})
    at(90)
    made.fall_back("door", why="forged: a claim")
    return made


def told(folder, begin, end):
    made = history(folder)
    begin_ms, end_ms = (NOON_MS + minutes * 60_000 for minutes in (begin, end))
    return gathered(entries(made.connection), camera="door", publisher="acme", from_ms=begin_ms, to_ms=end_ms)


def test_everything_about_the_camera_and_nothing_about_others_is_in_it(tmp_path):
    evidence = told(tmp_path, 0, 120)
    assert [(one.admission, (one.begin_ms - NOON_MS) // 60_000, one.why_ended) for one in evidence.periods] == [
        ("verify", 10, "publisher left"),
        ("verify", 80, "proof lost"),
        ("anonymise", 90, ""),
    ]
    assert evidence.periods[-1].end_ms is None
    assert evidence.seconds == (30 + 40) * 60
    assert (evidence.frames, evidence.covered) == (150, {"late": 3, "operator": 50})
    assert (evidence.proof, evidence.proof_findings) == ({"judged": 9, "proven": 7}, {"unproven": 2})
    assert evidence.audit == {"looks": 200, "faces": 1}
    assert [entry.kind for entry in evidence.findings] == ["proof-lost"]
    assert [entry.subject for entry in evidence.operated] == ["acme", "publisher:acme"]
    assert [entry.detail["policy"] for entry in evidence.policies] == [{"targets": ["face"]}, {"targets": ["face", "body"]}]


def test_only_what_is_of_the_time_counts_and_what_began_before_is_known(tmp_path):
    evidence = told(tmp_path, 30, 60)
    assert evidence.periods == [Period(NOON_MS + 600_000, NOON_MS + 2_400_000, "verify", "publisher left")]
    assert evidence.seconds == 600
    assert (evidence.frames, evidence.findings, evidence.operated) == (0, [], [])
    assert [entry.detail["policy"] for entry in evidence.policies] == [{"targets": ["face"]}]
    assert evidence.last is not None
    assert evidence.last.kind == "ended"


def test_a_time_of_which_nothing_is_known_is_empty(tmp_path):
    evidence = told(tmp_path, -60, -30)
    assert (evidence.periods, evidence.minutes, evidence.last) == ([], [], None)


def test_pictures_are_summed_over_equal_parts_of_the_time():
    minutes = [Minute(0, 10, 0, {"late": 1}), Minute(24, 5, 0, {}), Minute(99, 7, 0, {"late": 2, "operator": 1})]
    assert bars(minutes, from_ms=0, to_ms=100, columns=4) == [(15, 1), (0, 0), (0, 0), (7, 3)]
