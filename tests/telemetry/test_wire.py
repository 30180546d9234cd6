"""Events as lines between processes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.telemetry.events import (
    AuditLooked,
    ClaimMade,
    Connection,
    FaceFound,
    ProofJudged,
    ProofLost,
    SinkChanged,
    Stage,
    StageTimed,
    Tally,
)
from proxy.telemetry.wire import Failed, from_line, to_line


@pytest.mark.parametrize(
    "message",
    [
        SinkChanged("door", "rtmp://host/app/***", Connection.WAITING, "gone", "look", 2.5),
        Tally("door", 0.5, 12, 1, {"late": 1}, {"body": 4}, 2, {"paint": (12, 0.01)}, (410.0, 450.0)),
        ProofJudged("door", 50, False, ("unproven: no claim",)),
        ProofLost("door", "forged: words"),
        AuditLooked("door", 3, 1),
        FaceFound("door", 4, 0.75),
        ClaimMade("door", 7, "eyJ.eyJ.c2ln"),
        Failed("no such host", "check the name", 10, True),
    ],
)
def test_a_message_comes_out_as_it_went_in(message):
    line = to_line(message)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert from_line(line) == message


def test_events_of_every_frame_do_not_cross():
    with pytest.raises(TypeError, match="tally"):
        to_line(StageTimed("door", Stage.PAINT, 1))


@given(st.binary())
def test_a_line_that_is_no_message_is_nothing(line):
    assert from_line(line) is None
