"""What the page is told of a camera."""

import json

from proxy.control.rows import row
from proxy.telemetry.events import Connection, SinkChanged
from proxy.telemetry.status import StatusBoard


def test_a_row_is_json_with_states_counts_and_a_sentence_in_both_languages():
    board = StatusBoard(("door",))
    board.observe(SinkChanged("door", "null", Connection.RUNNING))
    board.observe(SinkChanged("door", "hls:door", Connection.RUNNING))
    told = json.loads(json.dumps(row(board.cameras["door"], covered=True, whep=True, internal=frozenset({"hls:door"}))))
    assert {name: sink["state"] for name, sink in told["sinks"].items()} == {"null": "running"}
    assert (told["covered_by_operator"], told["whep"], told["people"]) == (True, True, 0)
    assert set(told["sentence"]) == {"level", "text", "advice", "detail"}
    assert set(told["sentence"]["text"]) == {"en", "zh"}
