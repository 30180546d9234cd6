"""What is remembered over a restart."""

import asyncio
import io
import sqlite3
import time
from pathlib import Path

import pytest

from proxy.control.history import Consent, Gathering, History
from proxy.settings.service import Settings
from proxy.state import keep_history, note_consents, state_folder
from proxy.telemetry.events import Tally
from proxy.telemetry.logs import Log


async def test_history_is_written_when_a_minute_is_over_or_the_service_ends(tmp_path):
    said = io.StringIO()
    history, gathering = History(tmp_path / "history.sqlite"), Gathering()
    keeping = asyncio.ensure_future(keep_history(history, gathering, ("door",), Log(stream=said)))  # noqa: TID251 - cancelled below
    await asyncio.sleep(0)
    gathering.observe(Tally("door", 0.5, 12, 0, {}, {}, 3, {}, (0.0, 0.0)))
    keeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await keeping
    again = History(tmp_path / "history.sqlite")
    (point,) = again.of("door", "day", now_s=int(time.time()))["points"]
    again.close()
    assert (point["sent"], point["people"]) == (12, 3)


def test_the_state_folder_is_the_one_that_is_named_or_systemds_or_beside_the_settings(tmp_path, monkeypatch):
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    named, plain = Settings(state=Path("/srv/state")), Settings()
    assert state_folder(named, tmp_path / "v.toml") == Path("/srv/state")
    assert state_folder(plain, tmp_path / "v.toml") == tmp_path / "v.state"
    assert state_folder(plain, None) is None
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/veilcast")
    assert state_folder(plain, tmp_path / "v.toml") == Path("/var/lib/veilcast")


def test_who_agreed_is_said_at_each_start_and_kept_where_anything_is(tmp_path):
    said = io.StringIO()
    history = History(tmp_path / "history.sqlite")
    for kept in (history, history, None):
        note_consents("door", [Consent("stage", "the band", 1_800_000_000, "ab12")], kept, Log(stream=said))
    history.close()
    note_consents("door", [], history, Log(stream=said))
    lines = said.getvalue().splitlines()
    assert [line.count('who="the band" until=2027-01-15T08:00:00+00:00 points_sha256=ab12') for line in lines] == [1, 1, 1, 0]
    assert "consents cannot be written" in lines[-1]
    rows = sqlite3.connect(tmp_path / "history.sqlite").execute("SELECT camera, event, who FROM consents").fetchall()
    assert rows == [("door", "agreed", "the band")]
