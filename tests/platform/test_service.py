"""The gateway as a platform runs it: real publishers, a real ingest in front, and what viewers would have seen behind it."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from proxy.detectors.openvino_runtime import Device
from proxy.detectors.suite import Accuracy, build
from proxy.masking.passes import Pass
from proxy.media.raw import RawFrame
from proxy.platform.service import Streams
from proxy.platform.settings import GatewaySettings
from proxy.sources import file as file_source
from proxy.telemetry.events import Connection
from proxy.telemetry.status import LinkStatus, StatusBoard
from tests.peers.ingest import Ingest
from tests.peers.process import free_port

VEILCAST = str(Path(sys.executable).with_name("veilcast"))
STREET = Path(__file__).parents[2] / "sample_videos" / "street.mp4"
ADMIN = "admin-token-0123456789"
SURE = 0.6


class Gateway:
    """``veilcast gateway`` in a process of its own, behind ``ingest``."""

    def __init__(self, folder: Path, ingest: Ingest, port: int, more: str) -> None:
        self._folder, self._port = folder, port
        self.key, self.trust, self.log = folder / "gateway.pem", folder / "gateway.jwk", folder / "gateway.log"
        self._process: subprocess.Popen[bytes] | None = None
        with self.trust.open("w") as public:
            command = [VEILCAST, "keys", "init", str(self.key)]
            subprocess.run(command, stdout=public, stderr=subprocess.DEVNULL, check=True, timeout=60)
        (folder / "gateway.toml").write_text(
            f'folder = "{folder}/state"\nkey = "{self.key}"\npull = "{ingest.pull}"\npublish = "{ingest.publish}"\n'
            f'[http]\nport = {port}\nadmin = "{ADMIN}"\n[privacy]\naccuracy = "light"\n[encoding]\ngop_s = 0.5\n{more}'
        )

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen([VEILCAST, "gateway", "-c", str(self._folder / "gateway.toml")], stderr=log)
        until(self._answers, within_s=40, why=self.log.read_text)

    def _answers(self) -> bool:
        with suppress(URLError, OSError), urlopen(f"http://127.0.0.1:{self._port}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
        return False

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(number)
        try:
            return process.wait(30)
        finally:
            process.kill()

    def call(self, method: str, path: str, body: object = None) -> object:
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"http://127.0.0.1:{self._port}{path}", data, {"Authorization": f"Bearer {ADMIN}"}, method=method)
        with urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def register(self, publisher: str, *cameras: str, admission: str | None = None) -> str:
        self.call("PUT", f"/api/publishers/{publisher}", {"cameras": cameras, "admission": admission})
        made = self.call("POST", f"/api/publishers/{publisher}/tokens", {})
        assert isinstance(made, dict)
        return str(made["token"])

    def streams(self) -> list[dict[str, object]]:
        found = self.call("GET", "/api/streams")
        assert isinstance(found, dict)
        return list(found["streams"])

    def sent(self, camera: str) -> int:
        status = next((stream["status"] for stream in self.streams() if stream["camera"] == camera), None)
        return int(status["frames_sent"]) if isinstance(status, dict) else 0

    def ledger(self) -> subprocess.CompletedProcess[str]:
        command = [VEILCAST, "ledger", "verify", str(self._folder / "state" / "gateway.sqlite"), "--trust", str(self.trust)]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@contextmanager
def platform(folder: Path, more: str = "") -> Iterator[tuple[Gateway, Ingest]]:
    port = free_port()
    with Ingest(folder, hooks=port) as ingest:
        gateway = Gateway(folder, ingest, port, more)
        gateway.start()
        try:
            yield gateway, ingest
        finally:
            gateway.end(signal.SIGKILL)


@contextmanager
def publishing(url: str) -> Iterator[subprocess.Popen[bytes]]:
    """ffmpeg publishes a raw clip, again and again, until this ends."""
    command = ["ffmpeg", "-v", "error", "-re", "-stream_loop", "-1", "-i", str(STREET), "-c", "copy", "-an", "-f", "flv", url]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as publisher:
        try:
            yield publisher
        finally:
            publisher.kill()


def until(condition: Callable[[], object], *, within_s: float, why: Callable[[], str]) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, why()
        time.sleep(0.1)


async def faces_in(path: Path) -> int:
    """Sure faces in every tenth picture of a file."""
    source = file_source.FileSource(file_source.Options(path=path), sound=False)
    suite = build(Accuracy.MAX, device=Device.CPU)
    try:
        shown = [item async for item in source.frames() if isinstance(item, RawFrame)]
        detector = suite.detectors[Pass.FACES]
        return sum(int((detector.detect(raw.planes).score > SURE).sum()) for raw in shown[::10])
    finally:
        suite.close()


@pytest.mark.peer
@pytest.mark.timeout(300)
async def test_viewers_see_nobody_of_a_raw_stream_and_nothing_of_what_is_cut(tmp_path):
    with platform(tmp_path) as (gateway, ingest):
        token = gateway.register("acme", "door")
        with publishing(ingest.url("door", "wrong")) as stranger:
            assert await asyncio.to_thread(stranger.wait, 20) != 0, "refused at once"
        assert gateway.streams() == []
        with publishing(ingest.url("door", token)) as publisher:
            until(lambda: gateway.sent("door") > 40, within_s=90, why=gateway.log.read_text)
            gateway.call("PUT", "/api/switches/camera/door", {"action": "cut"})
            size = sum(path.stat().st_size for path in ingest.recordings("door"))
            await asyncio.sleep(1.5)
            assert sum(path.stat().st_size for path in ingest.recordings("door")) - size < 100_000
            assert publisher.poll() is None
        until(lambda: not gateway.streams(), within_s=20, why=gateway.log.read_text)
        (recording, *_) = ingest.recordings("door")
        assert recording.stat().st_size > 100_000
        assert await faces_in(STREET) > 3
        assert await faces_in(recording) == 0
        assert gateway.end() == 0
        assert gateway.ledger().returncode == 0, gateway.ledger().stdout
        assert token not in gateway.log.read_text()


def verify(path: Path, trust: Path) -> subprocess.CompletedProcess[str]:
    command = [VEILCAST, "verify", str(path), "--trust", str(trust)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.peer
@pytest.mark.timeout(500)
async def test_a_proven_stream_is_sent_on_as_it_is_and_a_raw_one_in_its_place_is_anonymised(tmp_path):
    box, trust = tmp_path / "box.pem", tmp_path / "box.jwk"
    with trust.open("w") as public:
        subprocess.run([VEILCAST, "keys", "init", str(box)], stdout=public, stderr=subprocess.DEVNULL, check=True, timeout=60)  # noqa: ASYNC221
    more = f'[proof]\ntrust = "{trust}"\npatience_s = 45\n'
    with platform(tmp_path, more) as (gateway, ingest):
        token = gateway.register("acme", "door", admission="verify")
        command = [VEILCAST, "run", "--source", f"{STREET}?loop=true&realtime=true", "--sink", "env:SINK", "--name", "door"]
        command += ["--accuracy", "light", "--sign-with", str(box), "--no-http"]
        command[3] = f"file://{command[3]}"
        with (tmp_path / "box.log").open("w") as log:
            publisher = subprocess.Popen(command, stderr=log, env=os.environ | {"SINK": ingest.url("door", token)})  # noqa: ASYNC220
        try:
            until(lambda: gateway.sent("door") > 150, within_s=120, why=gateway.log.read_text)
        finally:
            publisher.terminate()
            publisher.wait(30)
        until(lambda: not gateway.streams(), within_s=20, why=gateway.log.read_text)
        (recording,) = ingest.recordings("door")
        said = verify(recording, trust)
        assert "proven by" in said.stdout, said.stdout + said.stderr
        assert "camera door" in said.stdout
        assert await faces_in(recording) == 0
        with publishing(ingest.url("door", token)):
            until(
                lambda: gateway.streams() and gateway.streams()[0]["admission"] == "anonymise",
                within_s=120,
                why=gateway.log.read_text,
            )
            until(lambda: gateway.sent("door") > 150, within_s=120, why=gateway.log.read_text)
        later = [path for path in ingest.recordings("door")[1:] if path.stat().st_size > 1000]
        assert later, "and before it a file without a single picture, where the relay let nothing pass"
        assert [await faces_in(path) for path in later] == [0] * len(later)
        assert gateway.end() == 0
        with closing(sqlite3.connect(tmp_path / "state" / "gateway.sqlite")) as connection:
            lost = connection.execute("SELECT detail FROM ledger WHERE kind = 'proof-lost'").fetchall()
        assert len(lost) == 1


@pytest.mark.peer
@pytest.mark.timeout(300)
def test_killed_at_any_moment_it_goes_on_with_what_was_admitted_and_its_ledger_is_sound(tmp_path):
    chance = random.Random(8)
    with platform(tmp_path) as (gateway, ingest):
        token = gateway.register("acme", "door")
        with publishing(ingest.url("door", token)):
            until(lambda: gateway.streams(), within_s=30, why=gateway.log.read_text)
            for number in range(3):
                for write in range(chance.randrange(1, 30)):
                    gateway.register(f"other-{number}-{write}", f"camera-{number}-{write}")
                gateway.end(signal.SIGKILL)
                said = gateway.ledger()
                assert said.returncode == 0, said.stdout
                gateway.start()
                assert [stream["camera"] for stream in gateway.streams()] == ["door"]
            until(lambda: gateway.sent("door") > 0, within_s=90, why=gateway.log.read_text)
            gateway.call("PUT", "/api/switches/all/all", {"action": "cut"})
            gateway.end(signal.SIGKILL)
            gateway.start()
            assert gateway.call("GET", "/api/switches") == {"switches": [{"scope": "all", "target": "", "action": "cut"}]}
            assert gateway.streams()[0]["status"] is None, "what was cut stays so"


@pytest.mark.peer
@pytest.mark.timeout(300)
def test_a_hundred_wrong_tokens_a_second_disturb_nobody(tmp_path):
    with platform(tmp_path) as (gateway, ingest):
        token = gateway.register("acme", *(f"camera-{number}" for number in range(50)))
        hook = f"http://127.0.0.1:{gateway._port}/hooks/rtmp/publish"
        with publishing(ingest.url("camera-7", token)):
            until(lambda: gateway.sent("camera-7") > 5, within_s=90, why=gateway.log.read_text)
            before = gateway.sent("camera-7")
            for number in range(300):
                with pytest.raises(HTTPError, match="403"):
                    urlopen(hook, urlencode({"name": "camera-8", "token": f"wrong-{number}", "clientid": "1"}).encode(), timeout=10)
            until(lambda: gateway.sent("camera-7") > before + 5, within_s=60, why=gateway.log.read_text)
            assert "process died" not in gateway.log.read_text()
        assert gateway.end() == 0
        with closing(sqlite3.connect(tmp_path / "state" / "gateway.sqlite")) as connection:
            refused = connection.execute("SELECT detail FROM ledger WHERE kind = 'refused'").fetchall()
        assert sum(json.loads(row[0])["count"] for row in refused) == 300


async def test_a_stream_that_is_stopped_is_killed_at_once_and_one_that_is_silent_is_told(tmp_path, monkeypatch):
    """The camera's process is made up: it says nothing and waits."""
    command = (sys.executable, "-I", "-c", "import sys, time; sys.stdin.readline(); time.sleep(60)")
    monkeypatch.setattr("proxy.platform.service.worker_command", lambda: command)
    settings = GatewaySettings.model_validate(
        {
            "folder": tmp_path, "key": tmp_path / "key.pem", "pull": "rtmp://127.0.0.1/ingest",
            "publish": "rtmp://127.0.0.1/live", "http": {"admin": ADMIN},
        }
    )  # fmt: skip
    board = StatusBoard(())
    async with asyncio.TaskGroup() as group:
        streams = Streams(group, settings.camera, lambda _: None, board, lambda *_: None, settings.relay)
        for _ in range(2):
            streams.start("door", verified=False, covered=False)
        streams.start("yard", verified=False, covered=True)
        assert set(board.cameras) == {"door", "yard"}
        board.cameras["yard"].source = LinkStatus("source", Connection.RUNNING)
        board.cameras["yard"].process = Connection.RUNNING
        await asyncio.sleep(0.3)
        assert streams.silent(for_s=0.2) == ["door"]
        streams.cover("yard", covered=False)
        streams.cover("nowhere", covered=True)
        streams.pause("door")
        assert streams.silent(for_s=0.2) == []
        streams.start("door", verified=False, covered=False)
        assert streams.silent(for_s=0.2) == ["door"], "nothing came of it before, either"
        streams.stop("door")
        streams.stop("door")
        assert set(board.cameras) == {"yard"}
        assert [status.name for status in streams.counted()] == ["door", "door", "yard"]
        assert [status.name for status in streams.counted()] == ["yard"]
        streams.stop_all()
    assert not board.cameras
