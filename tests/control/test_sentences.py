"""One plain sentence says how a camera is, in two languages."""

import pytest

from proxy.control.sentences import Level, sentence
from proxy.telemetry.events import Connection, ProcessChanged, SinkChanged, SourceChanged, Tally
from proxy.telemetry.status import StatusBoard

RUNNING = SourceChanged("door", Connection.RUNNING)


def said(*events, covered=False):
    board = StatusBoard(("door",))
    for event in events:
        board.observe(event)
    return sentence(board.cameras["door"], covered=covered)


def tally(**counts):
    values = {"sent": 10, "dropped": 0, "covered": {}, "regions": {}, "people": 0, "stages": {}, "latency_ms": (0.0, 0.0)} | counts
    return Tally(camera="door", seconds=0.5, **values)


@pytest.mark.parametrize(
    ("events", "level", "words"),
    [
        ([], Level.WAIT, "Connecting"),
        ([RUNNING], Level.GOOD, "anonymised and streamed"),
        ([SourceChanged("door", Connection.WAITING, "refused", "check", code=10)], Level.BAD, "does not answer"),
        ([SourceChanged("door", Connection.FAILED, "401", "check", code=11)], Level.BAD, "wrong user, password"),
        ([SourceChanged("door", Connection.WAITING, "the publisher left", code=10)], Level.WAIT, "publish"),
        ([RUNNING, SinkChanged("door", "rtmp://h/app/***", Connection.WAITING, "no", code=21)], Level.BAD, "key is wrong"),
        ([ProcessChanged("door", Connection.WAITING, "died (SIGSEGV)", code=40), RUNNING], Level.BAD, "process stopped"),
        ([ProcessChanged("door", Connection.FAILED, "no key", code=2)], Level.BAD, "settings do not work"),
        ([ProcessChanged("door", Connection.WAITING, "no such stream", code=11)], Level.BAD, "wrong user, password"),
        ([RUNNING, tally(dropped=5)], Level.WAIT, "too slow"),
        ([RUNNING, tally(covered={"late": 5})], Level.WAIT, "covered whole"),
        ([SourceChanged("door", Connection.ENDED)], Level.WAIT, "ended"),
    ],
)
def test_the_gravest_is_said_with_what_to_do(events, level, words):
    found = said(*events)
    assert found.level is level
    assert words in found.text.en
    assert found.text.zh
    assert bool(found.advice.en) == bool(found.advice.zh)
    assert found.advice.en or level is not Level.BAD


def test_while_it_is_tried_again_the_error_of_the_last_try_is_still_said():
    lost = SourceChanged("door", Connection.WAITING, "camera: refused", "check the address", code=10)
    again = said(lost, SourceChanged("door", Connection.CONNECTING))
    assert "does not answer" in again.text.en
    assert again.detail == "camera: refused; check the address"
    assert said(lost, RUNNING).level is Level.GOOD


def test_a_cover_is_said_of_a_camera_that_runs_and_a_dead_camera_stays_a_dead_camera():
    assert "Covered by an operator" in said(RUNNING, covered=True).text.en
    assert "does not answer" in said(SourceChanged("door", Connection.WAITING, "gone", code=10), covered=True).text.en
