"""CenterFace: faces as points with a size. A second opinion: nothing is masked by it, so that what masking misses it may see.

Y. Xu, W. Yan et al., "CenterFace: Joint Face Detection and Alignment Using Face as Point", arXiv 1911.03599, 2019. At each cell of
stride s = 4 it gives the heat h, the logarithm of height and width l and the offset o of the centre, down before across:
score = h, centre = (cell + o + 1/2)·s, size = exp(l)·s.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from proxy.detectors.openvino_runtime import F32, Normalisation, Runtime
from proxy.detectors.shaped import ShapedNetwork
from proxy.detectors.shrunk import Scaling
from proxy.errors import DetectorError
from proxy.media.planes import Planes
from proxy.vision.detections import Detections, Label
from proxy.vision.nms import best, nms

STRIDE: Final = 4
MAX_IOU: Final = 0.3
MAX_CANDIDATES: Final = 500
"""Boxes that go into NMS, best first: bounds its cost in a picture of nothing but faces."""


def decode(outputs: Sequence[F32], *, width: int, height: int, min_score: float) -> tuple[F32, F32]:
    """Boxes ``(N, 4)`` float32 input pixels and scores ``(N,)`` float32 that the network's outputs stand for, before NMS.

    Args:
        outputs: heat ``(1, h, w)``, log height and width ``(2, h, w)``, offsets ``(2, h, w)``, and landmarks.
        width, height: the network's input.
        min_score: boxes that score less are left out.

    Raises:
        DetectorError: the outputs do not have the network's shapes, or hold NaN or infinity.
    """
    cells = (height // STRIDE, width // STRIDE)
    if [part.shape for part in outputs[:3]] != [(1, *cells), (2, *cells), (2, *cells)]:
        raise DetectorError(f"centerface answered with {[part.shape for part in outputs]}, expected maps of {cells}")
    heat, sides, offset = outputs[0][0], outputs[1], outputs[2]
    if not np.isfinite(heat).all():
        raise DetectorError("centerface answered with scores that are no numbers")
    down, across = np.nonzero(heat >= min_score)
    chosen = best(heat[down, across], MAX_CANDIDATES)
    down, across = down[chosen], across[chosen]
    place = np.stack([across + offset[1, down, across], down + offset[0, down, across]], axis=1)
    centre = (place + 0.5) * STRIDE
    with np.errstate(over="ignore"):
        half = np.exp(np.stack([sides[1, down, across], sides[0, down, across]], axis=1)) * (STRIDE / 2)
    if not (np.isfinite(centre).all() and np.isfinite(half).all()):
        raise DetectorError("centerface answered with boxes that are no numbers")
    return np.concatenate([centre - half, centre + half], axis=1).astype(np.float32), heat[down, across]


class CenterFace:
    """Faces at one input size; one caller at a time.

    Args:
        runtime, weights: what runs it, and the ONNX file's content.
        long_side: longer side of the scaled picture, pixels.
        min_score: the least score of what is reported.
    """

    def __init__(self, runtime: Runtime, weights: bytes, *, long_side: int, min_score: float) -> None:
        self.name = f"centerface-{long_side}"
        self._min_score = min_score
        self._network = ShapedNetwork(
            runtime,
            weights,
            name=self.name,
            normalisation=Normalisation(red_first=True),
            scaling=Scaling.AREA,
            long_side=long_side,
            enlarge=1.0,
        )

    def detect(self, planes: Planes) -> Detections:
        """Faces, in the picture's pixels.

        Raises:
            DetectorError: the network failed or answered with something that is no detection.
        """
        letterbox, outputs = self._network.run(planes)
        xyxy, score = decode(outputs, width=letterbox.width, height=letterbox.height, min_score=self._min_score)
        kept = nms(xyxy, score, max_iou=MAX_IOU)
        return Detections.of(letterbox.to_picture(xyxy[kept]), score[kept], Label.FACE)
