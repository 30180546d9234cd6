"""What the service remembers over a restart: its folder, and the history that is written there every minute."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path

from proxy.control.history import MINUTE_S, Consent, Gathering, History, Minute
from proxy.settings.service import Settings
from proxy.telemetry.logs import Level, Line, Log


def state_folder(settings: Settings, origin: Path | None) -> Path | None:
    """Where the service remembers things; ``None`` where nothing says so, as without a settings file."""
    of_systemd = os.environ.get("STATE_DIRECTORY", "").split(":")[0]
    if settings.state is not None or of_systemd:
        return settings.state or Path(of_systemd)
    return None if origin is None else origin.absolute().with_suffix(".state")


def made(folder: Path | None, log: Log) -> Path | None:
    """``folder``, which exists from now on; ``None``, and said so, where that cannot be."""
    if folder is None:
        return None
    try:
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    except OSError as error:
        _say_forgotten(log, f"{folder} cannot be made: {error.strerror}")
        return None
    return folder


def history_in(folder: Path | None, log: Log) -> History | None:
    """The history kept in ``folder``; ``None``, and said so, where none can be."""
    try:
        return History(folder / "history.sqlite") if folder else None
    except OSError as error:
        _say_forgotten(log, str(error))
        return None


def _say_forgotten(log: Log, detail: str) -> None:
    hint = "covers and history are forgotten with the next restart; check the folder, or name another with state"
    log.say(Line(Level.WARNING, "nothing is remembered", (("detail", detail), ("hint", hint))))


def note_consents(camera: str, consents: Sequence[Consent], history: History | None, log: Log) -> None:
    """Say who may be seen in ``camera`` from now on, and keep it where there is a ``history``."""
    for one in consents:
        until = datetime.fromtimestamp(one.until_s, UTC).isoformat()
        told = (("camera", camera), ("zone", one.zone), ("who", one.who), ("until", until), ("points_sha256", one.points_sha256))
        log.say(Line(Level.INFO, "consent", told))
    try:
        if history is not None:
            history.agreed(camera, consents, at_s=int(time.time()))
    except OSError as error:
        log.say(Line(Level.WARNING, "history", (("detail", str(error)),)))


async def keep_history(history: History, gathering: Gathering, cameras: Collection[str], log: Log) -> None:
    """Write every minute into ``history`` once it is over, and what there is of one at the end."""
    began_s, since = int(time.time()), time.monotonic()
    try:
        while True:
            await asyncio.sleep(1.0)
            now = time.monotonic()
            gathering.second(cameras, now - since)
            since = now
            if int(time.time()) // MINUTE_S != began_s // MINUTE_S:
                await asyncio.to_thread(_write, history, gathering.take(), began_s, log)
                began_s = int(time.time())
    finally:
        _write(history, gathering.take(), began_s, log)
        history.close()


def _write(history: History, minutes: dict[str, Minute], at_s: int, log: Log) -> None:
    try:
        history.write(minutes, at_s=at_s)
    except OSError as error:
        log.say(Line(Level.WARNING, "history", (("detail", str(error)),)))
