"""What each viewer over WebRTC costs in processor time: ``python -m benchmarks.whep --help``.

The product's own sink, in a process of its own, sends a programme that was encoded before (noise that moves, at the bitrate of a
live 720p camera, and silence) to viewers of aiortc's in this process, who decode it. The system tells the sink's processor time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
import uvloop

from benchmarks.attestation import RATE, frames
from benchmarks.exposure import RESULTS
from benchmarks.machine import describe
from proxy.encoding.options import Options as EncodingOptions
from proxy.encoding.options import Preset
from proxy.encoding.packet import EncodedPacket
from proxy.encoding.programme import Programme, SoundTrack
from proxy.media.time import TICKS_PER_SECOND
from proxy.sinks.whep import Options, WhepSink
from tests.peers.webrtc import Viewer, http, viewing

SETTLE_S: Final = 2.0
ROOM_S: Final = 8.0
"""What connecting and leaving may take in each round, beside what is measured."""


def programme(seconds: int) -> list[EncodedPacket]:
    """Packets of a live programme."""
    made = Programme(EncodingOptions(preset=Preset.ULTRAFAST), live=True, sound=SoundTrack.ALWAYS)
    packets: list[EncodedPacket] = []
    for frame in frames(seconds):
        packets += made.encode(frame)
        frame.release()
    return packets + made.flush()


async def serve(door: Path, seconds: int) -> None:
    """Offer a programme at ``door``, as fast as a camera makes it; its bitrate is printed once it runs."""
    packets = programme(seconds)
    kbps = sum(len(packet.data) for packet in packets if packet.is_video) * 8 // 1000 // seconds

    async def paced() -> AsyncIterator[EncodedPacket]:
        began = time.monotonic()
        for number, packet in enumerate(packets):
            await asyncio.sleep(began + packet.dts / TICKS_PER_SECOND - time.monotonic())
            yield packet
            if number == RATE:
                print(kbps, flush=True)

    await WhepSink(Options(door=door, addresses=("127.0.0.1",), viewers=100)).run(paced())


def processor_s(pid: int) -> float:
    """The processor time that a process used so far, all its threads, seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def watched(viewers: Sequence[Viewer], pid: int, seconds: float) -> dict[str, float]:
    """The share of a core that ``pid`` takes while all of them watch, and the pictures a second that the worst of them decodes."""
    seen = [0] * len(viewers)

    async def watch(number: int) -> None:
        while True:
            await viewers[number].picture(60)
            seen[number] += 1

    async def hear(viewer: Viewer) -> None:
        while True:
            await viewer.sound(60)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(watch(number)) for number in range(len(viewers))]
        tasks += [group.create_task(hear(viewer)) for viewer in viewers]
        await asyncio.sleep(SETTLE_S)
        seen[:] = [0] * len(seen)
        began, before = time.monotonic(), processor_s(pid)
        await asyncio.sleep(seconds)
        took, used = time.monotonic() - began, processor_s(pid) - before
        pictures = min(seen, default=0)
        for task in tasks:
            task.cancel()
    return {"cores": round(used / took, 4), "least_pictures_per_second": round(pictures / took, 1)}


async def measured(counts: Sequence[int], seconds: float, door: Path, pid: int) -> dict[int, dict[str, float]]:
    """The figures for each number of viewers at the ``door`` of ``pid``."""
    found = {}
    for count in counts:
        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(http(door))
            viewers = [await stack.enter_async_context(viewing(client)) for _ in range(count)]
            found[count] = await watched(viewers, pid, seconds)
    return found


@contextmanager
def served(door: Path, seconds: int) -> Iterator[tuple[int, int]]:
    """A process that offers a programme at ``door`` for as long as this lasts: its id, and the pictures' bitrate, kbit/s."""
    command = [sys.executable, "-m", "benchmarks.whep", "--serve", str(door), "--seconds", str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            said = server.stdout.readline() if server.stdout else ""
            if not said.strip():
                raise SystemExit("the sink did not begin")
            yield server.pid, int(said)
        finally:
            server.kill()


def per_viewer(found: dict[int, dict[str, float]]) -> float | None:
    """The share of a core that one more viewer takes, by the line that fits best; ``None`` for fewer than two numbers of them."""
    counts = [count for count in found if count]
    if len(counts) < 2:
        return None
    return round(float(np.polyfit(counts, [found[count]["cores"] for count in counts], 1)[0]), 4)


def main(argv: Sequence[str]) -> int:
    """Measure, write, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.whep", description=__doc__)
    parser.add_argument("--viewers", default="0,1,2,4,8", help="how many at once, one try after another")
    parser.add_argument("--seconds", type=float, default=15.0, help="measured of each")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--name", default="whep")
    chosen = parser.parse_args(argv)
    if chosen.serve:
        uvloop.run(serve(chosen.serve, round(chosen.seconds)))
        return 0
    header = describe() | {"when": datetime.now(UTC).isoformat(timespec="minutes"), "seconds": chosen.seconds}
    counts = [int(count) for count in chosen.viewers.split(",")]
    length = round(len(counts) * (chosen.seconds + SETTLE_S + ROOM_S) + ROOM_S)
    with tempfile.TemporaryDirectory() as folder, served(Path(folder) / "door", length) as (pid, kbps):
        found = uvloop.run(measured(counts, chosen.seconds, Path(folder) / "door", pid))
    figures = {**header, "picture_kbps": kbps, "results": found, "cores_per_viewer": per_viewer(found)}
    chosen.out.mkdir(parents=True, exist_ok=True)
    (chosen.out / f"{chosen.name}.json").write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
