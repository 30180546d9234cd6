"""What the ledger says of a camera is summed up for the time that is asked about, and for no other."""

from proxy.gateway.admission import Action, Admission, Scope
from proxy.gateway.evidence import Minute, Period, bars, gathered, publisher_of
from proxy.gateway.ledger import entries, remembered
from proxy.gateway.soundness import problems
from tests.gateway.gates import KEY, NOON_MS, gate, registered

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


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
    assert (evidence.frames, evidence.findings) == (0, [])
    assert [(entry.kind, entry.subject) for entry in evidence.operated] == [("switch", "publisher:acme")], "it held all the while"
    assert [entry.detail["policy"] for entry in evidence.policies] == [{"targets": ["face"]}]
    assert evidence.last is not None
    assert evidence.last.kind == "ended"


def test_a_time_of_which_nothing_is_known_is_empty(tmp_path):
    evidence = told(tmp_path, -60, -30)
    assert (evidence.periods, evidence.minutes, evidence.last) == ([], [], None)


def test_what_was_let_go_is_known_as_far_as_it_still_counted(tmp_path):
    made, _, clock = gate(tmp_path)
    made.in_force({"targets": ["face"]})
    made.publish("door", registered(made, "door"), client="1")
    made.switch(Scope.ALL, "", Action.COVER, actor="operator")
    for day in range(1, 40):
        clock.now_ms = NOON_MS + day * DAY_MS
        made.note("coverage", subject="door", detail={"frames": 100, "dropped": 0, "covered": {}})
        made.let_go(before_ms=clock.now_ms - 30 * DAY_MS)
    for begin in (10, 32):
        begin_ms, end_ms = NOON_MS + begin * DAY_MS, NOON_MS + 39 * DAY_MS
        evidence = gathered(remembered(made.connection), camera="door", publisher="acme", from_ms=begin_ms, to_ms=end_ms)
        assert evidence.periods == [Period(NOON_MS, None, "anonymise")], "it never left"
        assert evidence.seconds * 1000 == end_ms - begin_ms
        assert [entry.detail["policy"] for entry in evidence.policies] == [{"targets": ["face"]}]
        assert [(entry.subject, entry.detail["action"]) for entry in evidence.operated] == [("all:", "cover")]
    assert problems(made.connection, KEY.public) == []


def test_what_had_been_lifted_before_is_not_said_to_hold(tmp_path):
    made, _, clock = gate(tmp_path)
    registered(made, "door")
    made.switch(Scope.CAMERA, "door", Action.COVER, actor="operator")
    made.switch(Scope.CAMERA, "door", None, actor="operator")
    made.switch(Scope.PUBLISHER, "other", Action.CUT, actor="operator")
    clock.now_ms += HOUR_MS
    made.note("refused", subject="", detail={})
    begin_ms = NOON_MS + HOUR_MS // 2
    evidence = gathered(entries(made.connection), camera="door", publisher="acme", from_ms=begin_ms, to_ms=begin_ms + HOUR_MS)
    assert (evidence.operated, evidence.cuts) == ([], [])


def test_time_for_which_it_was_cut_is_told_apart(tmp_path):
    made, _, clock = gate(tmp_path)
    made.publish("door", registered(made, "door"), client="1")
    for minutes, scope, target, action in (
        (10, Scope.CAMERA, "door", Action.CUT),
        (20, Scope.ALL, "", Action.CUT),
        (30, Scope.CAMERA, "door", None),
        (40, Scope.ALL, "", Action.COVER),
        (50, Scope.PUBLISHER, "acme", Action.CUT),
    ):
        clock.now_ms = NOON_MS + minutes * 60_000
        made.switch(scope, target, action, actor="operator")
    evidence = gathered(
        entries(made.connection), camera="door", publisher="acme", from_ms=NOON_MS + 900_000, to_ms=NOON_MS + HOUR_MS
    )
    assert [((begin - NOON_MS) // 60_000, (end - NOON_MS) // 60_000) for begin, end in evidence.cuts] == [(15, 40), (50, 60)]
    assert (evidence.seconds, evidence.cut_seconds) == (45 * 60, 35 * 60)


def test_whose_a_camera_was_is_known_from_its_rows(tmp_path):
    made = history(tmp_path)
    made.put_publisher("new", admission=None, max_streams=1, cameras=("attic",), actor="admin")
    made.note("failed", subject="cellar", detail={})
    known = {name: publisher_of(entries(made.connection), camera=name) for name in ("door", "yard", "attic", "cellar", "acme", "x")}
    assert known == {"door": "acme", "yard": "other", "attic": "new", "cellar": "", "acme": None, "x": None}


def test_pictures_are_summed_over_equal_parts_of_the_time():
    minutes = [Minute(0, 10, 0, {"late": 1}), Minute(24, 5, 0, {}), Minute(99, 7, 0, {"late": 2, "operator": 1})]
    assert bars(minutes, from_ms=0, to_ms=100, columns=4) == [(15, 1), (0, 0), (0, 0), (7, 3)]
