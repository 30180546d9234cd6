"""A camera's process that crashes, hangs, is stopped or runs out of something: noticed, replaced, alone in it, and nobody is seen.

The processes, their supervisor, source, decoder, gate, encoder and sinks are real; detectors and the person are made up. All
faults happen at once, to a camera each, beside one that nothing happens to.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import aiohttp
import cv2
import numpy as np
import pytest
import pytest_asyncio
from numpy.typing import NDArray

from proxy.pipeline.backoff import Backoff
from proxy.pipeline.supervisor import CameraProcess
from proxy.settings.camera import dump_camera
from proxy.settings.service import Settings
from proxy.telemetry.events import Connection, Event, PassFailed, ProcessChanged, SinkChanged, Tally
from tests.privacy.canary import SEEN, decoded_file, likeness
from tests.privacy.test_inputs import clip

SAMPLE_EVERY: Final = 5
"""Every so manieth picture of a recording is searched."""

pytestmark = [pytest.mark.peer, pytest.mark.timeout(240), pytest.mark.asyncio(loop_scope="module")]


@dataclass
class Watched:
    """One camera with its process: what it told, and when."""

    folder: Path
    source: Path
    stop: asyncio.Event
    told: list[tuple[float, Event]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    broken_at: float = 0.0
    snapshots: list[NDArray[np.uint8]] = field(default_factory=list)

    @property
    def door(self) -> Path:
        """Where snapshots are asked for."""
        return self.folder / "door"

    async def look(self) -> None:
        """Ask for snapshots until everything stops."""
        while not self.stop.is_set():
            with contextlib.suppress(OSError, aiohttp.ClientError, TimeoutError):
                async with (
                    aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(self.door))) as session,
                    session.get("http://camera/picture.jpg", timeout=aiohttp.ClientTimeout(3)) as answer,
                ):
                    if answer.status == 200:
                        picture = cv2.imdecode(np.frombuffer(await answer.read(), np.uint8), cv2.IMREAD_GRAYSCALE)
                        self.snapshots.append(np.asarray(picture, np.uint8))
            await asyncio.sleep(0.7)

    async def run(self) -> None:
        """As the service runs a camera, but for the made-up detectors."""
        camera = {
            "name": "door",
            "source": f"file://{self.source}?loop=true&realtime=true",
            "sinks": [f"file://{self.folder}/out.mkv", f"hls://{self.folder}/hls", {"type": "mjpeg", "door": str(self.door)}],
            "privacy": {"method": "solid"},
        }
        process = CameraProcess(
            name="door",
            settings=dump_camera(Settings.model_validate({"cameras": [camera]}).cameras[0]),
            command=(sys.executable, "-m", "tests.privacy.made_up_worker", str(self.folder)),
            observer=lambda event: self.told.append((time.monotonic(), event)),
            log=self.said.append,
            backoff=Backoff(first_s=0.5, limit_s=1.0),
        )
        await process.run(self.stop)

    @property
    def pid(self) -> int:
        """The process that runs now."""
        children = [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]
        return next(pid for pid in children if str(self.folder) in Path(f"/proc/{pid}/cmdline").read_text().split("\0"))

    def sent(self, *, since: float = 0.0) -> int:
        """Pictures that left since a time."""
        return sum(event.sent for when, event in self.told if isinstance(event, Tally) and when > since)

    def first(self, wanted: Callable[[Event], bool]) -> float | None:
        """How long after the fault an event came, in seconds."""
        return next((when - self.broken_at for when, event in self.told if when > self.broken_at and wanted(event)), None)

    @property
    def noticed_s(self) -> float | None:
        """When the fault was first told of."""
        return self.first(lambda event: isinstance(event, PassFailed) or is_down(event) or is_failed_sink(event))

    @property
    def normal_s(self) -> float | None:
        """When pictures left again of which none was covered whole, after the fault was noticed."""
        after = self.broken_at + (self.noticed_s or 0.0)
        times = [
            when for when, event in self.told if when > after and isinstance(event, Tally) and event.sent and not event.covered
        ]
        return times[0] - self.broken_at if times else None

    @property
    def outputs(self) -> list[Path]:
        """Everything that sinks wrote."""
        return [*self.folder.glob("out*.mkv"), *(self.folder / "hls").glob("segment-*")]


def is_down(event: Event) -> bool:
    return isinstance(event, ProcessChanged) and event.state is Connection.WAITING


def is_failed_sink(event: Event) -> bool:
    return isinstance(event, SinkChanged) and event.state in (Connection.WAITING, Connection.FAILED)


def told_to(name: str) -> Callable[[Watched], None]:
    def fault(camera: Watched) -> None:
        (camera.folder / "fault.part").write_text(name)
        (camera.folder / "fault.part").rename(camera.folder / "fault")

    return fault


def stopped(camera: Watched) -> None:
    os.kill(camera.pid, signal.SIGSTOP)


def stopped_for_a_second(camera: Watched) -> None:
    pid = camera.pid
    os.kill(pid, signal.SIGSTOP)
    asyncio.get_running_loop().call_later(1.0, os.kill, pid, signal.SIGCONT)


def without_disk(camera: Watched) -> None:
    """Its recording can grow no further; HLS segments, which are smaller, still can."""
    size = (camera.folder / "out.mkv").stat().st_size + 10_000
    resource.prlimit(camera.pid, resource.RLIMIT_FSIZE, (size, size))


FAULTS: Final[dict[str, Callable[[Watched], None]]] = {
    "nothing": lambda camera: None,
    "crash": told_to("crash"),
    "killed": told_to("killed"),
    "hang": told_to("hang"),
    "hang with the interpreter": told_to("hang with the interpreter"),
    "out of memory": told_to("out of memory"),
    "stopped": stopped,
    "stopped for a second": stopped_for_a_second,
    "no memory for anybody": told_to("no memory for anybody"),
    "no more disk": without_disk,
}
REPLACED: Final = ("crash", "killed", "hang", "hang with the interpreter", "stopped")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cameras(
    tmp_path_factory: pytest.TempPathFactory, note_processes: Callable[[dict[str, str]], None]
) -> AsyncIterator[dict[str, Watched]]:
    """Every camera after its fault, and after it sent pictures again or had the time to."""
    folder, stop = tmp_path_factory.mktemp("processes"), asyncio.Event()
    source = clip(folder / "clip.mkv", codec="libx264", options={"preset": "ultrafast", "g": "10"})
    shared = shared_memory()
    found = {}
    for name in FAULTS:
        (folder / name).mkdir()
        found[name] = Watched(folder / name, source, stop)
    async with asyncio.TaskGroup() as group:
        for camera in found.values():
            group.create_task(camera.run())
            group.create_task(camera.look())
        await until(lambda: all(camera.sent() > 40 for camera in found.values()), within_s=90)
        for name, fault in FAULTS.items():
            found[name].broken_at = time.monotonic()
            fault(found[name])
        await until(lambda: all(found[name].first(is_down) for name in REPLACED), within_s=30)
        await until(lambda: all(found[name].normal_s for name in REPLACED), within_s=90)
        stop.set()
    note_processes({name: row(name, camera) for name, camera in found.items()})
    assert shared_memory() == shared
    yield found


def row(name: str, camera: Watched) -> str:
    noticed, normal = (f"{value:.1f} s" if value is not None else "–" for value in (camera.noticed_s, camera.normal_s))
    return f"| {name} | {camera.sent()} | {camera.sent(since=camera.broken_at)} | {noticed} | {normal} |"


def shared_memory() -> set[Path]:
    return set(Path("/dev/shm").iterdir())  # noqa: S108


async def until(condition: Callable[[], bool], *, within_s: float) -> None:
    async with asyncio.timeout(within_s):
        while not condition():
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("name", REPLACED)
async def test_a_process_that_is_lost_is_noticed_within_two_seconds_and_replaced(cameras: dict[str, Watched], name: str) -> None:
    """The limit is the supervisor's own; what is allowed beyond it here is for a busy machine."""
    noticed = cameras[name].noticed_s
    assert noticed is not None
    assert noticed < 2.0 + 2.0
    assert cameras[name].normal_s is not None


async def test_the_camera_beside_them_loses_nothing(cameras: dict[str, Watched]) -> None:
    calm = cameras["nothing"]
    assert calm.noticed_s is None
    assert calm.sent(since=calm.broken_at) > 40


async def test_a_short_stop_costs_no_process(cameras: dict[str, Watched]) -> None:
    assert cameras["stopped for a second"].first(is_down) is None


async def test_a_full_disk_ends_one_recording_and_nothing_else(cameras: dict[str, Watched]) -> None:
    camera = cameras["no more disk"]
    assert camera.first(is_failed_sink) is not None
    assert camera.first(is_down) is None
    failed = next(event for when, event in camera.told if when > camera.broken_at and is_failed_sink(event))
    assert isinstance(failed, SinkChanged)
    assert "out.mkv" in failed.detail


@pytest.mark.parametrize("name", FAULTS)
async def test_nobody_is_seen_in_anything_that_was_written(cameras: dict[str, Watched], name: str) -> None:
    camera = cameras[name]
    headers = {path.name.split("-")[1]: path.read_bytes() for path in (camera.folder / "hls").glob("init-*")}
    searched = 0
    for path in camera.outputs:
        if path.suffix == ".m4s":
            whole = path.with_suffix(".mp4")
            whole.write_bytes(headers[path.name.split("-")[1]] + path.read_bytes())
            path = whole
        for luma in decoded_file(path)[::SAMPLE_EVERY]:
            assert likeness(luma) < SEEN, path
            searched += 1
    assert searched > 5
    assert len(camera.snapshots) > 3
    assert max(likeness(luma) for luma in camera.snapshots) < SEEN


async def test_nothing_but_outputs_is_left(cameras: dict[str, Watched]) -> None:
    """No core dump, no crash file, no temporary file."""
    for camera in cameras.values():
        names = {path.name.split(".")[0].split("-")[0] for path in camera.folder.iterdir()}
        assert names <= {"out", "hls", "fault", "door", "seen"}
    assert not list(Path.cwd().glob("core*"))


async def test_what_was_recorded_before_a_kill_still_plays(cameras: dict[str, Watched]) -> None:
    for name in ("killed", "crash"):
        assert len(decoded_file(cameras[name].folder / "out.mkv")) > 20
        assert len(decoded_file(cameras[name].folder / "out-2.mkv")) > 0
