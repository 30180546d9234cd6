"""What is decided is done, written down, and true after a restart."""

import pytest

from proxy.gateway.admission import Action, Admission, Admitted, Refusal, Refused, Scope, Way
from proxy.gateway.ledger import entries
from proxy.gateway.registry import CameraTaken
from proxy.gateway.soundness import problems
from tests.gateway.gates import KEY, NOON_MS, gate, registered


def kinds(made):
    return [entry.kind for entry in entries(made.connection)]


def test_an_admission_starts_the_stream_and_its_end_stops_it(tmp_path):
    made, runner, clock = gate(tmp_path)
    token = registered(made, "door")
    assert isinstance(made.publish("door", token, client="7"), Admitted)
    assert runner.running == {"door": False}
    assert made.publish("door", token, client="8") == Refused(Refusal.BUSY)
    assert not made.left("door", client="8"), "the one that was refused does not end the other"
    assert runner.running == {"door": False}
    clock.now_ms += 90_000
    assert made.left("door", client="7")
    assert runner.running == {}
    assert made.streams() == []
    *_, ended = entries(made.connection)
    assert (ended.kind, ended.subject, ended.detail) == ("ended", "door", {"why": "publisher left", "seconds": 90})
    assert isinstance(made.publish("door", token, client="9"), Admitted)


def test_an_expired_token_is_refused(tmp_path):
    made, _, clock = gate(tmp_path)
    token = registered(made, "door", expires_ms=NOON_MS + 1)
    clock.now_ms += 1
    assert made.publish("door", token, client="7") == Refused(Refusal.EXPIRED)


@pytest.mark.parametrize("how", ["token", "publisher", "camera", "rejected"])
def test_what_is_taken_back_ends_what_it_opened_and_nothing_else(tmp_path, how):
    made, runner, _ = gate(tmp_path)
    token, other = registered(made, "door"), registered(made, "yard", publisher="other")
    made.publish("door", token, client="7")
    made.publish("yard", other, client="8")
    match how:
        case "token":
            assert made.revoke_token("acme", 1, actor="admin")
        case "publisher":
            assert made.revoke_publisher("acme", actor="admin")
        case "camera":
            made.put_publisher("acme", admission=None, max_streams=4, cameras=["gate"], actor="admin")
        case _:
            made.put_publisher("acme", admission=Admission.REJECT, max_streams=4, cameras=["door"], actor="admin")
    assert runner.running == {"yard": False}
    assert isinstance(made.publish("door", token, client="9"), Refused)


def test_what_cannot_be_changed_leaves_no_trace(tmp_path):
    made, _, _ = gate(tmp_path)
    registered(made, "door")
    before = kinds(made)
    assert not made.revoke_publisher("nobody", actor="admin")
    assert not made.revoke_token("acme", 99, actor="admin")
    with pytest.raises(CameraTaken):
        made.put_publisher("other", admission=None, max_streams=1, cameras=["door"], actor="admin")
    assert kinds(made) == before
    assert [one.name for one in made.registry.publishers()] == ["acme"]


@pytest.mark.parametrize("place", [(Scope.ALL, ""), (Scope.PUBLISHER, "acme"), (Scope.CAMERA, "door")])
def test_a_switch_acts_at_once_and_until_it_is_lifted(tmp_path, place):
    made, runner, _ = gate(tmp_path)
    token = registered(made, "door")
    made.publish("door", token, client="7")
    made.switch(*place, Action.COVER, actor="operator")
    assert runner.running == {"door": True}
    made.switch(*place, Action.CUT, actor="operator")
    assert runner.running == {}
    assert [stream.camera for stream in made.streams()] == ["door"], "it is held back, not sent away"
    made.switch(*place, None, actor="operator")
    assert runner.running == {"door": False}
    assert [entry.detail["action"] for entry in entries(made.connection) if entry.kind == "switch"] == ["cover", "cut", "lifted"]


def test_what_is_cut_cannot_be_published_and_what_is_covered_begins_covered(tmp_path):
    made, runner, _ = gate(tmp_path)
    token = registered(made, "door")
    made.switch(Scope.CAMERA, "door", Action.CUT, actor="operator")
    assert made.publish("door", token, client="7") == Refused(Refusal.CUT)
    made.switch(Scope.CAMERA, "door", Action.COVER, actor="operator")
    assert isinstance(made.publish("door", token, client="7"), Admitted)
    assert runner.running == {"door": True}


def test_a_gateway_that_starts_again_goes_on_with_admissions_and_switches(tmp_path):
    before, _, _ = gate(tmp_path)
    token = registered(before, "door", "yard", "gate")
    for number, camera in enumerate(("door", "yard", "gate")):
        before.publish(camera, token, client=str(number))
    before.switch(Scope.CAMERA, "door", Action.CUT, actor="operator")
    before.switch(Scope.CAMERA, "yard", Action.COVER, actor="operator")
    after, runner, _ = gate(tmp_path)
    after.resume()
    assert runner.running == {"yard": True, "gate": False}
    assert after.left("gate", client="2")
    assert problems(after.connection, KEY.public) == []


def test_refusals_are_counted_and_written_down_together(tmp_path):
    made, _, _ = gate(tmp_path)
    token = registered(made, "door")
    before = len(kinds(made))
    for _ in range(500):
        assert made.publish("door", "wrong", client="7") == Refused(Refusal.UNKNOWN_TOKEN)
    made.publish("window", token, client="7")
    assert len(kinds(made)) == before
    made.note_refusals()
    made.note_refusals()
    rows = [(entry.subject, entry.detail) for entry in entries(made.connection) if entry.kind == "refused"]
    assert rows == [
        ("", {"reason": "unknown-token", "count": 500}),
        ("acme", {"reason": "unknown-camera", "count": 1}),
    ]


def test_a_stream_of_which_nothing_comes_ends(tmp_path):
    made, runner, _ = gate(tmp_path)
    made.publish("door", registered(made, "door"), client="7")
    made.lost("door")
    made.lost("door")
    assert (runner.running, made.streams()) == ({}, [])
    assert kinds(made).count("ended") == 1


def test_no_token_stands_in_the_ledger_and_every_change_says_who_made_it(tmp_path):
    made, _, clock = gate(tmp_path)
    token = registered(made, "door")
    made.publish("door", token, client="7")
    made.note("coverage", subject="door", detail={"frames": 3})
    clock.now_ms += 10_000
    made.let_go(before_ms=NOON_MS + 1)
    rows = list(entries(made.connection))
    assert token not in str(rows)
    assert [row.kind for row in rows] == ["coverage", "let-go", "state"]
    assert problems(made.connection, KEY.public) == []


def test_what_is_proven_is_sent_on_until_it_is_not_and_then_anonymised(tmp_path):
    made, runner, _ = gate(tmp_path, default=Admission.VERIFY)
    token = registered(made, "door")
    assert made.publish("door", token, client="7") == Admitted(made.registry.find(token), Admission.VERIFY)
    assert runner.verified == {"door": True}
    assert made.fall_back("door", why="spliced: from another camera")
    assert runner.verified == {"door": False}
    assert [stream.admission for stream in made.streams()] == [Admission.ANONYMISE]
    assert not made.fall_back("door", why="again")
    assert [entry.detail for entry in entries(made.connection) if entry.kind == "proof-lost"] == [
        {"why": "spliced: from another camera"}
    ]


def test_what_is_proven_can_be_covered_and_goes_on_when_that_is_lifted(tmp_path):
    made, runner, _ = gate(tmp_path, default=Admission.VERIFY)
    made.publish("door", registered(made, "door"), client="7")
    assert [stream.camera for stream in made.shown()] == ["door"]
    made.switch(Scope.CAMERA, "door", Action.COVER, actor="operator")
    assert (runner.verified, runner.running) == ({"door": True}, {"door": True})
    assert made.shown() == []
    made.switch(Scope.CAMERA, "door", None, actor="operator")
    assert (runner.verified, runner.running) == ({"door": True}, {"door": False})


def test_a_face_that_is_found_covers_the_camera_and_ends_the_trust_in_its_proof_until_people_say_otherwise(tmp_path):
    made, runner, _ = gate(tmp_path, default=Admission.VERIFY)
    token = registered(made, "door")
    made.publish("door", token, client="7")
    for _ in range(2):
        made.found("door", sightings=5, seconds=1.25)
    made.found("yard", sightings=5, seconds=1.25)
    assert (runner.verified, runner.running) == ({"door": False}, {"door": True})
    assert made.switches() == {(Scope.CAMERA, "door"): Action.COVER}
    assert made.distrusted() == {"door": NOON_MS}
    rows = [(row.kind, row.actor, row.detail) for row in entries(made.connection)][-2:]
    assert rows[0] == ("finding", "audit", {"sightings": 5, "seconds": 1.25})
    assert rows[1][0] == "proof-lost"

    made.left("door", client="7")
    made.switch(Scope.CAMERA, "door", None, actor="operator")
    assert made.publish("door", token, client="8") == Admitted(made.registry.find(token), Admission.ANONYMISE)
    assert made.trust_again("door", actor="admin")
    assert not made.trust_again("door", actor="admin")
    made.left("door", client="8")
    assert made.publish("door", token, client="9") == Admitted(made.registry.find(token), Admission.VERIFY)
    assert problems(made.connection, KEY.public) == []


def test_a_face_in_what_is_anonymised_here_covers_it_too(tmp_path):
    made, runner, _ = gate(tmp_path)
    made.publish("door", registered(made, "door"), client="7")
    made.found("door", sightings=5, seconds=1.25)
    assert runner.running == {"door": True}
    assert made.distrusted() == {}


def test_the_policy_in_force_is_written_down_when_it_is_another(tmp_path):
    made, _, _ = gate(tmp_path)
    for policy in ({"targets": ["face"]}, {"targets": ["face"]}, {"targets": ["face", "body"]}):
        made.in_force(policy)
    assert [entry.detail["policy"] for entry in entries(made.connection) if entry.kind == "policy"] == [
        {"targets": ["face"]},
        {"targets": ["face", "body"]},
    ]


def test_a_stream_that_broke_is_tried_again_while_it_is_admitted(tmp_path):
    made, runner, _ = gate(tmp_path)
    made.publish("door", registered(made, "door"), client="7")
    runner.running.clear()
    made.failed("door", why="no video")
    made.again("door")
    assert runner.running == {"door": False}
    made.left("door", client="7")
    made.again("door")
    assert runner.running == {}
    assert [entry.detail for entry in entries(made.connection) if entry.kind == "failed"] == [{"why": "no video"}]


def test_what_is_registered_to_be_fetched_is_fetched_for_as_long_as_it_may_be(tmp_path):
    made, runner, _ = gate(tmp_path)
    registered(made, "door")
    address = "rtsp://user:hunter2@10.0.0.7/stream"
    assert made.put_pull("door", address, actor="admin")
    assert not made.put_pull("yard", address, actor="admin")
    assert runner.ways == {"door": (Way.PULL, address)}
    made.lost("door")
    assert [stream.way for stream in made.streams()] == [Way.PULL], "nobody has to be there for it"
    made.switch(Scope.CAMERA, "door", Action.CUT, actor="operator")
    assert runner.running == {}
    made.switch(Scope.CAMERA, "door", None, actor="operator")
    assert runner.running == {"door": False}
    made.revoke_publisher("acme", actor="admin")
    made.pull()
    assert made.streams() == []
    made.put_publisher("acme", admission=None, max_streams=4, cameras=["door", "yard"], actor="admin")
    made.pull()
    assert [stream.camera for stream in made.streams()] == ["door"], "an address outlives a change of its publisher"
    made.put_pull("door", None, actor="admin")
    made.pull()
    assert made.streams() == []
    said = str(list(entries(made.connection)))
    assert "hunter2" not in said
    assert "10.0.0.7" in said


def test_what_comes_over_webrtc_is_anonymised_here_whatever_its_proof(tmp_path):
    made, runner, _ = gate(tmp_path, default=Admission.VERIFY)
    token = registered(made, "door")
    assert made.publish("door", token, client="whip", way=Way.WHIP) == Admitted(made.registry.find(token), Admission.ANONYMISE)
    assert runner.ways == {"door": (Way.WHIP, None)}


def test_streams_of_a_token_end_when_it_expires(tmp_path):
    made, runner, clock = gate(tmp_path)
    made.publish("door", registered(made, "door", expires_ms=NOON_MS + 1000), client="7")
    made.expire()
    assert runner.running == {"door": False}
    clock.now_ms += 1000
    made.expire()
    assert runner.running == {}
    assert [row.detail["why"] for row in entries(made.connection) if row.kind == "ended"] == ["token expired"]
