"""What the page is told of a camera."""

import json

from proxy.control.rows import Facts, row
from proxy.telemetry.events import Connection, SinkChanged
from proxy.telemetry.status import StatusBoard

PROVEN = {"rtmp://h/***": "signed", "mjpeg": "none"}


def test_a_row_is_json_with_states_counts_and_a_sentence_in_both_languages():
    board = StatusBoard(("door",))
    board.observe(SinkChanged("door", "null", Connection.RUNNING))
    board.observe(SinkChanged("door", "hls:door", Connection.RUNNING))
    facts = Facts(internal=frozenset({"hls:door"}), signed=True)
    told = json.loads(json.dumps(row(board.cameras["door"], covered=True, whep=True, facts=facts)))
    assert {name: (sink["state"], sink["proof"]) for name, sink in told["sinks"].items()} == {"null": ("running", "none")}
    assert (told["covered_by_operator"], told["whep"], told["people"]) == (True, True, 0)
    assert set(told["sentence"]) == {"level", "text", "advice", "detail"}
    assert set(told["sentence"]["text"]) == {"en", "zh"}


def test_each_sink_says_whether_what_it_sends_is_proven():
    board = StatusBoard(("door",))
    for sink in PROVEN:
        board.observe(SinkChanged("door", sink, Connection.RUNNING))
    told = row(board.cameras["door"], covered=False, whep=True, facts=Facts(signed=True, method="blur", reversible=True))
    assert {name: sink["proof"] for name, sink in told["sinks"].items()} == PROVEN
    assert (told["method"], told["reversible"]) == ("blur", True)
    assert told["proof"] == {"key": None, "sequence": None}
    told = row(board.cameras["door"], covered=False, whep=True)
    assert told["sinks"]["rtmp://h/***"]["proof"] == "unsigned"


def test_a_row_says_with_which_key_is_signed_and_how_far():
    camera = StatusBoard(("door",)).cameras["door"]
    assert row(camera, covered=False, whep=True, facts=Facts(signed=True, key="abc"), claim=7)["proof"] == {
        "key": "abc",
        "sequence": 7,
    }
