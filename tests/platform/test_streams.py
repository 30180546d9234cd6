"""Streams' processes are started, covered, handed over and killed."""

from __future__ import annotations

import asyncio
import sys

from proxy.gateway.admission import Way
from proxy.platform.settings import GatewaySettings
from proxy.platform.streams import Streams
from proxy.platform.ways import Ways
from proxy.telemetry.events import Connection
from proxy.telemetry.status import LinkStatus, StatusBoard
from tests.platform.running import ADMIN


async def test_a_stream_that_is_stopped_is_killed_at_once_and_one_that_is_silent_is_told(tmp_path, monkeypatch):
    """The camera's process is made up: it says nothing and waits."""
    command = (sys.executable, "-I", "-c", "import sys, time; sys.stdin.readline(); time.sleep(60)")
    monkeypatch.setattr("proxy.platform.streams.worker_command", lambda: command)
    settings = GatewaySettings.model_validate(
        {
            "folder": tmp_path, "key": tmp_path / "key.pem", "pull": "rtmp://127.0.0.1/ingest",
            "publish": "rtmp://127.0.0.1/live", "http": {"admin": ADMIN},
        }
    )  # fmt: skip
    board = StatusBoard(())
    async with asyncio.TaskGroup() as group:
        streams = Streams(group, Ways(settings, tmp_path).camera, lambda _: None, board, lambda *_: None, settings.relay)
        for _ in range(2):
            streams.start("door", Way.INGEST, None, verified=False, covered=False)
        streams.start("yard", Way.INGEST, None, verified=False, covered=True)
        assert set(board.cameras) == {"door", "yard"}
        board.cameras["yard"].source = LinkStatus("source", Connection.RUNNING)
        board.cameras["yard"].process = Connection.RUNNING
        await asyncio.sleep(0.3)
        assert streams.silent(for_s=0.2) == ["door"]
        streams.cover("yard", covered=False)
        streams.cover("nowhere", covered=True)
        streams.pause("door")
        assert streams.silent(for_s=0.2) == []
        streams.start("door", Way.INGEST, None, verified=False, covered=False)
        assert streams.silent(for_s=0.2) == ["door"], "nothing came of it before, either"
        streams.stop("door")
        streams.stop("door")
        assert set(board.cameras) == {"yard"}
        assert [status.name for status in streams.counted()] == ["door", "door", "yard"]
        assert [status.name for status in streams.counted()] == ["yard"]
        streams.stop_all()
    assert not board.cameras
