"""What hiding people costs beside transcoding, and beside another tool: ``python -m benchmarks.throughput --help``.

Whole commands are timed in turn, round after round, so that a machine whose speed drifts slows them all: bare transcode, veilcast,
bare transcode, … Each clip is repeated until start-up no longer counts. Ratios are of medians.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import av

from benchmarks.exposure import DATA_VARIABLE, RESULTS
from benchmarks.machine import command_version, describe
from benchmarks.sets import SAMPLES

BUSY: Final = "clips/towncentre_a_1080p.mp4"


@dataclass(frozen=True, slots=True)
class Timing:
    """One command on one clip: wall and processor seconds, all its threads and children together."""

    wall_s: float
    processor_s: float


@dataclass(frozen=True, slots=True)
class Figures:
    """Medians over the rounds: frames/s of the whole command, start-up included, and processor ms per frame."""

    frames_per_second: float
    processor_ms: float
    slowest: float
    fastest: float


def repeated(clip: Path, times: int, folder: Path) -> tuple[Path, int]:
    """``clip`` without its sound ``times`` in a row, not encoded again, and how many frames that is."""
    target, shift, frames = folder / f"{clip.stem}-x{times}.mkv", 0, 0
    with av.open(str(target), "w") as out:
        stream = None
        for _ in range(times):
            with av.open(str(clip)) as source:
                video = source.streams.video[0]
                stream = stream or out.add_stream_from_template(video)
                end = 0
                for packet in source.demux(video):
                    if packet.pts is None or packet.dts is None:
                        continue
                    end = max(end, packet.pts + (packet.duration or 1))
                    packet.pts, packet.dts, packet.stream = packet.pts + shift, packet.dts + shift, stream
                    out.mux(packet)
                    frames += 1
                shift += end
    return target, frames


def timed(command: Sequence[str]) -> Timing:
    """Run ``command`` to its end.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    before = os.times()
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=3600)
    wall, after = time.perf_counter() - began, os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return Timing(wall, used)


def figures(timings: Sequence[Timing], frames: int) -> Figures:
    """The medians of some rounds of one command over ``frames`` frames."""
    rates = [frames / timing.wall_s for timing in timings]
    processor = statistics.median(timing.processor_s for timing in timings) / frames * 1000
    return Figures(round(statistics.median(rates), 2), round(processor, 2), round(min(rates), 2), round(max(rates), 2))


def commands(clip: Path, folder: Path, *, accuracies: Sequence[str], deface: str | None) -> dict[str, list[str]]:
    """What runs on ``clip``, by name."""
    product = str(Path(sys.executable).with_name("veilcast"))
    found = {"transcode": [sys.executable, "-m", "benchmarks.transcode", str(clip), str(folder / "bare.mp4")]}
    for accuracy in accuracies:
        found[f"veilcast {accuracy}"] = [product, "anonymise", str(clip), str(folder / "out.mp4"), "-y", "--accuracy", accuracy]
    if deface:
        settings = '{"codec": "libx264", "ffmpeg_params": ["-preset", "superfast", "-tune", "zerolatency", "-crf", "23"]}'
        found["deface"] = [deface, str(clip), "--output", str(folder / "deface.mp4"), "--ffmpeg-config", settings]
    return found


def measure(clip: Path, *, rounds: int, repeat: int, accuracies: Sequence[str], deface: str | None) -> dict[str, Figures]:
    """Every command on one clip, in turn. ``deface`` runs once, on the clip as it is: it is slow enough to show its rate."""
    with tempfile.TemporaryDirectory(prefix="throughput-") as name:
        folder = Path(name)
        long, frames = repeated(clip, repeat, folder)
        timings: dict[str, list[Timing]] = {}
        ours = commands(long, folder, accuracies=accuracies, deface=None)
        for number in range(rounds):
            for tool, command in ours.items():
                print(f"{clip.name}: {tool}, round {number + 1} of {rounds}", file=sys.stderr, flush=True)
                timings.setdefault(tool, []).append(timed(command))
        found = {tool: figures(some, frames) for tool, some in timings.items()}
        if deface:
            print(f"{clip.name}: deface", file=sys.stderr, flush=True)
            command = commands(clip, folder, accuracies=(), deface=deface)["deface"]
            found["deface"] = figures([timed(command)], frames // repeat)
    return found


def markdown(results: dict[str, dict[str, Figures]]) -> str:
    """A row for each clip and command; the ratios are against that clip's bare transcode and deface."""
    lines = [
        "| clip | command | frames/s | slowest–fastest | processor ms/frame | ÷ transcode | processor ÷ | ÷ deface |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for clip, tools in results.items():
        bare, other = tools["transcode"], tools.get("deface")
        for tool, found in tools.items():
            against = f"{found.frames_per_second / other.frames_per_second:.1f}×" if other else "–"
            rate, processor = found.frames_per_second / bare.frames_per_second, bare.processor_ms / found.processor_ms
            spread = f"{found.slowest}–{found.fastest}"
            lines.append(
                f"| {clip} | {tool} | {found.frames_per_second} | {spread} | {found.processor_ms} "
                f"| {rate:.2f} | {processor:.2f} | {against} |"
            )
    return "\n".join(lines) + "\n"


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.throughput", description=__doc__)
    parser.add_argument(
        "--data", type=Path, default=os.environ.get(DATA_VARIABLE), help=f"for the busy street; else ${DATA_VARIABLE}"
    )
    parser.add_argument("--clips", nargs="*", type=Path, default=[], help="clips of your own, in place of the usual two")
    parser.add_argument("--accuracies", default="light,balanced", help="as the product's --accuracy, separated by commas")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--repeat", type=int, default=4, help="how often each clip is repeated, so that start-up does not count")
    parser.add_argument("--deface", metavar="CMD", help="path of deface's command, to run it too, with the same encoder settings")
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--name", default="throughput")
    return parser.parse_args(argv)


def main(argv: Sequence[str]) -> int:
    """Measure, write, and print the table."""
    chosen = _arguments(argv)
    clips = chosen.clips or [*([Path(chosen.data) / BUSY] if chosen.data else []), SAMPLES / "street.mp4", SAMPLES / "empty.mp4"]
    header = describe() | {
        "when": datetime.now(UTC).isoformat(timespec="minutes"),
        "rounds": chosen.rounds,
        "repeat": chosen.repeat,
    }
    if chosen.deface:
        header["deface"] = command_version(chosen.deface)
    results = {}
    for clip in clips:
        results[clip.stem] = measure(
            clip, rounds=chosen.rounds, repeat=chosen.repeat, accuracies=chosen.accuracies.split(","), deface=chosen.deface
        )
    said = markdown(results)
    plain = {clip: {tool: vars_of(found) for tool, found in tools.items()} for clip, tools in results.items()}
    chosen.out.mkdir(parents=True, exist_ok=True)
    (chosen.out / f"{chosen.name}.json").write_text(json.dumps({**header, "results": plain}, indent=1) + "\n")
    (chosen.out / f"{chosen.name}.md").write_text(f"# {chosen.name}\n\n```json\n{json.dumps(header, indent=1)}\n```\n\n{said}")
    print(said)
    return 0


def vars_of(found: Figures) -> dict[str, float]:
    """The figures by name."""
    return {name: getattr(found, name) for name in Figures.__slots__}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
