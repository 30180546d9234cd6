"""NanoDet-g: whole persons, from any side.

RangiLyu, "NanoDet", 2021; boxes as in X. Li et al., "Generalized Focal Loss", NeurIPS 2020: at each cell of strides s = 8, 16, 32
every side's distance is the expectation of a softmax over 0..10, times s, from the cell's centre.
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
CLASSES: Final = 80
PERSON: Final = 0
BINS: Final = np.arange(11, dtype=np.float32)
MAX_IOU: Final = 0.6
DOUBT: Final = Doubt(begins=96.0, full=200.0, score=0.3)
"""Weak boxes that large are groups of people with what lies between them, and shop fronts: without them the masks of a crowd hide a
third less of the picture, and a hundredth fewer of its people."""
MAX_CANDIDATES: Final = 1500
"""Boxes that go into NMS, best first: bounds its cost and memory in a picture of nothing but people."""

NORMALISATION: Final = Normalisation(mean=(103.53, 116.28, 123.675), scale=(57.375, 57.12, 58.395))


@lru_cache(maxsize=8)
def _anchors(width: int, height: int) -> Anchors:
    return Anchors.over(width, height, STRIDES)


def decode(outputs: Sequence[F32], *, width: int, height: int, min_score: float) -> tuple[F32, F32]:
    """Boxes ``(N, 4)`` float32 input pixels and scores ``(N,)`` float32 of persons, before NMS.

    Args:
        outputs: class scores ``(A, 80)`` for three levels, then side distributions ``(A, 44)`` for three levels.
        width, height: the network's input.
        min_score: boxes that score less are left out.

    Raises:
        DetectorError: the outputs do not have the network's shapes, or hold NaN or infinity.
    """
    if len(outputs) != 6:
        raise DetectorError(f"nanodet answered with {len(outputs)} arrays, expected 6")
    anchors = _anchors(width, height)
    _check_classes(outputs[:3])
    scores = anchors.join([level[:, PERSON : PERSON + 1] for level in outputs[:3]], 1, name="nanodet")[:, 0]
    if not np.isfinite(scores).all():
        raise DetectorError("nanodet answered with scores that are no numbers")
    chosen = np.flatnonzero(scores >= min_score)
    chosen = chosen[best(scores[chosen], MAX_CANDIDATES)]
    sides = anchors.join(outputs[3:], 4 * len(BINS), name="nanodet")[chosen].reshape(-1, 4, len(BINS))
    distance = _expectation(sides) * anchors.stride[chosen, None]
    centre = (anchors.cell[chosen] + np.float32(0.5)) * anchors.stride[chosen, None]
    xyxy = np.concatenate([centre - distance[:, :2], centre + distance[:, 2:]], axis=1)
    if not np.isfinite(xyxy).all():
        raise DetectorError("nanodet answered with boxes that are no numbers")
    return xyxy, np.minimum(scores[chosen], 1)


def _check_classes(levels: Sequence[F32]) -> None:
    if any(level.ndim != 2 or level.shape[1] != CLASSES for level in levels):
        raise DetectorError(f"nanodet answered with arrays of {[level.shape for level in levels]}, expected {CLASSES} classes")


def _expectation(logits: F32) -> F32:
    """``(N, 4)`` expected bin under the softmax of ``logits`` ``(N, 4, bins)``; NaN where a logit is no finite number."""
    with np.errstate(invalid="ignore"):
        weight = np.exp(logits - logits.max(axis=2, keepdims=True))
        return np.asarray((weight @ BINS) / weight.sum(axis=2), np.float32)


class NanoDet:
    """Persons at one input size; one caller at a time.

    Args:
        runtime, weights: what runs it, and the ONNX file's content.
        long_side: longer side of the scaled picture, pixels.
        min_score: the least score a small person has; :data:`DOUBT` says what a larger one must have.
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
        self.name = f"nanodet-{long_side}"
        self._min_score = min_score
        self._largest = largest
        self._network = ShapedNetwork(
            runtime,
            weights,
            name=self.name,
            normalisation=NORMALISATION,
            scaling=Scaling.AREA,
            long_side=long_side,
            enlarge=enlarge,
        )

    def detect(self, planes: Planes) -> Detections:
        """Persons, in the picture's pixels.

        Raises:
            DetectorError: the network failed or answered with something that is no detection.
        """
        letterbox, outputs = self._network.run(planes)
        xyxy, score = decode(outputs, width=letterbox.width, height=letterbox.height, min_score=self._min_score)
        sizes = size(xyxy)
        usable = (sizes > 0) & (sizes <= self._largest) & (score >= DOUBT.least_score(sizes, self._min_score))
        xyxy, score = xyxy[usable], score[usable]
        kept = nms(xyxy, score, max_iou=MAX_IOU)
        return Detections.of(letterbox.to_picture(xyxy[kept]), score[kept], Label.BODY)
