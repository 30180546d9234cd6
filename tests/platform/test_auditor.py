"""Somebody who signs raw pictures is caught, covered and trusted no more; somebody who hides people is left alone."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from proxy.detectors.suite import RECIPES
from proxy.platform.auditor import MODEL, Order
from proxy.telemetry.events import AuditLooked, FaceFound
from proxy.telemetry.wire import from_line
from tests.peers.ingest import Ingest
from tests.peers.lying_box import lying_box
from tests.platform.running import CAFE, STREET, VEILCAST, box_key, faces_in, platform, rows, until

CAUGHT_S = 20.0
"""On a busy machine; 0.7 s were seen."""
SEEN_S = 20.0
"""An auditor has begun to look by then."""


def test_no_accuracy_masks_with_the_auditors_model():
    assert not any(MODEL in recipe.models for recipe in RECIPES.values())


@pytest.mark.peer
@pytest.mark.timeout(300)
async def test_a_box_that_signs_raw_faces_is_caught_covered_and_trusted_no_more(tmp_path):
    key, trust = box_key(tmp_path)
    with platform(tmp_path, f'[proof]\ntrust = "{trust}"\n[signs]\nstarting_size = "960x540"\n') as (gateway, ingest):
        token = gateway.register("acme", "door", admission="verify")
        with lying_box(CAFE, ingest.url("door", token), key=key, camera="door", sent=tmp_path / "sent.h264"):
            until(lambda: gateway.sent("door") > 0, within_s=60, why=gateway.log.read_text)
            until(gateway.switches, within_s=CAUGHT_S, why=gateway.log.read_text)
            assert gateway.switches() == [{"scope": "camera", "target": "door", "action": "cover"}]
            assert gateway.streams()[0]["admission"] == "anonymise"
            until(lambda: gateway.sent("door") > 30, within_s=60, why=gateway.log.read_text)
        until(lambda: not gateway.streams(), within_s=20, why=gateway.log.read_text)
        recordings = [path for path in ingest.recordings("door") if path.stat().st_size > 2000]
        assert await faces_in(recordings[0]) > 0, "it did lie"
        assert [await faces_in(path) for path in recordings[1:]] == [0] * len(recordings[1:])
        assert len(recordings) > 1, "a slate, and covered pictures"
        assert len(rows(tmp_path, "finding")) == len(rows(tmp_path, "proof-lost")) == 1
        assert gateway.call("GET", "/api/distrusted")["distrusted"][0]["camera"] == "door"
        gateway.call("DELETE", "/api/distrusted/door")
        assert gateway.end() == 0
        assert gateway.ledger().returncode == 0


@pytest.mark.peer
@pytest.mark.timeout(500)
@pytest.mark.parametrize("clip", ["cafe", "street"])
def test_a_box_that_hides_people_is_looked_at_and_left_alone(tmp_path, clip):
    key, trust = box_key(tmp_path)
    patient = f'[proof]\ntrust = "{trust}"\npatience_s = 240\nmax_age_s = 300\n[audit]\ncpu_share = 1.0\nblind_s = 240\n'
    with platform(tmp_path, patient) as (gateway, ingest):
        token = gateway.register("acme", "door", admission="verify")
        source = f"file://{STREET.with_name(clip)}.mp4?loop=true&realtime=true"
        command = [VEILCAST, "run", "--source", source, "--sink", "env:SINK", "--name", "door", "--accuracy", "light", "--no-http"]
        command += ["--sign-with", str(key)]
        with (tmp_path / "box.log").open("w") as log:
            box = subprocess.Popen(command, stderr=log, env=os.environ | {"SINK": ingest.url("door", token)})
        try:
            until(lambda: gateway.shown("door") > 60, within_s=300, why=gateway.log.read_text)
            time.sleep(SEEN_S)
            assert gateway.streams()[0]["admission"] == "verify"
        finally:
            box.terminate()
            box.wait(30)
        assert gateway.end() == 0
        looked = rows(tmp_path, "audited")
        assert looked, "somebody looked"
        assert rows(tmp_path, "finding") == rows(tmp_path, "proof-lost") == []


@pytest.mark.peer
@pytest.mark.timeout(120)
async def test_the_process_plays_what_viewers_play_and_keeps_to_its_share(tmp_path):
    """Raw faces where only anonymised pictures should be: it finds them, within a tenth of one processor."""
    with Ingest(tmp_path, hooks=9) as ingest:
        command = ["ffmpeg", "-v", "error", "-re", "-stream_loop", "-1", "-i", str(CAFE), "-c", "copy", "-an", "-f", "flv"]
        publisher = subprocess.Popen([*command, ingest.live("door")], stdin=subprocess.DEVNULL)  # noqa: ASYNC220
        order = Order(name="door", play=ingest.publish, every_ms=50, cpu_share=0.1, long_side=640)
        auditor = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "proxy.platform.auditor", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        try:
            assert auditor.stdin is not None
            assert auditor.stdout is not None
            auditor.stdin.write(order.model_dump_json().encode() + b"\n")
            looks, found = 0, []
            used, at = 0.0, 0.0
            while time.monotonic() - at < 20 or not at:
                message = from_line(await auditor.stdout.readline())
                if isinstance(message, AuditLooked):
                    looks += message.looks
                    if looks and not at:
                        used, at = cpu_s(auditor.pid), time.monotonic()
                if isinstance(message, FaceFound):
                    found.append(message)
            assert found
            assert found[0].sightings >= 4
            spent = (cpu_s(auditor.pid) - used) / (time.monotonic() - at)
            assert spent < 0.1 + 0.1 + 0.1, "its share, what it had saved up at the beginning, and reading"
        finally:
            publisher.kill()
            publisher.wait()
            auditor.kill()
            await auditor.wait()


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
