"""YuNet: faces, down to about ten pixels.

W. Wu, H. Peng, S. Yu, "YuNet: A Tiny Millisecond-level Face Detector", Machine Intelligence Research 20, 2023. At each cell of
strides s = 8, 16, 32 it gives class c, objectness o and a box b: score = √(c·o), centre = (cell + b[:2])·s, size = exp(b[2:])·s.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np

from proxy.detectors.anchors import Anchors
from proxy.detectors.doubt import Doubt
from proxy.detectors.openvino_runtime import F32, Normalisation, Runtime
from proxy.detectors.shaped import ShapedNetwork
from proxy.detectors.shrunk import Scaling
from proxy.errors import DetectorError
from proxy.media.planes import Planes
from proxy.vision.boxes import size
from proxy.vision.detections import Detections, Label
from proxy.vision.nms import best, nms

STRIDES: Final = (8, 16, 32)
MAX_IOU: Final = 0.45
MAX_CANDIDATES: Final = 1500
"""Boxes that go into NMS, best first: bounds its cost and memory in a picture of nothing but faces."""

DOUBT: Final = Doubt(begins=48.0, full=128.0, score=0.5)
"""Of labelled faces of 128 pixels and more nine of ten score 0.66 and more; walls, cars and machines score up to 0.5."""


@lru_cache(maxsize=8)
def _anchors(width: int, height: int) -> Anchors:
    return Anchors.over(width, height, STRIDES)


def decode(outputs: Sequence[F32], *, width: int, height: int, min_score: float) -> tuple[F32, F32]:
    """Boxes ``(N, 4)`` float32 input pixels and scores ``(N,)`` float32 that a network's outputs stand for, before NMS.

    Args:
        outputs: class ``(A, 1)``, objectness ``(A, 1)``, box ``(A, 4)`` and landmarks ``(A, 10)``, each for three levels.
        width, height: the network's input.
        min_score: boxes that score less are left out.

    Raises:
        DetectorError: the outputs do not have the network's shapes, or hold NaN or infinity.
    """
    if len(outputs) != 12:
        raise DetectorError(f"yunet answered with {len(outputs)} arrays, expected 12")
    anchors = _anchors(width, height)
    scores = np.multiply(anchors.join(outputs[0:3], 1, name="yunet"), anchors.join(outputs[3:6], 1, name="yunet"))[:, 0]
    if not np.isfinite(scores).all():
        raise DetectorError("yunet answered with scores that are no numbers")
    np.sqrt(np.clip(scores, 0, 1, out=scores), out=scores)
    chosen = np.flatnonzero(scores >= min_score)
    chosen = chosen[best(scores[chosen], MAX_CANDIDATES)]
    raw = anchors.join(outputs[6:9], 4, name="yunet")[chosen]
    stride = anchors.stride[chosen, None]
    centre = (anchors.cell[chosen] + raw[:, :2]) * stride
    with np.errstate(over="ignore"):
        half = np.exp(raw[:, 2:]) * (stride / 2)
    if not (np.isfinite(centre).all() and np.isfinite(half).all()):
        raise DetectorError("yunet answered with boxes that are no numbers")
    return np.concatenate([centre - half, centre + half], axis=1), scores[chosen]


class YuNet:
    """Faces at one input size; one caller at a time.

    Args:
        runtime, weights: what runs it, and the ONNX file's content.
        long_side: longer side of the scaled picture, pixels.
        min_score: the least score a small face has; :data:`DOUBT` says what a larger one must have.
        enlarge: how many times a small picture may be enlarged.
        largest: boxes whose size in input pixels is larger are left out; a coarser look sees such things better.
    """

    def __init__(
        self,
        runtime: Runtime,
        weights: bytes,
        *,
        long_side: int,
        min_score: float,
        enlarge: float,
        largest: float = math.inf,
    ) -> None:
        self.name = f"yunet-{long_side}"
        self._min_score = min_score
        self._largest = largest
        self._network = ShapedNetwork(
            runtime,
            weights,
            name=self.name,
            normalisation=Normalisation(),
            scaling=Scaling.LINEAR,
            long_side=long_side,
            enlarge=enlarge,
        )

    def detect(self, planes: Planes) -> Detections:
        """Faces, in the picture's pixels.

        Raises:
            DetectorError: the network failed or answered with something that is no detection.
        """
        letterbox, outputs = self._network.run(planes)
        xyxy, score = decode(outputs, width=letterbox.width, height=letterbox.height, min_score=self._min_score)
        sizes = size(xyxy)
        usable = (sizes <= self._largest) & (score >= DOUBT.least_score(sizes, self._min_score))
        xyxy, score = xyxy[usable], score[usable]
        kept = nms(xyxy, score, max_iou=MAX_IOU)
        return Detections.of(letterbox.to_picture(xyxy[kept]), score[kept], Label.FACE)
