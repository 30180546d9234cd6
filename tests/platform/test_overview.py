"""What the page is told of each camera."""

import pytest

from proxy.control.sentences import Level
from proxy.gateway.admission import Action, Admission, Scope, Way
from proxy.platform.overview import REMEMBERED, Overview, Proofs
from proxy.telemetry.events import Connection, ProofJudged
from proxy.telemetry.status import CameraStatus, LinkStatus, StatusBoard
from tests.gateway.gates import gate, registered


@pytest.fixture
def made(tmp_path):
    """A gate with a publisher whose ``door`` is published, its board, and an overview of both."""
    opened, _, _ = gate(tmp_path)
    opened.publish("door", registered(opened, "door", "yard"), client="1")
    board = StatusBoard(())
    board.cameras["door"] = CameraStatus("door", Connection.RUNNING, source=LinkStatus("source", Connection.RUNNING), frames_sent=9)
    return opened, board, Overview(opened, board, Proofs(), Admission.ANONYMISE, lambda _: True)


def rows(overview):
    return {row["name"]: row for row in overview.told()["cameras"]}


def said(overview, camera="door"):
    return rows(overview)[camera]["sentence"]["text"]["en"]


def test_every_registered_camera_has_a_row_and_those_that_run_are_told_of_more(made):
    _, _, overview = made
    door, yard = rows(overview)["door"], rows(overview)["yard"]
    assert (door["publisher"], door["admission"], door["stream"]["way"], door["watched"]) == ("acme", "anonymise", Way.INGEST, True)
    assert door["status"]["frames_sent"] == 9
    assert (yard["stream"], yard["status"], yard["watched"]) == (None, None, False)
    assert said(overview, "yard") == "Nobody publishes this camera now."


@pytest.mark.parametrize(("scope", "target"), [(Scope.CAMERA, "door"), (Scope.PUBLISHER, "acme"), (Scope.ALL, "")])
@pytest.mark.parametrize(("action", "words"), [(Action.CUT, "Cut by an operator"), (Action.COVER, "Covered by an operator")])
def test_a_switch_is_told_at_every_camera_that_it_is_about(made, scope, target, action, words):
    opened, _, overview = made
    opened.switch(scope, target, action, actor="operator")
    door = rows(overview)["door"]
    assert said(overview).startswith(words)
    assert (door["action"], door["own"]) == (action, action if scope is Scope.CAMERA else None)
    assert overview.told()["switches"] == [{"scope": scope, "target": target, "action": action}]


def test_a_finding_is_told_with_what_was_done_and_stays_told_once_the_cover_is_lifted(tmp_path):
    opened, _, _ = gate(tmp_path, default=Admission.VERIFY)
    opened.publish("door", registered(opened, "door"), client="1")
    board = StatusBoard(())
    board.cameras["door"] = CameraStatus("door", Connection.RUNNING, source=LinkStatus("source", Connection.RUNNING))
    overview = Overview(opened, board, Proofs(), Admission.VERIFY, lambda stream: stream.admission is Admission.ANONYMISE)
    assert said(overview).startswith("Its signatures are being verified")
    board.cameras["door"].frames_sent = 5
    assert said(overview).startswith("Proven by its device's signature")
    assert not rows(overview)["door"]["watched"], "whether it can be watched depends on how it is sent on"
    opened.found("door", sightings=4, seconds=0.8)
    assert said(overview).startswith("The audit saw a face")
    lost, found = overview.told()["findings"]
    assert (found["kind"], found["camera"], found["detail"]) == ("finding", "door", {"sightings": 4, "seconds": 0.8})
    assert (lost["kind"], lost["detail"]) == ("proof-lost", {"why": "a face was found in it"})
    opened.switch(Scope.CAMERA, "door", None, actor="operator")
    door = rows(overview)["door"]
    assert door["distrusted"]
    assert door["sentence"]["text"]["en"].startswith("Its proof counts for nothing")
    assert door["sentence"]["level"] == Level.WAIT


def test_a_revoked_publisher_s_cameras_say_so(made):
    opened, _, overview = made
    opened.revoke_publisher("acme", actor="admin")
    assert said(overview) == "Its publisher is revoked and may not publish."


def test_of_a_camera_s_proof_the_last_groups_count_and_what_was_wrong_last():
    proofs = Proofs()
    assert proofs.of("door") is None
    for number in range(100):
        proofs.observe(ProofJudged("door", 5, number < 50, () if number < 50 else (f"altered: {number}", "else")))
    assert proofs.of("door") == {"judged": REMEMBERED, "proven": REMEMBERED - 50, "wrong": "altered: 99"}
