"""The composition root: errors, a whole job and a whole service on a sample clip."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import av
import numpy as np
import pytest

from proxy.app import TALLY_EVERY_S, anonymise, blame
from proxy.control.limits import LINGER_S
from proxy.errors import SinkUnreachable, SourceUnreachable
from proxy.listening import SHUTDOWN_S
from proxy.pipeline.camera import DRAIN_WITHIN_S, STOP_WITHIN_S
from proxy.pipeline.supervisor import LAST_WORDS_S, STOP_S
from proxy.redactors.solid import LUMA
from proxy.settings.service import Settings
from proxy.telemetry.events import FrameSent
from tests.peers.process import free_port

VEILCAST = str(Path(sys.executable).with_name("veilcast"))
SAMPLES = Path(__file__).parents[1] / "sample_videos"


def test_the_first_error_of_ours_is_blamed_and_a_foreign_one_hides_none():
    cut, gone = SourceUnreachable("cut"), SinkUnreachable("gone")
    assert blame(cut) is cut
    assert blame(ExceptionGroup("", [ExceptionGroup("", [cut]), gone])) is cut
    assert blame(ExceptionGroup("", [cut, ValueError()])) is None
    assert blame(ValueError()) is None


def test_what_each_part_of_stopping_may_take_adds_up_to_less_than_five_seconds():
    """A process closes its files within its own bounds, before it would be killed; the service then has little left to do."""
    assert DRAIN_WITHIN_S + STOP_WITHIN_S + TALLY_EVERY_S < STOP_S
    assert STOP_S + LAST_WORDS_S + SHUTDOWN_S + LINGER_S < 5


@pytest.mark.peer
@pytest.mark.timeout(120)
def test_a_clip_comes_out_with_its_frames_its_times_and_people_hidden(tmp_path):
    out, events = tmp_path / "out.mp4", []
    camera = Settings.model_validate(
        {
            "cameras": [
                {
                    "source": str(SAMPLES / "cuts.mp4"),
                    "sinks": [{"url": str(out), "atomic": True}],
                    "privacy": {"accuracy": "light"},
                }
            ]
        }
    ).cameras[0]
    anonymise(camera, observer=events.append)
    sent = [event for event in events if isinstance(event, FrameSent)]
    with av.open(str(SAMPLES / "cuts.mp4")) as before, av.open(str(out)) as after:
        times = [float(frame.time) for frame in before.decode(video=0)]
        assert [float(frame.time) for frame in after.decode(video=0)] == pytest.approx(times, abs=1e-3)
        assert len(sent) == len(times)
    assert not any(event.cover for event in sent)
    assert any(len(event.regions) for event in sent)


@pytest.mark.peer
@pytest.mark.timeout(120)
def test_the_journal_names_exactly_the_pixels_that_were_painted(tmp_path):
    """Inside its boxes there is nothing but the fill; outside them, away from the codec's edges, there is the input."""
    clip, out, masks = SAMPLES / "cuts.mp4", tmp_path / "out.mp4", tmp_path / "masks.jsonl"
    command = [VEILCAST, "anonymise", str(clip), str(out), "--masks", str(masks), "--method", "solid", "--accuracy", "light"]
    subprocess.run(command, check=True, capture_output=True, timeout=100)
    rows = [json.loads(line) for line in masks.read_text().splitlines()]
    with av.open(str(clip)) as before, av.open(str(out)) as after:
        pairs = list(zip(before.decode(video=0), after.decode(video=0), rows, strict=True))
    painted = 0
    for clear, hidden, row in pairs:
        assert row["pts_ms"] == pytest.approx(float(hidden.time) * 1000, abs=1)
        was, now = luma(clear), luma(hidden)
        inside, near = np.zeros(now.shape, bool), np.zeros(now.shape, bool)
        for x1, y1, x2, y2 in (region["xyxy"] for region in row["regions"]):
            inside[y1 + 4 : y2 - 4, x1 + 4 : x2 - 4] = True
            near[max(y1 - 8, 0) : y2 + 8, max(x1 - 8, 0) : x2 + 8] = True
        assert np.abs(now[inside] - LUMA).max(initial=0) < 24
        assert np.abs(now[~near] - was[~near]).mean() < 3
        painted += len(row["regions"])
    assert painted > 50


def luma(frame: av.VideoFrame) -> np.ndarray:
    plane = frame.planes[0]
    return np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: frame.height, : frame.width].astype(np.int16)


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.peer
@pytest.mark.timeout(180)
def test_a_service_shows_its_picture_survives_a_killed_camera_process_and_leaves_nothing_behind(tmp_path):
    """Everything as a user runs it: the command, a looping clip, HTTP, SIGKILL to the camera's process, SIGTERM."""
    port = free_port()
    command = [VEILCAST, "run", "--accuracy", "light", "--http", f"127.0.0.1:{port}"]
    command += ["--source", f"file://{SAMPLES / 'street.mp4'}?loop=true&realtime=true"]
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as service:
        try:
            assert b"#EXTM3U" in fetched(f"http://127.0.0.1:{port}/live/camera/index.m3u8", within_s=40)
            (camera,) = children_of(service.pid)
            os.kill(camera, signal.SIGKILL)
            frames = sent_frames(port)
            deadline = time.monotonic() + 30
            while sent_frames(port) <= frames + 5:
                assert time.monotonic() < deadline, "the camera did not come back"
                time.sleep(0.2)
            (again,) = children_of(service.pid)
            assert again != camera
        finally:
            service.send_signal(signal.SIGTERM)
            _, log = service.communicate(timeout=20)
    assert service.returncode == 0, log
    assert re.search(r"process waiting.*SIGKILL", log), log
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ProcessLookupError):
        os.kill(again, 0)


def sent_frames(port: int) -> int:
    return int(json.loads(fetched(f"http://127.0.0.1:{port}/api/cameras"))["cameras"][0]["frames_sent"])


def fetched(url: str, *, within_s: float = 5.0) -> bytes:
    deadline = time.monotonic() + within_s
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return bytes(answer.read())
        except (urllib.error.URLError, OSError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


@pytest.mark.peer
@pytest.mark.timeout(60)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_job_leaves_nothing_half_written_and_says_nothing_alarming(tmp_path, number):
    command = [VEILCAST, "anonymise", str(SAMPLES / "street.mp4"), str(tmp_path / "out.mp4"), "--accuracy", "light"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as job:
        assert job.stderr is not None
        first = job.stderr.readline()
        assert "frames/s" in first
        job.send_signal(number)
        _, rest = job.communicate(timeout=20)
    assert job.returncode == 130
    assert "Traceback" not in rest
    assert "Task was destroyed" not in rest
    assert list(tmp_path.iterdir()) == []
