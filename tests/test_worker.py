"""A camera's own process: fed by a pipe, heard by a pipe, gone with its parent."""

import os
import re
import subprocess
import sys
from pathlib import Path

import av
import pytest

from proxy.pipeline.supervisor import ENDURE, worker_command
from proxy.settings.camera import dump_camera
from proxy.settings.service import Settings
from proxy.telemetry.events import SourceChanged, Tally
from proxy.telemetry.wire import Failed, from_line
from proxy.worker import Orders
from tests.pipeline.walks import Walk

SAMPLES = Path(__file__).parents[1] / "sample_videos"


def started(source: str, *words: str, **more: object) -> subprocess.Popen[bytes]:
    camera = {"name": "door", "source": source, "sinks": ["null:"], "privacy": {"accuracy": "light"}} | more
    line = dump_camera(Settings.model_validate({"cameras": [camera]}).cameras[0])
    process = subprocess.Popen([*worker_command(), *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(line.encode() + b"\n")
    process.stdin.flush()
    return process


@pytest.mark.peer
@pytest.mark.timeout(60)
def test_it_tells_of_itself_and_leaves_when_its_parent_is_gone():
    process = started(f"file://{SAMPLES / 'cafe.mp4'}?loop=true&realtime=true")
    assert process.stdin is not None
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(from_line(line))
        if isinstance(seen[-1], Tally) and seen[-1].sent:
            limits = Path(f"/proc/{process.pid}/limits").read_text()
            assert re.search(r"Max core file size +0 +0", limits), "no core dump may hold a picture"
            process.stdin.close()
            break
    assert process.wait(20) == 0
    assert any(isinstance(message, SourceChanged) for message in seen)
    process.stdout.close()


@pytest.mark.peer
@pytest.mark.timeout(60)
def test_it_says_why_it_ends_and_exits_with_the_errors_code():
    process = started("rtsp://127.0.0.1:1/live")
    assert process.stdout is not None
    messages = [from_line(line) for line in process.stdout.read().splitlines()]
    failed = [message for message in messages if isinstance(message, Failed)]
    assert process.wait(20) == 10
    assert [(message.exit_code, message.retryable) for message in failed] == [(10, True)]
    assert process.stdin is not None
    process.stdin.close()
    process.stdout.close()


@pytest.mark.peer
@pytest.mark.timeout(60)
def test_one_that_endures_sends_slates_of_a_camera_that_is_away_at_first(tmp_path):
    sinks = [str(tmp_path / "away.mkv")]
    process = started("rtsp://127.0.0.1:1/live", ENDURE, sinks=sinks, signs={"starting_size": "320x180"})
    assert process.stdin is not None
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(from_line(line))
        if isinstance(seen[-1], Tally) and seen[-1].sent and sum(isinstance(message, SourceChanged) for message in seen) > 2:
            process.stdin.close()
            break
    assert process.wait(20) == 0
    assert [message.code for message in seen if isinstance(message, SourceChanged) and message.detail][:1] == [10]
    with av.open(tmp_path / "away.mkv") as video:
        picture = next(video.decode(video=0))
    assert (picture.width, picture.height) == (320, 180)
    process.stdout.close()


@pytest.mark.peer
@pytest.mark.timeout(60)
@pytest.mark.parametrize("words", [(), (ENDURE,)])
def test_an_error_that_no_retry_can_mend_ends_it_at_first_whether_it_endures_or_not(tmp_path, words):
    (tmp_path / "broken.mp4").write_bytes(b"no video" * 999)
    source = f"file://{tmp_path / 'broken.mp4'}?realtime=true"
    process = started(source, *words, signs={"starting_size": "320x180"})
    assert process.stdout is not None
    failed = [message for message in map(from_line, process.stdout.read().splitlines()) if isinstance(message, Failed)]
    assert [message.retryable for message in failed] == [False]
    assert process.wait(20) == failed[0].exit_code
    assert process.stdin is not None
    process.stdin.close()
    process.stdout.close()


def test_what_a_library_prints_never_mixes_with_what_is_told():
    """Standard output is the parent's pipe: whatever else is written there goes to standard error."""
    script = "from proxy.child import Parent; from proxy.telemetry.wire import Failed\n"
    script += "parent = Parent(); print('noise', flush=True); parent.tell(Failed('made up', '', 1, False))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, env=os.environ)
    assert [from_line(line) for line in done.stdout.splitlines()] == [Failed("made up", "", 1, False)]
    assert b"noise" in done.stderr


def test_orders_hold_for_a_camera_that_is_there_and_for_one_that_is_built_later():
    orders, walk = Orders(), Walk([], [])
    orders.heed(b"cover\n")
    camera = walk.camera()
    orders.obeyed_by(camera)
    assert camera.anonymise.covered_by_operator
    orders.heed(b"uncover\n")
    assert not camera.anonymise.covered_by_operator
    for line in (b"cover", b"COVER\n", b"\n", b"cover me\n"):
        orders.heed(line)
    assert not camera.anonymise.covered_by_operator
    camera.anonymise.close()
    camera.encode.close()
