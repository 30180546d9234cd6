"""What became of each camera, minute by minute, in one small SQLite file: counts and times, never a picture.

1. A minute is written once, when it is over; a crash loses the minute that runs.
2. What is older than ``KEPT_S`` goes. Forty cameras are some twenty megabytes.
3. Who agreed to be seen where and until when stays: a row when it comes into force, and one when it is withdrawn.
4. A file that cannot be opened or written is said once, and costs history only.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from proxy.telemetry.events import Connection, Event, SourceChanged, Tally

MINUTE_S: Final = 60
KEPT_S: Final = 32 * 24 * 3600
SPANS: Final = {"day": (24 * 3600, 300), "week": (7 * 24 * 3600, 3600)}
"""What can be asked for: seconds back, and seconds of each point."""
_COLUMNS: Final = ("at", "sent", "dropped", "whole", "people", "away_s", "minutes")
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS minutes (
  camera TEXT NOT NULL, at INTEGER NOT NULL, sent INTEGER NOT NULL, dropped INTEGER NOT NULL, covered TEXT NOT NULL,
  people INTEGER NOT NULL, away_s REAL NOT NULL, PRIMARY KEY (camera, at)
) WITHOUT ROWID
"""


_CONSENTS: Final = """
CREATE TABLE IF NOT EXISTS consents (
  at INTEGER NOT NULL, camera TEXT NOT NULL, event TEXT NOT NULL, zone TEXT NOT NULL, who TEXT NOT NULL, until INTEGER NOT NULL,
  points_sha256 TEXT NOT NULL
)
"""
_MODE: Final = 0o600
"""Who agreed to be seen is nobody else's business; what SQLite keeps beside the file has the same mode."""
_AGREED, _WITHDRAWN = "agreed", "withdrawn"


@dataclass(frozen=True, slots=True)
class Consent:
    """Who may be seen in one zone of a camera: the zone's name, who agreed, until when (Unix), and the digest of its corners as
    claims have it.
    """

    zone: str
    who: str
    until_s: int
    points_sha256: str


@dataclass(slots=True)
class Minute:
    """One camera's minute: frames sent, left out, covered whole by reason; the most people at once; seconds without a picture."""

    sent: int = 0
    dropped: int = 0
    covered: Counter[str] = field(default_factory=Counter)
    people: int = 0
    away_s: float = 0.0


class Gathering:
    """Sums of the minute that runs, kept up from events."""

    def __init__(self) -> None:
        self._minutes: dict[str, Minute] = {}
        self._running: set[str] = set()

    def observe(self, event: Event) -> None:
        """Take note of ``event``."""
        match event:
            case Tally():
                minute = self._minutes.setdefault(event.camera, Minute())
                minute.sent += event.sent
                minute.dropped += event.dropped
                minute.covered.update(event.covered)
                minute.people = max(minute.people, event.people)
            case SourceChanged():
                (self._running.add if event.state is Connection.RUNNING else self._running.discard)(event.camera)
            case _:
                pass

    def second(self, cameras: Iterable[str], seconds: float) -> None:
        """So many seconds went by; ``cameras`` are all that there should be."""
        for camera in cameras:
            minute = self._minutes.setdefault(camera, Minute())
            if camera not in self._running:
                minute.away_s += seconds

    def take(self) -> dict[str, Minute]:
        """The minute that is over, and begin the next."""
        taken, self._minutes = self._minutes, {}
        return taken


class History:
    """The file. Any thread may write; read from one at a time."""

    def __init__(self, path: Path) -> None:
        """Open the file at ``path``, or make it.

        Raises:
            OSError: it cannot be used, or is no such file.
        """
        self._writing = threading.Lock()
        try:
            path.touch(mode=_MODE)
            path.chmod(_MODE)
            self._connection = sqlite3.connect(path, timeout=2.0, isolation_level=None, check_same_thread=False)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")
            self._connection.execute(_SCHEMA)
            self._connection.execute(_CONSENTS)
        except (sqlite3.Error, OSError) as error:
            raise OSError(f"{path} cannot be used: {error}") from error

    def write(self, minutes: dict[str, Minute], *, at_s: int) -> None:
        """Add the minute that began at ``at_s`` (Unix), and let go of what is too old.

        Raises:
            OSError: it cannot be written.
        """
        at = at_s // MINUTE_S * MINUTE_S
        rows = [
            (camera, at, one.sent, one.dropped, json.dumps(one.covered, sort_keys=True), one.people, round(one.away_s, 1))
            for camera, one in minutes.items()
        ]
        try:
            with self._writing, self._connection:
                self._connection.execute("BEGIN")
                self._connection.executemany("INSERT OR REPLACE INTO minutes VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
                self._connection.execute("DELETE FROM minutes WHERE at < ?", (at - KEPT_S,))
        except sqlite3.Error as error:
            raise OSError(f"history cannot be written: {error}") from error

    def of(self, camera: str, span: str, *, now_s: int) -> dict[str, object]:
        """What there is of ``camera`` over ``span``, one of ``SPANS``: points in order of time, and the whole covers by reason.

        Raises:
            OSError: it cannot be read.
        """
        back_s, step_s = SPANS[span]
        since = (now_s - back_s) // step_s * step_s
        points: dict[int, dict[str, float]] = {}
        reasons: Counter[str] = Counter()
        query = "SELECT at, sent, dropped, covered, people, away_s FROM minutes WHERE camera = ? AND at >= ? ORDER BY at"
        try:
            rows = self._connection.execute(query, (camera, since)).fetchall()
        except sqlite3.Error as error:
            raise OSError(f"history cannot be read: {error}") from error
        for at, sent, dropped, covered, people, away_s in rows:
            place = at // step_s * step_s
            point = points.setdefault(place, dict.fromkeys(_COLUMNS, 0) | {"at": place})
            why = json.loads(covered)
            reasons.update(why)
            point["sent"] += sent
            point["dropped"] += dropped
            point["whole"] += sum(why.values())
            point["people"] = max(point["people"], people)
            point["away_s"] += away_s
            point["minutes"] += 1
        return {"since": since, "until": now_s, "step_s": step_s, "points": list(points.values()), "covered": dict(reasons)}

    def agreed(self, camera: str, now: Sequence[Consent], *, at_s: int) -> None:
        """Add what changed by the settings of ``camera`` that are in force from ``at_s`` (Unix) on; nothing is ever taken out.

        Raises:
            OSError: it cannot be written.
        """
        query = "SELECT event, zone, who, until, points_sha256 FROM consents WHERE camera = ? ORDER BY rowid"
        try:
            with self._writing, self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                last = {Consent(*rest): event for event, *rest in self._connection.execute(query, (camera,))}
                before = [consent for consent, event in last.items() if event == _AGREED]
                rows = [(_WITHDRAWN, consent) for consent in before if consent not in now]
                rows += [(_AGREED, consent) for consent in dict.fromkeys(now) if consent not in before]
                values = [(at_s, camera, event, one.zone, one.who, one.until_s, one.points_sha256) for event, one in rows]
                self._connection.executemany("INSERT INTO consents VALUES (?, ?, ?, ?, ?, ?, ?)", values)
        except sqlite3.Error as error:
            raise OSError(f"consents cannot be written: {error}") from error

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
