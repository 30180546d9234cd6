"""The labelled sets, read from a folder of evaluation material and from ``sample_videos/``."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Final, NotRequired, TypedDict

from benchmarks.footage import BLANK, HELD, Clip, Labels, stills_to_video

SAMPLES: Final = Path(__file__).parents[1] / "sample_videos"
LEAST_VISIBILITY: Final = 0.3
"""Persons of whom less is in sight are not judged."""

STEP: Final = 128

Boxes = dict[int, Labels]


class Entry(TypedDict):
    """One photograph of a ``labels.json``; boxes are x, y, width, height."""

    image: str
    width: int
    height: int
    boxes: list[list[float]]
    visibility: NotRequired[list[float]]


def _csv(path: Path, first: int) -> Boxes:
    """Rows of frame, x, y, w, h and perhaps id; ``first`` is the number of the first frame."""
    rows: defaultdict[int, list[tuple[list[float], int]]] = defaultdict(list)
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            x, y, width, height = (float(row[key]) for key in ("x", "y", "w", "h"))
            rows[int(row["frame"]) - first].append(([x, y, x + width, y + height], int(row.get("id") or -1)))
    return {frame: Labels.of([box for box, _ in some], [number for _, number in some]) for frame, some in rows.items()}


def escalator(data: Path, _scratch: Path) -> list[Clip]:
    """A crowded station escalator from a fixed camera at five frames a second; heads and whole persons, without ids."""
    folder = data / "escalator"
    labels = {"head": _csv(folder / "heads.csv", 0), "person": _csv(folder / "persons.csv", 0)}
    return [Clip("escalator", folder / "video.mp4", labels)]


def track_crossing(data: Path, _scratch: Path) -> list[Clip]:
    """One small pedestrian who crosses a street."""
    folder = data / "track_crossing"
    return [Clip("track_crossing", folder / "video.mp4", {"person": _csv(folder / "tracks.csv", 1)})]


def faces_dense(data: Path, scratch: Path) -> list[Clip]:
    """Photographs of crowds, faces of 9 to 39 pixels."""
    return _stills("faces_dense", data / "faces_dense" / "labels.json", "face", scratch)


def faces_small(data: Path, scratch: Path) -> list[Clip]:
    """Small photographs, many of people with masks."""
    return _stills("faces_small", data / "faces_small" / "labels.json", "face", scratch)


def persons_1080p(data: Path, scratch: Path) -> list[Clip]:
    """Streets and squares at 1920x1080, persons of whom at least ``LEAST_VISIBILITY`` is in sight."""
    files = sorted((data / "persons_1080p").glob("*.json"))
    return [clip for file in files for clip in _stills(file.stem, file, "person", scratch)]


def _stills(name: str, file: Path, kind: str, scratch: Path) -> list[Clip]:
    """One video for each size of the photographs listed in ``file``, rounded up to ``STEP`` when they are of many sizes."""
    entries = json.loads(file.read_text())
    step = STEP if len({(entry["width"], entry["height"]) for entry in entries}) > 1 else 2
    sized: defaultdict[tuple[int, int], list[Entry]] = defaultdict(list)
    for entry in entries:
        sized[-(-entry["width"] // step) * step, -(-entry["height"] // step) * step].append(entry)
    clips = []
    for (width, height), alike in sorted(sized.items()):
        path = scratch / f"{name}-{width}x{height}.mp4"
        stills_to_video([file.parent / entry["image"] for entry in alike], width, height, path)
        labels: Boxes = {}
        for number, entry in enumerate(alike):
            found = _entry(entry, number)
            labels |= {number * (HELD + BLANK) + frame: found for frame in range(HELD)}
        clips.append(Clip(path.stem, path, {kind: labels}))
    return clips


def _entry(entry: Entry, number: int) -> Labels:
    """The boxes of one photograph; the ids tell apart the persons of all photographs of a video."""
    visible = entry.get("visibility") or [1.0] * len(entry["boxes"])
    kept = [box for box, share in zip(entry["boxes"], visible, strict=True) if share >= LEAST_VISIBILITY]
    boxes = [[x, y, x + width, y + height] for x, y, width, height in kept]
    return Labels.of(boxes, [number * 10_000 + index for index in range(len(boxes))])


def samples(_data: Path, _scratch: Path) -> list[Clip]:
    """The clips of ``sample_videos/`` with people in them."""
    return [_sample(name) for name in ("street", "cafe", "cuts", "vfr")]


def _sample(name: str) -> Clip:
    labels: dict[str, Boxes] = {"face": {}, "head": {}, "person": {}}
    for row in json.loads((SAMPLES / f"{name}.json").read_text())["frames"]:
        for kind, key in (("face", "face"), ("head", "head"), ("person", "body")):
            some = [
                person
                for person in row["persons"]
                if person[key] and (kind != "person" or person["visibility"] >= LEAST_VISIBILITY)
            ]
            labels[kind][row["frame"]] = Labels.of([person[key] for person in some], [person["id"] for person in some])
    return Clip(f"sample-{name}", SAMPLES / f"{name}.mp4", labels)


def nobody(data: Path, _scratch: Path) -> list[Clip]:
    """Clips without people: cars on a road, and the empty sample street."""
    return [Clip("car-detection", data / "clips" / "intel_car-detection.mp4", {}), Clip("sample-empty", SAMPLES / "empty.mp4", {})]


SETS: Final[dict[str, Callable[[Path, Path], list[Clip]]]] = {
    "escalator": escalator,
    "faces_dense": faces_dense,
    "faces_small": faces_small,
    "persons_1080p": persons_1080p,
    "track_crossing": track_crossing,
    "samples": samples,
    "nobody": nobody,
}
