"""Cuts the heads and shoulders for the sample clips out of photographs in the public domain; run once, ``faces/`` is committed.

``pip install scikit-image matplotlib`` and ``pip download --no-binary :all: --no-deps face_recognition`` bring the photographs;
``python -m sample_videos.cutouts FACE_RECOGNITION.tar.gz`` then writes ``faces/NAME.png`` (RGBA, heads 132 pixels high).
"""

from __future__ import annotations

import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]

FACES: Final = Path(__file__).parent / "faces"
HEAD_HEIGHT: Final = 132
"""Height of every head in ``faces/``, crown to chin, in pixels."""


@dataclass(frozen=True, slots=True)
class Photograph:
    """Where a person is in a photograph, as fractions of its width and height.

    ``head`` runs from the crown to the chin and from ear to ear (x1, y1, x2, y2); ``bust`` is what is kept: head and shoulders.
    """

    name: str
    head: tuple[float, float, float, float]
    bust: tuple[float, float, float, float]


PHOTOGRAPHS: Final = (
    Photograph("collins", (0.327, 0.035, 0.560, 0.360), (0.13, 0.0, 0.72, 0.60)),
    Photograph("hopper", (0.300, 0.045, 0.740, 0.560), (0.02, 0.0, 1.0, 0.98)),
    Photograph("obama", (0.365, 0.025, 0.700, 0.345), (0.08, 0.0, 0.98, 0.64)),
    Photograph("obama_speech", (0.30, 0.135, 0.86, 0.475), (0.0, 0.06, 1.0, 0.56)),
    Photograph("biden", (0.375, 0.035, 0.705, 0.235), (0.0, 0.0, 1.0, 0.37)),
)


def _read(name: str, archive: Path) -> U8:
    if name == "collins":
        from skimage import data  # type: ignore[import-not-found,unused-ignore]

        return np.asarray(cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR), np.uint8)
    if name == "hopper":
        from matplotlib import cbook

        return _decoded(Path(str(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))).read_bytes())
    wanted = {"obama": "obama.jpg", "obama_speech": "obama2.jpg", "biden": "biden.jpg"}[name]
    with tarfile.open(archive) as tar:
        member = next(member for member in tar.getmembers() if member.name.endswith(f"test_images/{wanted}"))
        file = tar.extractfile(member)
        if file is None:
            raise FileNotFoundError(f"{archive}: {member.name} is not a file")
        return _decoded(file.read())


def _decoded(data: bytes) -> U8:
    return np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def _cut(picture: U8, photograph: Photograph) -> tuple[U8, list[float]]:
    """The bust as ``(H, W, 4)`` BGRA scaled to ``HEAD_HEIGHT``, and the head's box in it (x1, y1, x2, y2, pixels)."""
    height, width = picture.shape[:2]
    x1, y1, x2, y2 = (np.array(photograph.bust) * [width, height, width, height]).astype(int)
    head = np.array(photograph.head) * [width, height, width, height] - [x1, y1, x1, y1]
    scale = HEAD_HEIGHT / (head[3] - head[1])
    bust = np.asarray(cv2.resize(picture[y1:y2, x1:x2], None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    head *= scale
    alpha = _matte(bust, head)
    return np.dstack([bust, alpha]), head.round(1).tolist()


def _matte(bust: U8, head: NDArray[np.float64]) -> U8:
    """``(H, W)`` alpha: GrabCut, told that an ellipse in the head and a block below it are the person, the rest unknown."""
    height, width = bust.shape[:2]
    centre = (head[:2] + head[2:]) / 2
    half = (head[2:] - head[:2]) / 2
    mask = np.full((height, width), cv2.GC_PR_BGD, np.uint8)
    cv2.ellipse(mask, _point(centre), _point(half * [1.25, 1.2]), 0, 0, 360, int(cv2.GC_PR_FGD), -1)
    chin = int(head[3])
    shoulders = np.array(
        [
            [centre[0] - half[0] * 0.9, chin],
            [centre[0] + half[0] * 0.9, chin],
            [width, chin + HEAD_HEIGHT * 0.9],
            [width, height],
            [0, height],
            [0, chin + HEAD_HEIGHT * 0.9],
        ]
    )
    cv2.fillPoly(mask, [shoulders.astype(np.int32)], int(cv2.GC_PR_FGD))
    cv2.ellipse(mask, _point(centre), _point(half * [0.8, 0.88]), 0, 0, 360, int(cv2.GC_FGD), -1)
    cv2.rectangle(mask, (int(centre[0] - half[0] * 0.9), chin + 30), (int(centre[0] + half[0] * 0.9), height), int(cv2.GC_FGD), -1)
    outside = np.full((height, width), 255, np.uint8)
    cv2.ellipse(outside, _point(centre), _point(half * [1.26, 1.1]), 0, 0, 360, 0, -1)
    mask[(outside > 0) & (np.arange(height)[:, None] < chin - 12)] = cv2.GC_BGD
    cv2.setRNGSeed(7)
    cv2.grabCut(bust, mask, (0, 0, 1, 1), np.zeros((1, 65)), np.zeros((1, 65)), 6, cv2.GC_INIT_WITH_MASK)
    person = np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8) * 255
    count, parts, stats, _ = cv2.connectedComponentsWithStats(person)
    person = np.where(parts == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA])), 255, 0).astype(np.uint8) if count > 1 else person
    closed = cv2.morphologyEx(person, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (15, 15)))
    return np.asarray(cv2.GaussianBlur(cv2.erode(closed, np.ones((3, 3), np.uint8)), (0, 0), 1.3), np.uint8)


def _point(xy: NDArray[np.float64]) -> tuple[int, int]:
    return int(xy[0]), int(xy[1])


def main() -> None:
    """Write ``faces/``."""
    heads = {}
    for photograph in PHOTOGRAPHS:
        bust, heads[photograph.name] = _cut(_read(photograph.name, Path(sys.argv[1])), photograph)
        cv2.imwrite(str(FACES / f"{photograph.name}.png"), bust)
    print(heads)


if __name__ == "__main__":
    main()
