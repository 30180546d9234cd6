"""Events become lines: one for each change of state, repeats summed, nothing secret."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field

import numpy as np
import pytest

from proxy.masking.plan import CoverReason
from proxy.redactors.regions import Regions
from proxy.telemetry.events import (
    Connection,
    DamageSeen,
    DecoderOpened,
    EncoderOpened,
    FramesDropped,
    FrameSent,
    PassFailed,
    ProcessChanged,
    SinkChanged,
    SourceChanged,
    Stage,
    StageTimed,
    Tally,
)
from proxy.telemetry.logs import Level, Line, Log, lines_of

NOBODY = Regions(np.empty((0, 4), np.int32), np.empty(0, np.uint8), np.empty(0, np.int32))
BROKEN = PassFailed("yard", "yunet", "no answer")


@dataclass
class Written:
    """A log with a clock in hand."""

    level: Level = Level.INFO
    now: float = 0.0
    stream: io.StringIO = field(default_factory=io.StringIO)

    def __post_init__(self) -> None:
        self.log = Log(level=self.level, json=True, stream=self.stream, clock=lambda: self.now)

    @property
    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]


def tally(**values: object) -> Tally:
    usual = {"seconds": 0.5, "sent": 0, "dropped": 0, "covered": {}, "regions": {}, "people": 0, "stages": {}, "latency_ms": (0, 0)}
    return Tally("yard", **{**usual, **values})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "level"),
    [(Connection.RUNNING, "info"), (Connection.WAITING, "warning"), (Connection.FAILED, "error"), (Connection.ENDED, "info")],
)
def test_each_change_of_state_is_one_line_of_fitting_weight(state: Connection, level: str) -> None:
    for event in (SourceChanged("yard", state), SinkChanged("yard", "null", state), ProcessChanged("yard", state)):
        written = Written()
        written.log.observe(event)
        (line,) = written.lines
        assert line["level"] == level
        assert str(line["event"]).endswith(str(state))
        assert line["camera"] == "yard"


def test_a_failure_says_what_to_do_and_when_the_next_try_is() -> None:
    written = Written()
    written.log.observe(SinkChanged("yard", "rtmp://h/app/***", Connection.WAITING, "cut", "check the cable", 2.04))
    (line,) = written.lines
    assert (line["detail"], line["hint"], line["retry_s"]) == ("cut", "check the cable", 2.0)


def test_passwords_and_keys_are_in_no_line() -> None:
    for as_json in (True, False):
        stream = io.StringIO()
        log = Log(json=as_json, stream=stream)
        log.observe(SourceChanged("yard", Connection.FAILED, "rtsp://u:hunter2@h/x said no", "rtsp://u:hunter2@h/x"))
        log.observe(SinkChanged("yard", "rtmp://h/app/live_key", Connection.FAILED, "rtmp://h/app/live_key"))
        log.flush()
        assert stream.getvalue().count("***") == 4
        assert not {"hunter2", "live_key"} & set(stream.getvalue().replace("/", " ").replace("@", " ").replace(":", " ").split())


def test_a_text_line_stays_one_line_of_keys_and_values() -> None:
    stream = io.StringIO()
    Log(stream=stream).observe(PassFailed("yard", "yunet", 'two\nlines and a "quote"'))
    assert len(stream.getvalue().splitlines()) == 1
    assert stream.getvalue().startswith("time=")
    assert 'level=warning event="detector failed" camera=yard' in stream.getvalue()


def test_the_first_is_said_at_once_and_repeats_are_summed_after_a_second() -> None:
    written = Written()
    for _ in range(5):
        written.log.observe(BROKEN)
    assert len(written.lines) == 1
    written.now = 1.1
    written.log.observe(tally())
    assert [line.get("times") for line in written.lines] == [None, 4]


def test_an_overload_is_said_once_however_long_it_lasts_and_its_end_once() -> None:
    written = Written()
    for step in range(200):
        written.now = step / 2
        written.log.observe(tally(dropped=4 if step < 100 else 0))
    assert [line["event"] for line in written.lines] == ["overloaded", "keeps up again"]


def test_counts_of_repeats_add_up() -> None:
    written = Written(level=Level.DEBUG)
    for count in (3, 4, 5):
        written.log.observe(FramesDropped("yard", count))
    written.log.flush()
    assert [line["count"] for line in written.lines] == [3, 9]


def test_what_happens_again_much_later_is_said_at_once() -> None:
    written = Written()
    written.log.observe(BROKEN)
    written.now = 10.0
    written.log.observe(tally())
    written.log.observe(BROKEN)
    assert len(written.lines) == 2


def test_the_memory_for_repeats_is_bounded() -> None:
    written = Written()
    for number in range(2000):
        written.log.say(Line(Level.INFO, f"event {number}"))
    assert len(written.log._lately) <= 256
    assert len(written.lines) == 2000


def test_lines_below_the_level_are_not_said() -> None:
    written = Written(level=Level.ERROR)
    written.log.observe(BROKEN)
    written.log.observe(SourceChanged("yard", Connection.FAILED))
    assert [line["level"] for line in written.lines] == ["error"]


def test_a_tally_tells_what_was_lost_or_covered_and_otherwise_nothing() -> None:
    assert list(lines_of(tally())) == []
    told = [line.event for line in lines_of(tally(dropped=2, covered={"late": 3}, sent=15))]
    assert told == ["frames dropped", "frames covered whole", "frames sent"]


def test_frames_are_said_only_when_covered_and_times_never() -> None:
    assert list(lines_of(FrameSent("yard", 0, 0, None, NOBODY))) == []
    assert list(lines_of(StageTimed("yard", Stage.PAINT, 5))) == []
    (line,) = lines_of(FrameSent("yard", 0, 0, CoverReason.LATE, NOBODY))
    assert dict(line.fields)["reason"] == "late"


def test_damage_and_the_encoder_are_told() -> None:
    (damage,) = lines_of(DamageSeen("yard", 3, "bad slice"))
    assert damage.count == 3
    (decoder,) = lines_of(DecoderOpened("yard", "h264 (software)"))
    assert decoder == Line(Level.INFO, "decoder opened", (("camera", "yard"), ("decoder", "h264 (software)")))
    (encoder,) = lines_of(EncoderOpened("yard", "libx264", hardware=False, width=640, height=360))
    assert dict(encoder.fields)["size"] == "640x360"


def test_a_stream_that_cannot_be_written_stops_nothing() -> None:
    stream = io.StringIO()
    log = Log(stream=stream)
    stream.close()
    log.observe(BROKEN)
