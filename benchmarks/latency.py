"""How long after its capture a picture leaves, and how many cameras a machine carries: ``python -m benchmarks.latency --help``.

Real RTSP cameras (GStreamer's server) play a clip in a loop, each read by the product in a process of its own. The sink takes the
time at which each packet is handed to it, and compares it with the time of capture, which the camera's RTCP reports tell (same
machine, same clock). The look-back, during which every picture waits on purpose, is taken off.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import uvloop

from benchmarks.exposure import RESULTS
from benchmarks.machine import describe
from benchmarks.sets import SAMPLES
from proxy.assembly import build_camera
from proxy.encoding.packet import EncodedPacket
from proxy.settings.service import compose
from proxy.telemetry.events import Event, FramesDropped, FrameSent
from tests.peers.camera import Camera


@dataclass(slots=True)
class Stopwatch:
    """A sink that notes how old each picture is, ms, and an observer that counts; both only after ``settle_s``."""

    settle_s: float
    began: float = field(default_factory=time.monotonic)
    first_s: float | None = None
    since_capture: list[float] = field(default_factory=list)
    since_arrival: list[float] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    name: str = "stopwatch"

    @property
    def settled(self) -> bool:
        """Whether start-up is over."""
        return time.monotonic() - self.began > self.settle_s

    async def run(self, packets: AsyncIterator[EncodedPacket]) -> None:
        """Take packets and their times."""
        async for packet in packets:
            if not packet.is_video:
                continue
            if self.first_s is None:
                self.first_s = time.monotonic() - self.began
            if not self.settled:
                continue
            self.since_arrival.append((time.monotonic_ns() - packet.arrived_ns) / 1e6)
            if packet.captured_ns is not None:
                self.since_capture.append((time.time_ns() - packet.captured_ns) / 1e6)

    def observe(self, event: Event) -> None:
        """Count frames sent, covered whole, and dropped."""
        if not self.settled:
            return
        match event:
            case FrameSent():
                self.counts["sent"] += 1
                self.counts["covered"] += event.cover is not None
            case FramesDropped():
                self.counts["dropped"] += event.count
            case _:
                pass


def summary(watch: Stopwatch, *, lookback_ms: float, measured_s: float, processor_s: float) -> dict[str, object]:
    """The figures of one camera; latencies in ms, less the look-back."""

    def at(values: list[float], quantile: float) -> float | None:
        return round(float(np.percentile(values, quantile)) - lookback_ms, 1) if values else None

    def spread(values: list[float]) -> dict[str, float | None]:
        return {"p50": at(values, 50), "p99": at(values, 99), "pictures": len(values)}

    return {
        "capture_to_sink_ms": spread(watch.since_capture),
        "arrival_to_sink_ms": spread(watch.since_arrival),
        "frames_per_second": round(watch.counts["sent"] / measured_s, 2),
        **{name: watch.counts[name] for name in ("sent", "covered", "dropped")},
        "first_packet_s": None if watch.first_s is None else round(watch.first_s, 2),
        "processor_cores": round(processor_s / measured_s, 2),
        "resident_mb": _resident_mb(),
    }


def _resident_mb() -> int:
    status = Path("/proc/self/status").read_text() if Path("/proc/self/status").exists() else ""
    lines = [line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")]
    return int(lines[0]) // 1024 if lines else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


async def one(url: str, *, accuracy: str, seconds: float, settle_s: float) -> dict[str, object]:
    """Run one camera for ``seconds`` after ``settle_s``, in this process."""
    watch = Stopwatch(settle_s)
    camera = {"name": "measured", "source": url, "sinks": ["null"], "privacy": {"accuracy": accuracy}}
    (settings,) = compose({"camera": [camera]}, origin="the benchmark").cameras
    loop = asyncio.get_running_loop()
    walk, suite = await loop.run_in_executor(None, lambda: build_camera(settings, observer=watch.observe, give_up_at_first=True))
    walk.publishers[0].sink = watch
    stop = asyncio.Event()
    used = 0.0

    async def until() -> None:
        nonlocal used
        await asyncio.sleep(settle_s)
        before = time.process_time()
        await asyncio.sleep(seconds)
        used = time.process_time() - before
        stop.set()

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(until())
            group.create_task(walk.run(stop))
    finally:
        suite.close()
    return summary(watch, lookback_ms=settings.privacy.lookback_ms, measured_s=seconds, processor_s=used)


def many(clip: Path, *, cameras: int, accuracy: str, seconds: float, settle_s: float) -> list[dict[str, object]]:
    """So many cameras at once, each in a process of its own."""
    with ExitStack() as stack:
        urls = []
        for _ in range(cameras):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="latency-")))
            urls.append(stack.enter_context(Camera(folder, clip=clip)).url)
        asked = ["--accuracy", accuracy, "--seconds", str(seconds), "--settle", str(settle_s)]
        command = [sys.executable, "-m", "benchmarks.latency", *asked, "--one"]
        running = [subprocess.Popen([*command, url], stdout=subprocess.PIPE, text=True) for url in urls]
        return [json.loads(process.communicate(timeout=seconds + settle_s + 120)[0]) for process in running]


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.latency", description=__doc__)
    parser.add_argument("--clip", type=Path, default=SAMPLES / "street.mp4", help="what the cameras play")
    parser.add_argument("--cameras", default="1", help="how many at once, one try after another: 1,2,3")
    parser.add_argument("--accuracy", default="balanced", choices=("light", "balanced", "max"))
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--settle", type=float, default=10.0, help="seconds at the start that do not count")
    parser.add_argument("--one", metavar="URL", help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--name", default="latency")
    return parser.parse_args(argv)


def main(argv: Sequence[str]) -> int:
    """Measure, write, and print."""
    chosen = _arguments(argv)
    if chosen.one:
        print(json.dumps(uvloop.run(one(chosen.one, accuracy=chosen.accuracy, seconds=chosen.seconds, settle_s=chosen.settle))))
        return 0
    when = datetime.now(UTC).isoformat(timespec="minutes")
    header = describe() | {"when": when, "clip": chosen.clip.name, "accuracy": chosen.accuracy, "seconds": chosen.seconds}
    results = {}
    for count in map(int, chosen.cameras.split(",")):
        found = many(chosen.clip, cameras=count, accuracy=chosen.accuracy, seconds=chosen.seconds, settle_s=chosen.settle)
        results[f"{count} cameras"] = found
        print(json.dumps({f"{count} cameras": found}, indent=1), flush=True)
    chosen.out.mkdir(parents=True, exist_ok=True)
    (chosen.out / f"{chosen.name}.json").write_text(json.dumps({**header, "results": results}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
