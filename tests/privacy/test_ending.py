"""A service that is told to stop, and one that is killed: what it wrote plays, and nothing of it stays anywhere else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import pytest

from tests.peers.process import free_port
from tests.privacy.test_traces import family
from tests.test_app import fetched, sent_frames

VEILCAST = str(Path(sys.executable).with_name("veilcast"))
CLIP = Path(__file__).parents[2] / "sample_videos" / "cafe.mp4"

pytestmark = [pytest.mark.peer, pytest.mark.timeout(150)]


def command(folder: Path, port: int) -> list[str]:
    sinks = [f"{folder}/out.mkv", f"{folder}/out.mp4", f"hls://{folder}/hls"]
    given = [VEILCAST, "run", "--source", f"file://{CLIP}?loop=true&realtime=true", "--accuracy", "light"]
    return [*given, "--http", f"127.0.0.1:{port}", *(part for sink in sinks for part in ("--sink", sink))]


def started(folder: Path, port: int) -> subprocess.Popen[str]:
    """A service that has sent sixty pictures."""
    environment = os.environ | {"TMPDIR": str(folder / "tmp")}
    (folder / "tmp").mkdir(exist_ok=True)
    process = subprocess.Popen(command(folder, port), env=environment, stderr=subprocess.PIPE, text=True)
    fetched(f"http://127.0.0.1:{port}/healthz", within_s=40)
    deadline = time.monotonic() + 60
    while sent_frames(port) < 60:
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.2)
    return process


def length(path: Path) -> tuple[int, float]:
    """Pictures that play, and what the container says of its length in seconds, 0 where it says nothing."""
    with av.open(str(path)) as recording:
        says = (recording.duration or 0) / av.time_base
        return len(list(recording.decode(video=0))), says


def test_told_to_stop_it_is_done_in_five_seconds_with_every_file_closed(tmp_path: Path) -> None:
    with started(tmp_path, free_port()) as service:
        began = time.monotonic()
        service.send_signal(signal.SIGTERM)
        _, log = service.communicate(timeout=20)
        took_s = time.monotonic() - began
    assert service.returncode == 0, log
    assert took_s < 5.0 + 2.0, "five seconds are its own limits' sum; the rest is for a busy machine"
    for name in ("out.mkv", "out.mp4"):
        pictures, says_s = length(tmp_path / name)
        assert pictures > 50
        assert says_s > 2.0, "an ordinary file that knows its length"
    assert (tmp_path / "hls" / "index.m3u8").read_text().rstrip().endswith("#EXT-X-ENDLIST")
    assert list((tmp_path / "tmp").iterdir()) == []


def test_killed_with_everything_it_leaves_files_that_play_and_the_next_start_cleans_up(tmp_path: Path) -> None:
    with started(tmp_path, free_port()) as service:
        everybody = [service.pid, *family(service.pid)]
        assert len(everybody) > 1
        for pid in everybody:
            os.kill(pid, signal.SIGKILL)
    for name in ("out.mkv", "out.mp4"):
        assert length(tmp_path / name)[0] > 20
    segments = sorted((tmp_path / "hls").glob("segment-*"))
    header = next((tmp_path / "hls").glob("init-*"))
    whole = tmp_path / "whole.mp4"
    whole.write_bytes(header.read_bytes() + segments[-1].read_bytes())
    assert length(whole)[0] > 5
    left = list((tmp_path / "tmp").iterdir())
    assert len(left) == 1
    with started(tmp_path, free_port()) as service:
        assert not left[0].exists()
        service.send_signal(signal.SIGTERM)
        service.communicate(timeout=20)
    assert list((tmp_path / "tmp").iterdir()) == []
    assert length(tmp_path / "out-2.mkv")[0] > 50


def test_a_killed_parent_leaves_no_process_and_no_picture(tmp_path: Path) -> None:
    """The camera's process notices, closes what it writes and removes what only the page showed."""
    with started(tmp_path, free_port()) as service:
        children = family(service.pid)
        service.kill()
    deadline = time.monotonic() + 20
    while any(Path(f"/proc/{pid}").exists() and "Z" not in state(pid) for pid in children):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    pictures = [path for path in (tmp_path / "tmp").rglob("*") if path.is_file() and path.stat().st_size]
    assert pictures == []
    assert length(tmp_path / "out.mp4")[1] > 2.0


def state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"
