"""What became of each camera is kept small, in minutes, without a picture."""

import sqlite3

import pytest

from proxy.control.history import KEPT_S, Consent, Gathering, History, Minute
from proxy.telemetry.events import Connection, SourceChanged, Tally

NOON = 1_800_000_000 // 3600 * 3600


def tally(**counts):
    values = {"sent": 12, "dropped": 1, "covered": {}, "regions": {}, "people": 0, "stages": {}, "latency_ms": (0.0, 0.0)} | counts
    return Tally(camera="door", seconds=0.5, **values)


@pytest.fixture
def history(tmp_path):
    made = History(tmp_path / "history.sqlite")
    yield made
    made.close()


def test_a_minute_sums_frames_covers_and_outages_and_keeps_the_most_people():
    gathering = Gathering()
    gathering.observe(SourceChanged("door", Connection.RUNNING))
    gathering.observe(tally(people=2))
    gathering.observe(tally(people=5, covered={"late": 3}))
    gathering.second(("door", "yard"), 1.0)
    gathering.observe(SourceChanged("door", Connection.WAITING))
    gathering.second(("door", "yard"), 2.0)
    taken = gathering.take()
    assert taken["door"] == Minute(24, 2, {"late": 3}, 5, 2.0)
    assert taken["yard"].away_s == 3.0
    assert gathering.take() == {}


def test_a_day_and_a_week_are_told_in_points(history):
    for minute in range(120):
        history.write({"door": Minute(sent=100, people=minute % 7, covered={"late": 1})}, at_s=NOON + 60 * minute)
    now = NOON + 7200
    day, week = (history.of("door", span, now_s=now) for span in ("day", "week"))
    assert (len(day["points"]), len(week["points"])) == (24, 2)
    assert [point["sent"] for point in week["points"]] == [6000, 6000]
    assert week["points"][0] == {"at": NOON, "sent": 6000, "dropped": 0, "whole": 60, "people": 6, "away_s": 0, "minutes": 60}
    assert day["covered"] == {"late": 120}
    assert history.of("yard", "day", now_s=now)["points"] == []


def test_what_is_too_old_goes_and_a_minute_is_written_once(history):
    history.write({"door": Minute(sent=1)}, at_s=NOON)
    history.write({"door": Minute(sent=2)}, at_s=NOON + 30)
    assert [point["sent"] for point in history.of("door", "day", now_s=NOON + 60)["points"]] == [2]
    history.write({"door": Minute(sent=3)}, at_s=NOON + KEPT_S + 60)
    assert history._connection.execute("SELECT count(*) FROM minutes").fetchone() == (1,)


def test_it_is_there_after_a_restart_and_small(tmp_path):
    path = tmp_path / "history.sqlite"
    first = History(path)
    for minute in range(24 * 60):
        first.write({f"camera-{number}": Minute(sent=1500, people=3) for number in range(2)}, at_s=NOON + 60 * minute)
    first.close()
    assert path.stat().st_size < 400_000
    again = History(path)
    assert again.of("camera-1", "day", now_s=NOON + 24 * 3600)["points"]
    again.close()


def test_nobody_else_can_read_who_agreed_whatever_the_folder_lets(tmp_path):
    path = tmp_path / "history.sqlite"
    path.touch(mode=0o644)
    history = History(path)
    history.agreed("door", [Consent("desk", "Jane", 2_000_000_000, "0" * 64)], at_s=1)
    assert {found.stat().st_mode & 0o777 for found in tmp_path.iterdir()} == {0o600}
    history.close()


def test_a_file_that_is_none_is_said(tmp_path):
    (tmp_path / "history.sqlite").write_bytes(b"not a database at all" * 100)
    with pytest.raises(OSError, match="cannot be used"):
        History(tmp_path / "history.sqlite")
    with pytest.raises(OSError, match="cannot be used"):
        History(tmp_path / "no" / "folder.sqlite")


def test_a_disk_that_is_full_costs_the_minute_and_is_said(history):
    history._connection.execute("PRAGMA max_page_count=1")
    with pytest.raises(OSError, match="cannot be written"):
        for minute in range(200):
            history.write({f"camera-{number}": Minute(sent=1) for number in range(50)}, at_s=NOON + 60 * minute)
    assert isinstance(history._connection, sqlite3.Connection)


BAND = Consent("stage", "the band", NOON + 3600, "a" * 64)
CREW = Consent("desk", "the crew", NOON + 7200, "b" * 64)


def test_who_agreed_is_on_record_from_when_and_until_it_was_withdrawn_and_stays_there(tmp_path):
    """Told anew at each start, it is written once; a zone drawn anew is another; other cameras are let be."""
    path = tmp_path / "history.sqlite"
    drawn_anew = Consent(BAND.zone, BAND.who, BAND.until_s, "c" * 64)
    for at, camera, now in (
        (1, "door", [BAND, CREW]),
        (2, "yard", [BAND]),
        (3, "door", [BAND, CREW]),
        (4, "door", [drawn_anew, CREW]),
        (5, "door", [BAND, BAND]),
        (6, "door", []),
    ):
        again = History(path)
        again.agreed(camera, now, at_s=NOON + at)
        again.write({"door": Minute()}, at_s=NOON + at + 2 * KEPT_S)
        again.close()
    rows = sqlite3.connect(path).execute("SELECT at, camera, event, zone, who, until, points_sha256 FROM consents").fetchall()
    assert [(at - NOON, camera, event, digest[0]) for at, camera, event, _, _, _, digest in rows] == [
        (1, "door", "agreed", "a"),
        (1, "door", "agreed", "b"),
        (2, "yard", "agreed", "a"),
        (4, "door", "withdrawn", "a"),
        (4, "door", "agreed", "c"),
        (5, "door", "withdrawn", "b"),
        (5, "door", "withdrawn", "c"),
        (5, "door", "agreed", "a"),
        (6, "door", "withdrawn", "a"),
    ]
    assert rows[0][3:6] == ("stage", "the band", NOON + 3600)


def test_a_record_that_cannot_be_written_is_told(tmp_path):
    made = History(tmp_path / "history.sqlite")
    made.close()
    with pytest.raises(OSError, match="consents cannot be written"):
        made.agreed("door", [BAND], at_s=NOON)
