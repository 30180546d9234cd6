"""How the cost grows with people, pixels and cameras: ``python -m benchmarks.growth --help``.

People and sizes are drawn (``sample_videos``), so that nothing else differs between two rows. Each clip runs beside a bare
transcode of the same clip, in turn; what a camera more costs is measured by several commands at once.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.exposure import RESULTS
from benchmarks.machine import describe
from benchmarks.throughput import Timing, commands, figures, repeated, timed
from sample_videos.film import TICKS, Shot, write
from sample_videos.scenes import street
from sample_videos.stage import Actor, picture

FPS: Final = 25
NAMES: Final = ("obama", "collins", "hopper", "biden")
SIZES: Final = {"480p": (854, 480), "720p": (1280, 720), "1080p": (1920, 1080), "4K": (3840, 2160)}


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement: frames/s of the whole, and processor ms per frame of the product and of a bare transcode."""

    what: str
    frames_per_second: float
    processor_ms: float
    transcode_ms: float


def crowd(people: int, seconds: float) -> list[Actor]:
    """So many people who walk to and fro between 6 and 22 metres away, each their own way."""
    random = np.random.default_rng(1)
    actors = []
    for number in range(people):
        z = float(random.uniform(6, 22))
        x, step = float(random.uniform(-0.6, 0.6)) * z, float(random.uniform(0.8, 1.4)) * seconds
        ways = ((0.0, x, z), (seconds, x + step * float(random.choice([-1, 1])), z + float(random.uniform(-1, 1))))
        actors.append(Actor(number + 1, NAMES[number % len(NAMES)], ways))
    return actors


def drawn(folder: Path, *, people: int, size: tuple[int, int], seconds: float) -> Path:
    """A clip of a street in which so many people walk."""
    width, height = (side // 2 * 2 for side in size)
    scene, actors, random = street(width, height, 3, traffic=False), crowd(people, seconds), np.random.default_rng(2)

    def shots() -> Iterator[Shot]:
        for number in range(round(seconds * FPS)):
            clean, truth = picture(scene, actors, number / FPS, (0.0, 0.0))
            grain = random.normal(0, 1.5, clean.shape[:2]).astype(np.float32)
            yield Shot(number * TICKS // FPS, np.clip(clean + grain[..., None], 0, 255).astype(np.uint8), truth)

    path = folder / f"{width}x{height}-{people}.mp4"
    write(path, shots(), fps=FPS, crf=24)
    return path


def alone(what: str, clip: Path, folder: Path, *, accuracy: str, rounds: int, repeat: int) -> Row:
    """The product on one clip, and a bare transcode of it, in turn."""
    long, frames = repeated(clip, repeat, folder)
    tools = commands(long, folder, accuracies=[accuracy], deface=None)
    timings: dict[str, list[Timing]] = {tool: [] for tool in tools}
    for _ in range(rounds):
        for tool, command in tools.items():
            timings[tool].append(timed(command))
    found = {tool: figures(some, frames) for tool, some in timings.items()}
    ours = found[f"veilcast {accuracy}"]
    return Row(what, ours.frames_per_second, ours.processor_ms, found["transcode"].processor_ms)


def together(cameras: int, clip: Path, folder: Path, *, accuracy: str, repeat: int) -> Row:
    """So many commands at once on one clip; frames/s of all of them together."""
    long, frames = repeated(clip, repeat, folder)
    product = str(Path(sys.executable).with_name("veilcast"))
    command = [product, "anonymise", str(long)]
    began, before = time.perf_counter(), _children_s()
    running = [
        subprocess.Popen(
            [*command, str(folder / f"{number}.mp4"), "-y", "--accuracy", accuracy],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for number in range(cameras)
    ]
    if any(process.wait() for process in running):
        raise RuntimeError(f"one of {cameras} commands failed")
    wall, used = time.perf_counter() - began, _children_s() - before
    total = frames * cameras
    return Row(f"{cameras} at once", round(total / wall, 2), round(used / total * 1000, 2), 0.0)


def _children_s() -> float:
    spent = os.times()
    return spent.children_user + spent.children_system


def markdown(rows: dict[str, list[Row]]) -> str:
    """A table for each question; growth is of the processor time, against the first row."""
    lines = ["| | | frames/s | processor ms/frame | of which a transcode | growth |", "|---|---|---|---|---|---|"]
    for question, some in rows.items():
        for row in some:
            growth = row.processor_ms / some[0].processor_ms - 1
            bare = row.transcode_ms or "–"
            lines.append(f"| {question} | {row.what} | {row.frames_per_second} | {row.processor_ms} | {bare} | {growth:+.0%} |")
    return "\n".join(lines) + "\n"


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--accuracy", default="balanced", choices=["light", "balanced", "max"])
    parser.add_argument("--people", default="0,10,25,50", help="how many, separated by commas")
    parser.add_argument("--sizes", default=",".join(SIZES), help=f"of {', '.join(SIZES)}")
    parser.add_argument("--cameras", type=int, default=3, help="the most commands at once")
    parser.add_argument("--seconds", type=float, default=4, help="of each drawn clip")
    parser.add_argument("--repeat", type=int, default=3, help="how often each clip is repeated, so that start-up does not count")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--name", default="growth")
    return parser.parse_args(argv)


def main(argv: Sequence[str]) -> int:
    """Measure, write, and print the table."""
    chosen = _arguments(argv)
    rows: dict[str, list[Row]] = {}
    with tempfile.TemporaryDirectory(prefix="growth-") as name:
        folder = Path(name)

        def one(what: str, people: int, size: tuple[int, int]) -> Row:
            print(f"drawing and timing {what}", file=sys.stderr, flush=True)
            clip = drawn(folder, people=people, size=size, seconds=chosen.seconds)
            return alone(what, clip, folder, accuracy=chosen.accuracy, rounds=chosen.rounds, repeat=chosen.repeat)

        counts = [int(text) for text in chosen.people.split(",") if text]
        rows["people, 720p"] = [one(f"{people} people", people, SIZES["720p"]) for people in counts]
        sizes = [text for text in chosen.sizes.split(",") if text]
        rows["size, 10 people"] = [one(size, 10, SIZES[size]) for size in sizes]
        clip = drawn(folder, people=10, size=SIZES["720p"], seconds=chosen.seconds)
        rows["cameras, 720p"] = [
            together(cameras, clip, folder, accuracy=chosen.accuracy, repeat=chosen.repeat)
            for cameras in range(1, chosen.cameras + 1)
        ]
    header = describe() | {"when": datetime.now(UTC).isoformat(timespec="minutes"), "accuracy": chosen.accuracy}
    chosen.out.mkdir(parents=True, exist_ok=True)
    plain = {question: [asdict(row) for row in some] for question, some in rows.items()}
    (chosen.out / f"{chosen.name}.json").write_text(json.dumps({**header, "results": plain}, indent=1) + "\n")
    said = markdown(rows)
    (chosen.out / f"{chosen.name}.md").write_text(f"# {chosen.name}\n\n```json\n{json.dumps(header, indent=1)}\n```\n\n{said}")
    print(said)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
