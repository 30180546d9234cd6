"""Which detectors look, by how much accuracy is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from proxy.detectors.ensemble import Ensemble
from proxy.detectors.mediapipe_face import MediapipeFace
from proxy.detectors.nanodet import NanoDet
from proxy.detectors.openvino_runtime import Device, Runtime
from proxy.detectors.protocol import Detector
from proxy.detectors.tiled import Tiled
from proxy.detectors.weights import ModelStore, ModelUsed
from proxy.detectors.yunet import YuNet
from proxy.masking.passes import Pass
from proxy.media.formats import VideoFormat
from proxy.media.planes import Planes


class Accuracy(StrEnum):
    """How hard the detectors look: what they find grows with what they cost."""

    LIGHT = "light"
    BALANCED = "balanced"
    MAX = "max"


@dataclass(frozen=True, slots=True)
class Recipe:
    """The detectors of one accuracy: long sides in pixels, numbers of tiles, and how often a small picture is enlarged."""

    faces: int
    large_faces: int
    large_faces_tiles: int
    bodies: int
    bodies_tiles: int
    enlarge: float
    near_faces: bool


RECIPES: Final = {
    Accuracy.LIGHT: Recipe(640, 1280, 0, 640, 0, 1.25, near_faces=False),
    Accuracy.BALANCED: Recipe(640, 1280, 0, 960, 0, 1.5, near_faces=True),
    Accuracy.MAX: Recipe(960, 1920, 2, 960, 2, 2.0, near_faces=True),
}

MIN_FACE_SCORE: Final = 0.2
MIN_NEAR_FACE_SCORE: Final = 0.5
MIN_BODY_SCORE: Final = 0.08


@dataclass(frozen=True, slots=True)
class Suite:
    """A detector for every pass.

    Those of :attr:`Pass.FACES` share nothing with the others: they may run in a thread of their own.

    Attributes:
        detectors: which detector answers for which pass.
        models: the weight files in use, as reports name them.
    """

    detectors: Mapping[Pass, Detector]
    models: tuple[ModelUsed, ...]
    _near_faces: MediapipeFace | None = None

    def warm(self, *, width: int, height: int) -> None:
        """Compile for pictures of this size now, so that the first frame does not wait for it.

        Raises:
            ModelError: a model does not compile.
            DetectorError: a detector fails on a black picture.
        """
        shape = VideoFormat(width, height)
        black = Planes.of_buffer(np.zeros(shape.buffer_shape, np.uint8), shape)
        for detector in self.detectors.values():
            detector.detect(black)

    def close(self) -> None:
        """Let the models go; no detector may be running."""
        if self._near_faces is not None:
            self._near_faces.close()


def build(accuracy: Accuracy, *, device: Device = Device.AUTO, threads: int = 1, store: ModelStore | None = None) -> Suite:
    """The detectors of ``accuracy``.

    Args:
        accuracy: how hard to look.
        device: what runs the networks.
        threads: CPU threads of one inference.
        store: where the weights lie; the proxy's own by default.

    Raises:
        ModelError: a weight file is missing, altered or unusable.
    """
    recipe = RECIPES[accuracy]
    store = store or ModelStore.open()
    runtime = Runtime(device, threads=threads)
    yunet, nanodet = store.load("yunet"), store.load("nanodet")
    used = ["yunet", "nanodet"]
    faces: Detector = YuNet(runtime, yunet, long_side=recipe.faces, min_score=MIN_FACE_SCORE, enlarge=recipe.enlarge)
    large: Detector = YuNet(runtime, yunet, long_side=recipe.large_faces, min_score=MIN_FACE_SCORE, enlarge=recipe.enlarge)
    bodies: Detector = NanoDet(runtime, nanodet, long_side=recipe.bodies, min_score=MIN_BODY_SCORE, enlarge=recipe.enlarge)
    near = None
    if recipe.large_faces_tiles:
        large = Ensemble([large, Tiled(large, count=recipe.large_faces_tiles)])
    if recipe.near_faces:
        near = MediapipeFace(store.load("blazeface-full-range"), name="blazeface-full-range", min_score=MIN_NEAR_FACE_SCORE)
        large = Ensemble([large, near])
        used.append("blazeface-full-range")
    if recipe.bodies_tiles:
        bodies = Ensemble([bodies, Tiled(bodies, count=recipe.bodies_tiles)])
    detectors = {Pass.FACES: faces, Pass.LARGE_FACES: large, Pass.BODIES: bodies}
    return Suite(detectors, tuple(ModelUsed.of(store.find(name)) for name in used), near)
