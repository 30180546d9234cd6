"""Streams' processes are started, covered, handed over and killed."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import av
import pytest

from benchmarks.viewer import shows_scene
from proxy.gateway.admission import Way
from proxy.platform.settings import GatewaySettings
from proxy.platform.streams import Streams, _Running
from proxy.platform.ways import Ways
from proxy.telemetry.events import Connection
from proxy.telemetry.status import CameraStatus, LinkStatus, StatusBoard
from tests.platform.running import ADMIN, CAFE, platform, publishing, until

ON_THE_WIRE = 3
"""So many pictures may have been with the kernel, or in nginx, when the call was answered."""


def gateway(folder):
    return GatewaySettings.model_validate(
        {
            "folder": folder, "key": folder / "key.pem", "pull": "rtmp://127.0.0.1/ingest",
            "publish": "rtmp://127.0.0.1/live", "http": {"admin": ADMIN},
        }
    )  # fmt: skip


async def test_a_stream_that_is_stopped_is_killed_at_once_and_one_that_is_silent_is_told(tmp_path, monkeypatch):
    """The camera's process is made up: it says nothing and waits."""
    script = "import os, sys, time; sys.stdin.readline(); open(f'{sys.argv[1]}/{os.getpid()}', 'w').close(); time.sleep(60)"
    command = (sys.executable, "-I", "-c", script, str(tmp_path))
    monkeypatch.setattr("proxy.platform.streams.worker_command", lambda: command)
    settings = gateway(tmp_path)
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
        await streams.settled()
        while len(alive(tmp_path)) > 1:
            await asyncio.sleep(0.01)
        assert set(board.cameras) == {"yard"}
        assert [status.name for status in streams.counted()] == ["door", "door", "yard"]
        assert [status.name for status in streams.counted()] == ["yard"]
        streams.stop_all()
        await streams.settled()
    assert alive(tmp_path) == []
    assert not board.cameras


class Process:
    """A process made up, which counts how often it is hurried."""

    def __init__(self):
        self.hurried, self.observer = 0, None

    def hurry(self):
        self.hurried += 1

    def cover(self, *, covered):
        pass

    def kill(self):
        pass


async def test_who_follows_a_relay_is_hurried_until_the_platform_takes_what_it_publishes(tmp_path):
    settings = gateway(tmp_path)
    board = StatusBoard(())
    async with asyncio.TaskGroup() as group:
        streams = Streams(group, Ways(settings, tmp_path).camera, lambda _: None, board, lambda *_: None, settings.relay)
        old, new = Process(), Process()
        streams._leaving["door"] = _Running(old, group.create_task(asyncio.sleep(60)), True)
        streams._running["door"] = _Running(new, group.create_task(asyncio.sleep(60)), False)
        board.cameras["door"] = CameraStatus("door")
        streams.settle()
        assert new.hurried == 0, "it shows nothing yet, and the relay stands in"
        board.cameras["door"].frames_sent = 1
        board.cameras["door"].sinks = {"whep": LinkStatus("whep", Connection.RUNNING), "rtmp://h/***": LinkStatus("rtmp://h/***")}
        streams.settle()
        streams.settle()
        assert new.hurried == 2
        board.cameras["door"].sinks["rtmp://h/***"] = LinkStatus("rtmp://h/***", Connection.RUNNING)
        streams.settle()
        streams.settle()
        assert (new.hurried, old.hurried) == (2, 0)
        streams.stop_all()


def alive(folder):
    """The processes that have told of themselves in ``folder`` and go on."""
    return [path.name for path in folder.iterdir() if path.name.isdecimal() and Path(f"/proc/{path.name}").exists()]


def scenes(recordings):
    """Of each picture that the platform recorded, where in which file it begins, and whether it shows the scene."""
    told = []
    for path in recordings:
        with av.open(str(path)) as recording:
            for packet in recording.demux(video=0):
                told += [(path, packet.pos, shows_scene(frame)) for frame in packet.decode()]
    return told


@pytest.mark.peer
@pytest.mark.timeout(300)
def test_once_a_cover_is_answered_no_picture_of_the_scene_leaves_until_it_is_lifted_whatever_restarts(tmp_path):
    with platform(tmp_path) as (gateway, ingest):
        token = gateway.register("acme", "door")
        with publishing(ingest.url("door", token), CAFE):
            until(lambda: gateway.shown("door") > 30, within_s=90, why=gateway.log.read_text)
            gateway.call("PUT", "/api/switches/publisher/acme", {"action": "cover"})
            size, sent = ingest.recordings("door")[0].stat().st_size, gateway.sent("door")
            until(lambda: gateway.sent("door") > sent + 20, within_s=60, why=gateway.log.read_text)
            gateway.end(signal.SIGKILL)
            gateway.start()
            until(lambda: gateway.sent("door") > 20, within_s=90, why=gateway.log.read_text)
            assert gateway.shown("door") == 0
            covered = scenes(ingest.recordings("door"))
            gateway.call("DELETE", "/api/switches/publisher/acme")
            until(lambda: gateway.shown("door") > 10, within_s=90, why=gateway.log.read_text)
    first = covered[0][0]
    late = [scene for path, place, scene in covered if path != first or place > size]
    assert len(late) > 30
    assert sum(late) <= ON_THE_WIRE
    assert not any(late[ON_THE_WIRE:])
    assert sum(scene for *_, scene in covered) > 20
