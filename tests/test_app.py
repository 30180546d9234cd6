"""The composition root: errors, previews, a whole job and a whole service on a sample clip."""

import asyncio
import contextlib
import io
import json
import os
import re
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import av
import numpy as np
import pytest

from proxy.app import _listening, anonymise, blame, keep_history, state_folder, with_doors, with_previews
from proxy.assembly import essential
from proxy.control.doors import Door
from proxy.control.history import Gathering, History
from proxy.control.server import Control
from proxy.errors import ConfigError, SinkUnreachable, SourceUnreachable
from proxy.redactors.solid import LUMA
from proxy.settings.control import ControlSettings
from proxy.settings.service import Settings
from proxy.sinks.hls import Options as HlsOptions
from proxy.telemetry.events import FrameSent, Tally
from proxy.telemetry.logs import Log
from proxy.telemetry.status import StatusBoard
from tests.peers.process import free_port

VEILCAST = str(Path(sys.executable).with_name("veilcast"))
EVERYWHERE = {"host": "0.0.0.0", "token": "t"}  # noqa: S104 - nobody listens there
SAMPLES = Path(__file__).parents[1] / "sample_videos"


def settings(**control):
    cameras = [
        {"name": "door", "source": "rtsp://camera/live", "sinks": ["hls:///srv/door"]},
        {"name": "yard", "source": "rtsp://camera/live", "sinks": ["null:"]},
    ]
    return Settings.model_validate({"cameras": cameras, "control": control})


def test_the_first_error_of_ours_is_blamed_and_a_foreign_one_hides_none():
    cut, gone = SourceUnreachable("cut"), SinkUnreachable("gone")
    assert blame(cut) is cut
    assert blame(ExceptionGroup("", [ExceptionGroup("", [cut]), gone])) is cut
    assert blame(ExceptionGroup("", [cut, ValueError()])) is None
    assert blame(ValueError()) is None


def test_a_camera_without_hls_gets_a_preview_and_one_with_hls_shows_its_own(tmp_path):
    cameras, folders = with_previews(settings(), tmp_path)
    assert folders == {"door": Path("/srv/door"), "yard": tmp_path / "yard"}
    assert [isinstance(camera.sinks[-1], HlsOptions) for camera in cameras] == [True, True]
    assert len(cameras[0].sinks) == 1


def test_nothing_is_shown_where_nothing_may_be(tmp_path):
    _, folders = with_previews(settings(preview=False, hls=False), tmp_path)
    assert folders == {}
    cameras, folders = with_previews(settings(enabled=False), tmp_path)
    assert folders == {}
    assert [len(camera.sinks) for camera in cameras] == [1, 1]


def test_a_camera_runs_on_for_its_page_alone_only_where_it_has_nothing_else(tmp_path):
    """The page's own HLS and WebRTC, behind what the settings name."""

    def worth(*sinks):
        chosen = Settings.model_validate({"cameras": [{"source": "rtsp://camera/live", "sinks": list(sinks)}]})
        cameras, _ = with_previews(chosen, tmp_path)
        cameras, _ = with_doors(cameras, chosen.control, tmp_path)
        return [essential(sink) for sink in cameras[0].sinks]

    assert worth("null:") == [True, False, False]
    assert worth() == [True, False]
    assert worth("hls:///srv/door") == [True, False]
    assert worth("whep:") == [True, False]


def test_a_camera_that_is_shown_is_met_over_webrtc_where_the_page_is_served(tmp_path):
    for control, addresses in (({}, ("127.0.0.1",)), ({"host": "192.168.1.5", "token": "t"}, ("192.168.1.5",)), (EVERYWHERE, ())):
        chosen = settings(**control)
        cameras, doors = with_doors(chosen.cameras, chosen.control, tmp_path)
        assert doors == {("whep", "door"): Door(tmp_path / "0.whep"), ("whep", "yard"): Door(tmp_path / "1.whep")}
        assert [camera.sinks[-1].door for camera in cameras] == [tmp_path / "0.whep", tmp_path / "1.whep"]
        assert cameras[0].sinks[-1].addresses == addresses


def test_an_address_for_viewers_of_ones_own_is_kept_and_hevc_gets_none(tmp_path):
    own = {"type": "whep", "viewers": 3, "token": "t", "addresses": ["192.0.2.1"]}
    chosen = Settings.model_validate(
        {
            "cameras": [
                {"name": "own", "source": "rtsp://camera/live", "sinks": [own]},
                {"name": "hevc", "source": "rtsp://camera/live", "encoding": {"codec": "hevc"}},
            ],
        }
    )
    cameras, doors = with_doors(chosen.cameras, chosen.control, tmp_path)
    assert doors == {("whep", "own"): Door(tmp_path / "0.whep", "t")}
    assert (len(cameras[0].sinks), cameras[0].sinks[0].viewers, cameras[0].sinks[0].addresses) == (1, 3, ("192.0.2.1",))
    assert cameras[1].sinks == ()
    _, none = with_doors(chosen.cameras, chosen.control.model_copy(update={"enabled": False}), tmp_path)
    assert none == {}


def test_pictures_for_old_dashboards_get_a_door(tmp_path):
    sinks = [{"type": "mjpeg", "token": "viewers"}]
    chosen = Settings.model_validate({"cameras": [{"name": "gate", "source": "rtsp://camera/live", "sinks": sinks}]})
    cameras, doors = with_doors(chosen.cameras, chosen.control, tmp_path)
    assert doors["mjpeg", "gate"] == Door(tmp_path / "0.mjpeg", "viewers")
    assert cameras[0].sinks[0].door == tmp_path / "0.mjpeg"


def test_publishers_get_a_door_with_their_own_token(tmp_path):
    source = {"type": "whip", "token": "publishers"}
    chosen = Settings.model_validate({"cameras": [{"name": "gate", "source": source, "sinks": ["null:"]}]})
    cameras, doors = with_doors(chosen.cameras, chosen.control, tmp_path)
    assert doors["whip", "gate"] == Door(tmp_path / "0.whip", "publishers")
    assert (cameras[0].source.door, cameras[0].source.addresses) == (tmp_path / "0.whip", ("127.0.0.1",))


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


def certificate(folder: Path) -> tuple[Path, Path]:
    cert, key = folder / "cert.pem", folder / "key.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-subj",
        "/CN=localhost",
    ]
    command += ["-addext", "subjectAltName=DNS:localhost", "-days", "2", "-keyout", str(key), "-out", str(cert)]
    subprocess.run(command, check=True, capture_output=True)
    return cert, key


async def test_with_a_certificate_it_speaks_tls_and_nothing_else(tmp_path):
    cert, key = certificate(tmp_path)
    control = ControlSettings.model_validate({"port": 0, "token": "x" * 20, "tls_cert": cert, "tls_key": key})
    said = io.StringIO()
    shown = Control(StatusBoard(("door",)), {}, lambda: b"", "x" * 20)
    async with _listening(control, shown, Log(stream=said)):
        port = int(re.search(r"https://127.0.0.1:(\d+)/", said.getvalue())[1])
        trusting = ssl.create_default_context(cafile=cert)
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trusting, server_hostname="localhost")
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"200" in await asyncio.wait_for(reader.readline(), 5)
        writer.close()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            assert b"HTTP" not in await asyncio.wait_for(reader.read(100), 5)
        writer.close()


async def test_a_certificate_that_is_none_is_a_clear_error(tmp_path):
    (tmp_path / "cert.pem").write_text("no certificate")
    for cert in (tmp_path / "cert.pem", tmp_path / "missing.pem"):
        control = ControlSettings.model_validate({"port": 0, "tls_cert": cert, "tls_key": cert})
        with pytest.raises(ConfigError, match="tls_cert and tls_key cannot be used"):
            async with _listening(control, Control(StatusBoard(()), {}, lambda: b""), Log(stream=io.StringIO())):
                raise AssertionError("it must not listen")


@pytest.mark.peer
@pytest.mark.timeout(60)
def test_a_port_in_use_is_a_clear_error(tmp_path):
    async def occupied() -> tuple[int, str]:
        server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        command = [VEILCAST, "run", "--http", f"127.0.0.1:{port}", "--source", str(tmp_path / "x.mp4")]
        process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
        _, log = await process.communicate()
        server.close()
        return process.returncode or 0, log.decode()

    code, log = asyncio.run(occupied())
    assert code == 2
    assert "cannot listen" in log
    assert "Traceback" not in log


async def test_history_is_written_when_a_minute_is_over_or_the_service_ends(tmp_path):
    said = io.StringIO()
    history, gathering = History(tmp_path / "history.sqlite"), Gathering()
    keeping = asyncio.ensure_future(keep_history(history, gathering, ("door",), Log(stream=said)))  # noqa: TID251 - cancelled below
    await asyncio.sleep(0)
    gathering.observe(Tally("door", 0.5, 12, 0, {}, {}, 3, {}, (0.0, 0.0)))
    keeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await keeping
    again = History(tmp_path / "history.sqlite")
    (point,) = again.of("door", "day", now_s=int(time.time()))["points"]
    again.close()
    assert (point["sent"], point["people"]) == (12, 3)


def test_the_state_folder_is_the_one_that_is_named_or_systemds_or_beside_the_settings(tmp_path, monkeypatch):
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    named, plain = settings().model_copy(update={"state": Path("/srv/state")}), settings()
    assert state_folder(named, tmp_path / "v.toml") == Path("/srv/state")
    assert state_folder(plain, tmp_path / "v.toml") == tmp_path / "v.state"
    assert state_folder(plain, None) is None
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/veilcast")
    assert state_folder(plain, tmp_path / "v.toml") == Path("/var/lib/veilcast")
