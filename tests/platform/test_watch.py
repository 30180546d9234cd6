"""What becomes of streams is acted on: faces found, proof lost, auditors that do not look. The processes are made up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from proxy.gateway.admission import Admission
from proxy.gateway.gate import Gate
from proxy.gateway.ledger import entries
from proxy.platform.audits import Audits
from proxy.platform.settings import GatewaySettings
from proxy.platform.streams import Streams
from proxy.platform.watch import AGAIN_S, Seen, Watch
from proxy.telemetry.events import Connection, FaceFound, ProofJudged, ProofLost, SourceChanged
from proxy.telemetry.status import CameraStatus, StatusBoard
from tests.gateway.gates import Told, gate, registered
from tests.platform.running import ADMIN


@dataclass
class FakeStreams:
    board: StatusBoard = field(default_factory=lambda: StatusBoard(()))
    gone: list[str] = field(default_factory=list)
    paused: list[str] = field(default_factory=list)

    def silent(self, *, for_s: float) -> list[str]:
        return self.gone

    def pause(self, camera: str) -> None:
        self.paused.append(camera)

    def settle(self) -> None:
        """Nothing gives way."""

    def counted(self) -> list[CameraStatus]:
        return list(self.board.cameras.values())


@dataclass
class FakeAudits:
    cameras: set[str] = field(default_factory=set)
    unseeing: set[str] = field(default_factory=set)
    unseen: list[str] = field(default_factory=list)

    def nothing_to_see(self, camera: str) -> None:
        self.unseen.append(camera)

    def follow(self, cameras: set[str]) -> None:
        self.cameras = cameras

    def blind(self, *, for_s: float) -> set[str]:
        return self.unseeing & self.cameras

    def counted(self) -> dict[str, dict[str, object]]:
        return {"door": {"looks": 3, "faces": 0}}


@dataclass
class Watched:
    watch: Watch
    gate: Gate
    runner: Told
    streams: FakeStreams
    audits: FakeAudits
    now: list[float]

    def kinds(self) -> list[str]:
        return [row.kind for row in entries(self.gate.connection)]


@pytest.fixture
def watched(tmp_path) -> Callable[..., Watched]:
    def make(**audit: Any) -> Watched:
        made, runner, _ = gate(tmp_path, default=Admission.VERIFY)
        (tmp_path / "keys.json").write_text("{}")
        settings = GatewaySettings.model_validate(
            {
                "folder": tmp_path, "key": tmp_path / "key.pem", "pull": "rtmp://127.0.0.1/ingest", "admission": "verify",
                "publish": "rtmp://127.0.0.1/live", "http": {"admin": ADMIN}, "proof": {"trust": tmp_path / "keys.json"},
                "audit": audit,
            }
        )  # fmt: skip
        streams, audits, now = FakeStreams(), FakeAudits(), [100.0]
        watch = Watch(settings, made, cast("Streams", streams), cast("Audits", audits), Seen(), clock=lambda: now[0])
        made.publish("door", registered(made, "door", "yard"), client="7")
        streams.board.cameras["door"] = CameraStatus("door", frames_sent=5)
        return Watched(watch, made, runner, streams, audits, now)

    return make


def test_a_proven_stream_is_audited_as_long_as_it_runs_and_is_proven(watched):
    made = watched()
    made.watch.look()
    assert (made.audits.cameras, made.audits.unseen) == ({"door"}, [])
    made.streams.board.cameras["door"].frames_sent = 0
    made.watch.look()
    assert (made.audits.cameras, made.audits.unseen) == ({"door"}, ["door"])
    del made.streams.board.cameras["door"]
    made.watch.look()
    assert made.audits.cameras == set()
    made.streams.board.cameras["door"] = CameraStatus("door", frames_sent=5)
    made.gate.fall_back("door", why="lost")
    made.watch.look()
    assert made.audits.cameras == set()


@pytest.mark.parametrize(("of", "audited"), [("all", {"door"}), ("none", set()), ("proven", set())])
def test_what_is_anonymised_here_is_audited_where_all_is(watched, of, audited):
    made = watched(of=of)
    made.gate.fall_back("door", why="lost")
    made.watch.look()
    assert made.audits.cameras == audited


def test_a_face_that_was_found_counts_before_a_proof_that_was_lost(watched):
    made = watched()
    for event in (ProofLost("door", "forged"), SourceChanged("door", Connection.RUNNING), FaceFound("door", 4, 1.0)):
        made.watch.seen.observe(event)
    made.watch.look()
    assert made.runner.running == {"door": True}
    assert made.kinds()[-2:] == ["finding", "proof-lost"]
    made.watch.look()
    assert made.audits.cameras == set(), "covered"


def test_a_proof_that_was_lost_has_the_stream_anonymised(watched):
    made = watched()
    made.watch.seen.observe(ProofLost("door", "forged"))
    made.watch.look()
    assert made.runner.verified == {"door": False}


@pytest.mark.parametrize(("then", "verified"), [("anonymise", False), ("go-on", True)])
def test_a_stream_that_nobody_looks_at_is_written_down_once_and_what_is_asked_for_done(watched, then, verified):
    made = watched(when_blind=then)
    made.watch.look()
    made.audits.unseeing = {"door"}
    for _ in range(3):
        made.watch.look()
    assert made.kinds().count("audit-lost") == 1
    assert made.runner.verified == {"door": verified}
    made.audits.unseeing = set()
    made.watch.look()
    assert made.kinds().count("audit-again") == verified, "and where nothing is audited any more, nobody looks again"


def test_a_stream_that_broke_is_anonymised_and_then_tried_again(watched):
    made = watched()
    made.watch.seen.gave_up("door", "no keys")
    made.watch.look()
    assert made.streams.paused == ["door"]
    assert made.kinds()[-1] == "proof-lost"
    made.watch.seen.gave_up("door", "no video")
    made.watch.look()
    assert made.kinds()[-1] == "failed"
    made.runner.running.clear()
    made.watch.look()
    assert made.runner.running == {}
    made.now[0] += AGAIN_S + 1
    made.watch.look()
    assert made.runner.running == {"door": False}


def test_a_stream_of_which_nothing_comes_has_ended(watched):
    made = watched()
    made.streams.gone = ["door"]
    made.watch.look()
    assert made.gate.streams() == []


def test_each_minute_says_what_was_sent_and_how_often_somebody_looked(watched):
    made = watched()
    made.watch.seen.observe(ProofJudged("door", 50, True))
    made.watch.seen.observe(ProofJudged("door", 50, False, ("unproven: no claim", "unproven: again", "forged: a claim")))
    for _ in range(2):
        made.watch.note()
    assert made.kinds()[-4:] == ["coverage", "verified", "audited", "audited"]
    (verified,) = (row.detail for row in entries(made.gate.connection) if row.kind == "verified")
    assert verified == {"judged": 2, "proven": 1, "findings": {"unproven": 1, "forged": 1}}
