"""What a net under the detectors would catch that covers whatever moves unexplained: ``python -m benchmarks.motion --help``.

The product's command runs, its journal says what it painted, and a textbook background model (OpenCV's MOG2 on half the size, as
for a camera that does not move) says which cells changed. Cells that changed and were not painted are the net's. Counted are labels
of which at least four fifths are painted, without the net and with it, and the share of the picture that each takes.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.detail import EXPOSED_SHARE, Picture
from benchmarks.exposure import DATA_VARIABLE
from benchmarks.footage import Clip, pictures
from benchmarks.journal import Journal, inside
from benchmarks.machine import describe
from benchmarks.sets import escalator as crowd
from benchmarks.sets import nobody, samples, track_crossing
from benchmarks.tools import Veilcast

Bools = NDArray[np.bool_]

CELL: Final = 16
CHANGED: Final = 0.25
"""The share of a cell that must have changed."""
LEARNING: Final = 30
"""Frames of which the net only learns the background; they are not counted."""


class Net:
    """Cells of a fixed camera's picture that are not its background."""

    def __init__(self) -> None:
        self._background = cv2.createBackgroundSubtractorMOG2(history=120, varThreshold=25, detectShadows=True)

    def over(self, picture: Picture, painted: Bools) -> Bools:
        """``(H, W)`` pixels of cells that changed and are not in ``painted``, and of those beside them."""
        height, width = painted.shape
        small = cv2.GaussianBlur(cv2.resize(picture.y, (width // 2, height // 2), interpolation=cv2.INTER_AREA), (5, 5), 0)
        moved = (self._background.apply(small) == 255).astype(np.uint8)  # shadows are 127
        changed = cv2.morphologyEx(moved, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
        cells = (width // CELL, height // CELL)
        shares = [cv2.resize(one.astype(np.float32), cells, interpolation=cv2.INTER_AREA) for one in (changed, painted)]
        caught = ((shares[0] > CHANGED) & (shares[1] < 0.5)).astype(np.uint8)
        beside = cv2.dilate(caught, np.ones((3, 3), np.uint8))
        return cv2.resize(beside, (width, height), interpolation=cv2.INTER_NEAREST).astype(np.bool_)


def measure(clip: Clip, tool: Veilcast) -> dict[str, object]:
    """What the net adds to one clip."""
    areas, labels = [], {kind: [0, 0, 0] for kind in clip.labels}
    net = Net()
    with tempfile.TemporaryDirectory() as folder:
        journal = tool.run(clip.path, Path(folder)).journal
        if journal is None:
            raise AssertionError("veilcast keeps a journal")
        boxes = Journal(journal)
    for frame, (_, picture) in enumerate(pictures(clip.path)):
        painted = boxes.painted(frame, *reversed(picture.y.shape))
        both = painted | net.over(picture, painted)
        if frame < LEARNING:
            continue
        areas.append((painted.mean(), both.mean()))
        for kind, frames in clip.labels.items():
            if frame in frames:
                bare = [int((inside(one, frames[frame].xyxy) < 1 - EXPOSED_SHARE).sum()) for one in (painted, both)]
                labels[kind] = [count + more for count, more in zip(labels[kind], (len(frames[frame].xyxy), *bare), strict=True)]
    without, with_net = np.mean(areas, axis=0)
    told = {kind: dict(zip(("labels", "bare", "bare_with_net"), counts, strict=True)) for kind, counts in labels.items()}
    return {"frames": len(areas), "area": round(float(without), 4), "area_with_net": round(float(with_net), 4), "labels": told}


def main(argv: Sequence[str]) -> int:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.motion", description=__doc__.split(":")[0] if __doc__ else "")
    parser.add_argument(
        "--data", type=Path, default=os.environ.get(DATA_VARIABLE), help=f"evaluation material; else ${DATA_VARIABLE}"
    )
    parser.add_argument("--accuracy", choices=("light", "balanced", "max"), default="balanced")
    parser.add_argument("--out", type=Path, help="where the figures go, JSON")
    asked = parser.parse_args(argv)
    if asked.data is None:
        parser.error(f"say where the evaluation material is: --data DIR or ${DATA_VARIABLE}")
    tool, found = Veilcast(asked.accuracy, "face,head,body"), dict[str, object]()
    for clip in [clip for of in (crowd, track_crossing, nobody, samples) for clip in of(asked.data, Path())]:
        found[clip.name] = measure(clip, tool)
        sys.stdout.write(f"{clip.name}: {json.dumps(found[clip.name])}\n")
        sys.stdout.flush()
    if asked.out:
        asked.out.write_text(
            json.dumps(describe() | {"accuracy": asked.accuracy, "clips": found}, indent=1) + "\n", encoding="utf-8"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
