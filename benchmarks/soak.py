"""A whole service for a long time while everything around and in it is restarted at random: ``python -m benchmarks.soak --help``.

Cameras (GStreamer), a platform (nginx) and the service are real. Chance is seeded. Every few seconds something is killed, frozen or
started again, and the memory, descriptors, threads and tasks of every process of the service are read. What grows leaks.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from benchmarks.machine import describe
from tests.peers.camera import Camera
from tests.peers.platform import Platform
from tests.peers.process import free_port

CLIP: Final = Path(__file__).parents[1] / "sample_videos" / "cafe.mp4"
VEILCAST: Final = str(Path(sys.executable).with_name("veilcast"))
SAMPLE_S: Final = 5.0
FAULT_S: Final = 12.0
CALM: Final = "calm"
"""The camera whose process and peer are left alone: only the platform it sends to is not."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The service at one moment: ``memory_mib`` and the like are of the service's own process or of the calm camera's."""

    seconds: float
    memory_mib: float
    descriptors: int
    threads: int
    tasks: int
    calm_memory_mib: float
    calm_descriptors: int
    calm_threads: int
    calm_tasks: int
    processes: int


@dataclass(frozen=True, slots=True)
class Growth:
    """A figure's median in the first and the last third of the run."""

    name: str
    first: float
    last: float
    limit: float

    @property
    def leaks(self) -> bool:
        """Whether it grew by more than chance would have it."""
        return self.last - self.first > self.limit


LIMITS: Final = {
    "memory_mib": 12.0,
    "descriptors": 4,
    "threads": 2,
    "tasks": 3,
    "calm_memory_mib": 40.0,
    "calm_descriptors": 4,
    "calm_threads": 2,
    "calm_tasks": 3,
    "processes": 1,
}


def growths(samples: Sequence[Sample]) -> list[Growth]:
    """Every figure in the first and the last third."""
    third = max(1, len(samples) // 3)
    found = []
    for name, limit in LIMITS.items():
        values = [float(getattr(sample, name)) for sample in samples]
        found.append(Growth(name, statistics.median(values[:third]), statistics.median(values[-third:]), limit))
    return found


class World:
    """The service and everything around it, in one folder."""

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self.folder = folder
        self.port = free_port()
        self.log = folder / "veilcast.log"
        self.cameras = {name: Camera(_made(folder / name), clip=CLIP) for name in names}
        self.platform = Platform(_made(folder / "platform"), keys=set(names))
        self.service: subprocess.Popen[bytes] | None = None
        self.seen: set[int] = set()

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Everything started, and ended again; the service last in, first out."""
        with contextlib.ExitStack() as stack:
            for camera in self.cameras.values():
                stack.enter_context(camera)
            stack.enter_context(self.platform)
            settings = self.folder / "veilcast.toml"
            settings.write_text(self._settings())
            (self.folder / "tmp").mkdir()
            environment = os.environ | {"TMPDIR": str(self.folder / "tmp")}
            with self.log.open("wb") as log:
                self.service = subprocess.Popen([VEILCAST, "run", "-c", str(settings)], stderr=log, env=environment)
            try:
                yield
            finally:
                if self.service.poll() is None:
                    self.service.kill()

    def _settings(self) -> str:
        tables = [f'[control]\nport = {self.port}\n[log]\nlevel = "info"\n']
        for name, camera in self.cameras.items():
            sinks = json.dumps([self.platform.url(name), f"hls://{self.folder / name / 'hls'}"])
            tables.append(
                f'[[camera]]\nname = "{name}"\nsource = "{camera.url}"\nsinks = {sinks}\nprivacy = {{ accuracy = "light" }}\n'
            )
        return "\n".join(tables)

    def stop(self) -> tuple[int, float]:
        """SIGTERM, and its exit code and how long it took, in seconds."""
        service = self._there()
        began = time.monotonic()
        service.terminate()
        try:
            code = service.wait(15)
        except subprocess.TimeoutExpired:
            service.kill()
            code = service.wait()
        return code, time.monotonic() - began

    def sample(self, seconds: float) -> Sample:
        """The service now."""
        own, children = self._there().pid, self.children()
        calm = next((pid for pid, name in children.items() if name == CALM), 0)
        metrics = self.metrics()
        return Sample(
            seconds=round(seconds, 1),
            memory_mib=_memory_mib(own),
            descriptors=_descriptors(own),
            threads=_threads(own),
            tasks=int(metrics.get("veilcast_service_tasks", 0)),
            calm_memory_mib=_memory_mib(calm),
            calm_descriptors=_descriptors(calm),
            calm_threads=_threads(calm),
            calm_tasks=int(metrics.get(f'veilcast_tasks{{camera="{CALM}"}}', 0)),
            processes=len(children) + 1,
        )

    def children(self) -> dict[int, str]:
        """The service's camera processes: pid → camera, told apart by the playlists that they have open or the order they began."""
        own = self._there().pid
        pids = [int(pid) for pid in Path(f"/proc/{own}/task/{own}/children").read_text().split()]
        self.seen.update(pids)
        return {pid: name for pid in pids if (name := self._camera_of(pid))}

    def _camera_of(self, pid: int) -> str:
        """Which camera a process reads: the one to whose port it holds a connection."""
        ports = {camera.port: name for name, camera in self.cameras.items()}
        with contextlib.suppress(OSError):
            inodes = {str(descriptor.readlink()) for descriptor in Path(f"/proc/{pid}/fd").iterdir()}
            for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
                fields = line.split()
                port = int(fields[2].partition(":")[2], 16)
                if port in ports and f"socket:[{fields[9]}]" in inodes:
                    return ports[port]
            return "unknown"
        return ""

    def metrics(self) -> dict[str, float]:
        """The service's own numbers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=5) as answer:
                lines = answer.read().decode().splitlines()
        except OSError:
            return {}
        pairs = (line.rpartition(" ") for line in lines if not line.startswith("#"))
        return {name: float(value) for name, _, value in pairs}

    def sent(self) -> dict[str, int]:
        """Pictures that left, by camera."""
        metrics = self.metrics()
        return {name: int(metrics.get(f'veilcast_frames_sent_total{{camera="{name}"}}', 0)) for name in self.cameras}

    def _there(self) -> subprocess.Popen[bytes]:
        if self.service is None:
            raise AssertionError("the service was started")
        return self.service


class Chance:
    """What happens next, by a seed; whatever was taken away is given back before the next thing is."""

    def __init__(self, world: World, seed: int) -> None:
        self._world = world
        self._random = random.Random(seed)  # noqa: S311 - what happens is to be repeatable
        self._undo: Callable[[], None] | None = None
        self.happened: dict[str, int] = {}

    def step(self) -> str:
        """Let one thing happen; returns what."""
        self.settle()
        kinds = (
            self._camera_dies,
            self._camera_freezes,
            self._platform_dies,
            self._platform_freezes,
            self._process_dies,
            self._process_stops,
        )
        what = self._random.choice(kinds)()
        self.happened[what] = self.happened.get(what, 0) + 1
        return what

    def settle(self) -> None:
        """Give back what was taken away."""
        undo, self._undo = self._undo, None
        if undo:
            undo()

    def _camera(self) -> Camera:
        return self._world.cameras[self._random.choice([name for name in self._world.cameras if name != CALM])]

    def _camera_dies(self) -> str:
        camera = self._camera()
        camera.kill()
        self._undo = camera.start
        return "camera killed"

    def _camera_freezes(self) -> str:
        camera = self._camera()
        camera.freeze()
        self._undo = camera.thaw
        return "camera frozen"

    def _platform_dies(self) -> str:
        self._world.platform.kill()
        self._undo = self._world.platform.start
        return "platform killed"

    def _platform_freezes(self) -> str:
        self._world.platform.freeze()
        self._undo = self._world.platform.thaw
        return "platform frozen"

    def _process_dies(self) -> str:
        return self._signalled(signal.SIGKILL, "process killed")

    def _process_stops(self) -> str:
        return self._signalled(signal.SIGSTOP, "process stopped")

    def _signalled(self, number: signal.Signals, what: str) -> str:
        pids = sorted(pid for pid, name in self._world.children().items() if name not in (CALM, "unknown"))
        if pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._random.choice(pids), number)
        return what


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _memory_mib(pid: int) -> float:
    return _status(pid, "VmRSS") / 1024


def _threads(pid: int) -> int:
    return _status(pid, "Threads")


def _status(pid: int, name: str) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1])
    return 0


def _descriptors(pid: int) -> int:
    with contextlib.suppress(OSError):
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return 0


def soak(folder: Path, *, minutes: float, seed: int, count: int) -> dict[str, object]:
    """Run it; returns everything that was found."""
    world = World(folder, (CALM, *(f"camera-{number}" for number in range(1, count))))
    chance, samples = Chance(world, seed), list[Sample]()
    with world.running():
        deadline = time.monotonic() + 60
        while min(world.sent().values()) < 25 and time.monotonic() < deadline:
            time.sleep(0.5)
        began = time.monotonic()
        next_fault = began + 2 * SAMPLE_S
        while (now := time.monotonic()) - began < minutes * 60:
            if now >= next_fault:
                chance.step()
                next_fault = now + FAULT_S
            time.sleep(SAMPLE_S)
            samples.append(world.sample(time.monotonic() - began))
        chance.settle()
        sent = world.sent()
        code, took_s = world.stop()
    left = [path.name for path in (folder / "tmp").iterdir()]
    left += [f"process {pid}" for pid in world.seen if Path(f"/proc/{pid}").exists()]
    return {
        "minutes": minutes,
        "seed": seed,
        "cameras": count,
        "happened": chance.happened,
        "growths": [asdict(growth) | {"leaks": growth.leaks} for growth in growths(samples)],
        "samples": [asdict(sample) for sample in samples],
        "sent": sent,
        "exit_code": code,
        "stopped_in_s": round(took_s, 2),
        "left": left,
    }


def table(found: dict[str, object]) -> str:
    """The figures that matter, for docs/reliability.md."""
    head = "| figure | first third | last third | allowed growth |\n|---|---|---|---|\n"
    grown: list[dict[str, object]] = found["growths"]  # type: ignore[assignment]
    return head + "\n".join(f"| {row['name']} | {row['first']:.1f} | {row['last']:.1f} | {row['limit']:g} |" for row in grown)


def main(argv: Sequence[str]) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cameras", type=int, default=3)
    parser.add_argument("--out", type=Path, help="where the figures go, JSON")
    given = parser.parse_args(argv)
    machine = describe()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        found = soak(Path(folder), minutes=given.minutes, seed=given.seed, count=given.cameras)
    found = {"when": datetime.now(UTC).isoformat(timespec="seconds"), **machine, **found}
    if given.out:
        given.out.write_text(json.dumps(found, indent=1) + "\n")
    print(table(found))
    print(f"happened: {found['happened']}\nsent: {found['sent']}\nstopped in {found['stopped_in_s']} s with {found['exit_code']}")
    leaks = [growth["name"] for growth in found["growths"] if growth["leaks"]]  # type: ignore[attr-defined]
    print(f"leaks: {', '.join(leaks) or 'none'}; left behind: {found['left'] or 'nothing'}")
    return 1 if leaks or found["exit_code"] or found["left"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
