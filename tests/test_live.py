"""A real camera with a password, the command as a user types it, a real platform: what arrives there, and what survives."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import numpy as np
import pytest

from proxy.detectors.openvino_runtime import Device
from proxy.detectors.suite import Accuracy, build
from proxy.masking.passes import Pass
from proxy.media.raw import RawFrame
from proxy.sources import file as file_source
from tests.peers.camera import Camera
from tests.peers.platform import Platform

VEILCAST = str(Path(sys.executable).with_name("veilcast"))
STREET = Path(__file__).parents[1] / "sample_videos" / "street.mp4"
SURE = 0.6
"""A face that scores as much is one that anybody would call a face."""

pytestmark = [pytest.mark.peer, pytest.mark.timeout(240)]


@contextmanager
def running(folder: Path, camera: str, *sinks: str) -> Iterator[Callable[[], str]]:
    """``veilcast run`` with its secrets in the environment; gives a function that reads its log so far."""
    log = folder / "veilcast.log"
    environment = os.environ | {"CAMERA": camera, "TMPDIR": str(folder)} | {f"SINK{n}": sink for n, sink in enumerate(sinks)}
    command = [VEILCAST, "run", "--source", "env:CAMERA", "--accuracy", "light", "--no-http"]
    command += [part for number in range(len(sinks)) for part in ("--sink", f"env:SINK{number}")]
    with log.open("w") as errors, subprocess.Popen(command, stderr=errors, env=environment) as process:
        try:
            yield log.read_text
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


def until(condition: Callable[[], object], *, within_s: float, why: Callable[[], str] = lambda: "") -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, why()
        time.sleep(0.2)


def grown(paths: Callable[[], list[Path]], to: int) -> Callable[[], bool]:
    return lambda: bool(paths()) and paths()[-1].stat().st_size > to


async def pictures(path: Path) -> list[RawFrame]:
    source = file_source.FileSource(file_source.Options(path=path), sound=False)
    return [item async for item in source.frames() if isinstance(item, RawFrame)]


async def faces_in(path: Path, *, every: int) -> list[int]:
    """How many sure faces a detector finds in every so manieth picture of a file."""
    suite = build(Accuracy.MAX, device=Device.CPU)
    detector = suite.detectors[Pass.FACES]
    try:
        return [int((detector.detect(raw.planes).score > SURE).sum()) for raw in (await pictures(path))[::every]]
    finally:
        suite.close()


async def test_what_arrives_at_the_platform_shows_nobody_and_says_nothing(tmp_path):
    """Faces that a detector finds in the camera's picture are not found in what the platform recorded; sound is silent."""
    clear = await faces_in(STREET, every=25)
    assert sum(clear) > 3, "the sample clip has faces that are easily found"
    with (
        Camera(tmp_path, user="admin", password="p4ss", clip=STREET) as camera,
        Platform(tmp_path, keys={"k3y"}) as platform,
        running(tmp_path, camera.url, platform.url("k3y")) as log,
    ):
        until(grown(lambda: platform.recordings("k3y"), 1_500_000), within_s=60, why=log)
    (recording,) = platform.recordings("k3y")
    assert sum(await faces_in(recording, every=10)) == 0
    with av.open(str(recording)) as arrived:
        assert {stream.type for stream in arrived.streams} == {"video", "audio"}
        loudest = max(float(np.abs(frame.to_ndarray()).max()) for frame in arrived.decode(audio=0))
    assert loudest < 1e-3
    text = log()
    assert "p4ss" not in text
    assert "k3y" not in text


def test_camera_and_platform_may_die_and_come_back(tmp_path):
    with (
        Camera(tmp_path, user="admin", password="p4ss", clip=STREET) as camera,
        Platform(tmp_path, keys={"k3y"}) as platform,
        running(tmp_path, camera.url, platform.url("k3y")) as log,
    ):
        until(grown(lambda: platform.recordings("k3y"), 300_000), within_s=60, why=log)
        camera.kill()
        until(lambda: "source waiting" in log(), within_s=30, why=log)
        assert len(platform.recordings("k3y")) == 1
        time.sleep(2)
        camera.start()
        until(lambda: log().count("source running") == 2, within_s=60, why=log)
        assert "sink waiting" not in log(), "the platform's session survived the camera"

        platform.kill()
        until(lambda: "sink waiting" in log(), within_s=30, why=log)
        platform.start()
        until(lambda: log().count("sink running") == 2, within_s=60, why=log)
        until(grown(lambda: platform.recordings("k3y")[1:], 300_000), within_s=60, why=log)


def test_a_wrong_key_is_said_clearly_and_never_hammered(tmp_path):
    with (
        Camera(tmp_path, clip=STREET) as camera,
        Platform(tmp_path, keys={"k3y"}) as platform,
        running(tmp_path, camera.url, platform.url("wr0ng"), f"file://{tmp_path}/kept.mkv") as log,
    ):
        until(lambda: "sink waiting" in log(), within_s=60, why=log)
        time.sleep(8)
        text = log()
        assert 1 <= len(platform.asked) <= 4
        assert re.search(r"sink waiting.*stream key", text), text
        assert "wr0ng" not in text
    assert (tmp_path / "kept.mkv").stat().st_size > 100_000, "the other sink did not suffer"


@pytest.mark.parametrize(
    ("source", "code", "words"),
    [
        ("rtsp://127.0.0.1:1/stream", 10, "refused"),
        ("rtsp://no-such-host.invalid/stream", 10, "no-such-host.invalid"),
        ("gopher://camera/stream", 2, "unknown URL scheme"),
    ],
)
def test_a_camera_that_cannot_be_had_is_one_clear_line_and_an_exit_code(tmp_path, source, code, words):
    done = subprocess.run(
        [VEILCAST, "run", "--source", source, "--no-http", "--sink", "null:"],
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    )
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_password_is_told_from_a_missing_camera(tmp_path):
    with Camera(tmp_path, user="admin", password="p4ss") as camera:
        wrong = camera.url.replace("p4ss", "n0pe")
        command = [VEILCAST, "run", "--source", "env:CAMERA", "--no-http", "--sink", "null:"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=os.environ | {"CAMERA": wrong})
    assert done.returncode == 11, done.stderr
    assert "password" in done.stderr
    assert "n0pe" not in done.stderr


def test_a_camera_that_is_away_when_the_service_starts_is_a_slate_at_once_where_its_size_is_known(tmp_path):
    """With a settings file, a process for each camera, as a box runs it."""
    settings, kept, log = tmp_path / "veilcast.toml", tmp_path / "away.mkv", tmp_path / "veilcast.log"
    settings.write_text(
        f'[[camera]]\nname = "yard"\nsource = "rtsp://127.0.0.1:1/x"\nsinks = ["{kept}"]\n'
        '[camera.privacy]\naccuracy = "light"\n[camera.signs]\nstarting_size = "320x180"\n[control]\nenabled = false\n'
    )
    with log.open("w") as errors, subprocess.Popen([VEILCAST, "run", "-c", settings], stderr=errors) as process:
        try:
            until(lambda: kept.exists() and kept.stat().st_size > 3000, within_s=60, why=log.read_text)
            assert "source waiting" in log.read_text()
            assert "process waiting" not in log.read_text(), "one process tries again by itself"
        finally:
            process.terminate()
        assert process.wait(20) == 0
    with av.open(kept) as video:
        assert (video.streams.video[0].width, video.streams.video[0].height) == (320, 180)
