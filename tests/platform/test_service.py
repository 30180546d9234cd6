"""The gateway as a platform runs it: real publishers, a real ingest in front, and what viewers would have seen behind it."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import socket
import sqlite3
import ssl
import subprocess
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

import pytest

from tests.peers.certificates import self_signed
from tests.platform.running import STREET, VEILCAST, faces_in, platform, publishing, status_of, until, verify


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


@pytest.mark.peer
@pytest.mark.timeout(120)
def test_tokens_stand_in_no_log_of_the_gateway_and_of_nginx(tmp_path):
    block = (Path(__file__).parents[2] / "docs" / "gateway.md").read_text().partition("```nginx")[2].partition("```")[0]
    for line in ("error_log /var/log/nginx/error.log notice;", "rtmp { access_log off;"):
        assert line in block, "what is documented is what is tested here"
    written = Path("/var/log/nginx")
    with platform(tmp_path) as (gateway, ingest):
        token = gateway.register("acme", "door")
        refused = token[:-4] + "0000"
        with publishing(ingest.url("door", refused)) as stranger:
            assert stranger.wait(20) != 0
        with publishing(ingest.url("door", token)):
            until(gateway.streams, within_s=20, why=gateway.log.read_text)
        until(lambda: not gateway.streams(), within_s=20, why=gateway.log.read_text)
        place = urlsplit(gateway.url)
        for more in (b"\xff", b"\x01"):
            with socket.create_connection((place.hostname, place.port), 5) as call:
                call.sendall(b"GET /why/door HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token.encode() + more + b"\r\n\r\n")
                assert call.recv(100).split()[1] in (b"400", b"401")
        gateway.end()
        logs = [path for path in (*tmp_path.glob("*.log"), *written.glob("*")) if path.suffix == ".log"]
        assert {"gateway.log", "nginx.log"} <= {path.name for path in logs}
        assert "gateway" in gateway.log.read_text()
        assert [path.name for path in logs if token[:12].encode() in path.read_bytes()] == []


@pytest.mark.peer
@pytest.mark.timeout(800)
async def test_a_proven_stream_is_sent_on_as_it_is_and_a_raw_one_in_its_place_is_anonymised(tmp_path):
    box, trust = tmp_path / "box.pem", tmp_path / "box.jwk"
    with trust.open("w") as public:
        subprocess.run([VEILCAST, "keys", "init", str(box)], stdout=public, stderr=subprocess.DEVNULL, check=True, timeout=60)  # noqa: ASYNC221
    more = f'[proof]\ntrust = "{trust}"\npatience_s = 45\nmax_age_s = 300\n'
    with platform(tmp_path, more) as (gateway, ingest):
        token = gateway.register("acme", "door", admission="verify")
        command = [VEILCAST, "run", "--source", f"{STREET}?loop=true&realtime=true", "--sink", "env:SINK", "--name", "door"]
        command += ["--accuracy", "light", "--sign-with", str(box), "--no-http"]
        command[3] = f"file://{command[3]}"
        with (tmp_path / "box.log").open("w") as log:
            publisher = subprocess.Popen(command, stderr=log, env=os.environ | {"SINK": ingest.url("door", token)})  # noqa: ASYNC220
        try:
            until(lambda: gateway.shown("door") > 60, within_s=300, why=gateway.log.read_text)
        finally:
            publisher.terminate()
            publisher.wait(30)
        until(lambda: not gateway.streams(), within_s=20, why=gateway.log.read_text)
        before = ingest.recordings("door")
        recording = max(before, key=lambda path: path.stat().st_size)
        said = verify(recording, trust)
        assert "proven by" in said.stdout, said.stdout + said.stderr
        assert "camera door" in said.stdout
        shown = [path for path in before if path.stat().st_size > 1000]
        assert [await faces_in(path) for path in shown] == [0] * len(shown)
        with publishing(ingest.url("door", token)):
            until(
                lambda: gateway.streams() and gateway.streams()[0]["admission"] == "anonymise",
                within_s=120,
                why=gateway.log.read_text,
            )
            until(lambda: gateway.sent("door") > 150, within_s=120, why=gateway.log.read_text)
        later = [path for path in ingest.recordings("door") if path not in before and path.stat().st_size > 1000]
        assert later, "and before it a file without a single picture, where the relay let nothing pass"
        assert [await faces_in(path) for path in later] == [0] * len(later)
        assert gateway.end() == 0
        with closing(sqlite3.connect(tmp_path / "state" / "gateway.sqlite")) as connection:
            lost = connection.execute("SELECT detail FROM ledger WHERE kind = 'proof-lost'").fetchall()
        assert len(lost) == 1


@pytest.mark.peer
@pytest.mark.timeout(200)
def test_with_a_certificate_it_speaks_tls_and_its_hooks_are_heard_by_the_ingest_alone(tmp_path):
    certificate = self_signed(tmp_path)
    with platform(tmp_path, certificate=certificate) as (gateway, ingest):
        token = gateway.register("acme", "door")
        with publishing(ingest.url("door", token)):
            until(lambda: gateway.sent("door") > 20, within_s=90, why=gateway.log.read_text)
        trusting = ssl.create_default_context(cafile=certificate)
        publish = Request(f"{gateway.url}/hooks/rtmp/publish", b"", method="POST")
        assert status_of(publish, context=trusting)[0] == 404
        hooks = f"http://127.0.0.1:{ingest.hooks}"
        for apart in ("/", "/api/cameras", "/whip/door", "/healthz"):
            assert status_of(f"{hooks}{apart}")[0] in (401, 404)
        with pytest.raises(OSError, match=r"reset|closed|disconnected|timed out|BadStatusLine"):
            urlopen(gateway.url.replace("https", "http"), timeout=5)
        assert gateway.end() == 0


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
        hook = f"{gateway.url}/hooks/rtmp/publish"
        with publishing(ingest.url("camera-7", token)):
            until(lambda: gateway.sent("camera-7") > 5, within_s=90, why=gateway.log.read_text)
            before = gateway.sent("camera-7")
            for number in range(300):
                asked = urlencode({"name": "camera-8", "token": f"wrong-{number}", "clientid": "1"}).encode()
                assert status_of(Request(hook, asked))[0] == 403
            until(lambda: gateway.sent("camera-7") > before + 5, within_s=60, why=gateway.log.read_text)
            assert "process died" not in gateway.log.read_text()
        assert gateway.end() == 0
        with closing(sqlite3.connect(tmp_path / "state" / "gateway.sqlite")) as connection:
            refused = connection.execute("SELECT detail FROM ledger WHERE kind = 'refused'").fetchall()
        assert sum(json.loads(row[0])["count"] for row in refused) == 300


@pytest.mark.peer
@pytest.mark.timeout(60)
async def test_who_goes_on_sending_a_body_that_was_refused_is_cut_off(tmp_path):
    """At a kilobyte a moment, so that no buffer decides when: five seconds of it are half of what aiohttp takes by itself."""
    head = b"PUT /api/switches/all/all HTTP/1.1\r\nHost: gateway\r\nContent-Length: 200000000\r\n\r\n"
    with platform(tmp_path) as (gateway, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(gateway.url).port)
        with closing(writer):
            writer.write(head)
            assert b"401" in await asyncio.wait_for(reader.readline(), 5)
            with pytest.raises(ConnectionError):
                for _ in range(500):
                    writer.write(b" " * 1024)
                    await writer.drain()
                    await asyncio.sleep(0.01)
