"""Whether persons can be followed by what is left of them: colours and looks across frames, for each choice of targets."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.chance import Score, ranks
from benchmarks.footage import pictures
from benchmarks.heads import Row
from benchmarks.people import crop
from benchmarks.tools import Veilcast

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

MODES: Final = ("face", "face,head", "face,head,body")
CLIPS: Final = ("clips/towncentre_d_720p_21s.m4v",)
LEAST_HEIGHT: Final = 60
APART_MS: Final = 1000
"""Between the moment that the attacker knows and the one to be recognised."""
PROBES: Final = 4
STRIPES: Final = 3


@dataclass(frozen=True, slots=True)
class Moment:
    """A track's box at one frame: ``(4,)`` float64 xyxy pixels."""

    track: int
    frame: int
    box: F64


def moments(journal: Sequence[dict[str, object]]) -> tuple[list[Moment], list[Moment]]:
    """Of every body that is followed until it has walked out of its own box: the first moment, and up to ``PROBES`` later ones.

    A person who stands still is recognised by the place, which says nothing about what hides the person.
    """
    times = {int(str(row["frame"])): float(str(row["pts_ms"])) for row in journal}
    tracks: dict[int, list[Moment]] = {}
    for row in journal:
        regions: list[dict[str, object]] = row["regions"]  # type: ignore[assignment]
        for region in regions:
            box = np.array(region["xyxy"], np.float64)
            if region["label"] == "body" and int(str(region["track"])) >= 0 and box[3] - box[1] >= LEAST_HEIGHT:
                moment = Moment(int(str(region["track"])), int(str(row["frame"])), box)
                tracks.setdefault(moment.track, []).append(moment)
    first, later = [], []
    for seen in tracks.values():
        start = seen[0]
        away = [one for one in seen if times[one.frame] - times[start.frame] >= APART_MS and _apart(one.box, start.box)]
        if away:
            first.append(start)
            later += away[:: max(1, len(away) // PROBES)][:PROBES]
    return first, later


def _apart(one: F64, other: F64) -> bool:
    return bool((np.minimum(one[2:], other[2:]) <= np.maximum(one[:2], other[:2])).any())


def colours(person: U8) -> F32:
    """``(D,)`` histograms of hue, saturation and value of three stripes of ``(H, W, 3)`` BGR, as square roots."""
    hsv = cv2.cvtColor(person, cv2.COLOR_BGR2HSV)
    parts = [cv2.calcHist([part], [0, 1, 2], None, [8, 4, 4], [0, 180, 0, 256, 0, 256]) for part in np.array_split(hsv, STRIPES)]
    return np.sqrt(np.concatenate([part.reshape(-1) / part.sum() for part in parts])).astype(np.float32)


def looks(person: U8) -> F32:
    """``(D,)`` the person in 32 × 16 pixels and their edges' directions, each of length 1."""
    small = cv2.resize(person, (16, 32), interpolation=cv2.INTER_AREA)
    thumbnail = cv2.cvtColor(small, cv2.COLOR_BGR2LAB).astype(np.float32).reshape(-1)
    grey = cv2.cvtColor(cv2.resize(person, (64, 128), interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY)
    edges = np.asarray(cv2.HOGDescriptor().compute(grey)).reshape(-1)
    return np.concatenate([_unit(thumbnail - thumbnail.mean()), _unit(edges)]).astype(np.float32)


def outline(person: U8) -> F32:
    """``(1,)`` the mask's proportions alone."""
    return np.array([np.log(person.shape[1] / person.shape[0])], np.float32)


def _unit(values: F32) -> F32:
    return values / max(float(np.linalg.norm(values)), 1e-6)


FEATURES: Final[dict[str, Callable[[U8], F32]]] = {"colour histogram": colours, "looks": looks, "outline": outline}


def followed(data: Path, clips: Sequence[str] = CLIPS) -> Iterator[Row]:
    """Rows: how often a person is the nearest of all in the scene to how they looked before."""
    for clip in clips:
        with tempfile.TemporaryDirectory(prefix="bodies-") as folder:
            shown: dict[str, Path] = {"not hidden": data / clip}
            journal: list[dict[str, object]] = []
            for mode in MODES:
                print(f"bodies: {clip} with {mode}", file=sys.stderr, flush=True)
                place = Path(folder) / mode
                place.mkdir()
                run = Veilcast("balanced", mode).run(data / clip, place)
                shown[mode] = run.output
                if run.journal is not None:
                    journal = [json.loads(line) for line in run.journal.read_text().splitlines()]
            first, later = moments(journal)
            for mode, path in shown.items():
                yield from _rows(Path(clip).stem, mode, path, first, later)


def _rows(clip: str, mode: str, path: Path, first: list[Moment], later: list[Moment]) -> Iterator[Row]:
    people = {moment.track: number for number, moment in enumerate(first)}
    if len(people) < 2:
        return
    known, probes = cut_out(path, first), cut_out(path, later)
    right = np.array([people[moment.track] for moment in later], np.int64)
    for name, feature in FEATURES.items():
        gallery, asked = (np.array([feature(person) for person in some]) for some in (known, probes))
        scores = -np.linalg.norm(asked[:, None] - gallery[None], axis=2)
        figures = Score.of(ranks(scores, right), len(people)).figures()
        yield {"method": mode, "of": clip, "attack": f"person across frames: {name}"} | figures


def cut_out(path: Path, wanted: Sequence[Moment]) -> list[U8]:
    """``(H, W, 3)`` BGR pictures of each moment's box, in the order of ``wanted``."""
    found: dict[int, U8] = {}
    for number, (_, picture) in enumerate(pictures(path)):
        mine = [index for index, moment in enumerate(wanted) if moment.frame == number]
        if not mine:
            continue
        i420 = np.concatenate([plane.reshape(-1) for plane in (picture.y, picture.u, picture.v)])
        image = np.asarray(cv2.cvtColor(i420.reshape(-1, picture.y.shape[1]), cv2.COLOR_YUV2BGR_I420), np.uint8)
        for index in mine:
            box = wanted[index].box
            found[index] = crop(image, box, (int(box[3] - box[1]), int(box[2] - box[0])))
    return [found[index] for index in range(len(wanted))]
