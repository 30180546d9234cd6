"""Which detectors look, by how much accuracy is asked for."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
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
from proxy.tracking.rules import BODY_RULES, FACE_RULES


class Accuracy(StrEnum):
    """How hard the detectors look: what they find grows with what they cost."""

    LIGHT = "light"
    BALANCED = "balanced"
    MAX = "max"


@dataclass(frozen=True, slots=True)
class Recipe:
    """How each pass looks; sizes are the longer side of the scaled picture, pixels.

    Attributes:
        faces: faces in the whole picture.
        bodies: persons in the whole picture.
        detail: faces and persons in parts of the picture, each scaled as if the whole had this size.
        near_faces: whether an unrelated model looks for near faces too.
        persons: the model that looks for persons, by its name in the manifest.
    """

    faces: int
    bodies: int
    detail: int
    near_faces: bool
    persons: str

    @property
    def models(self) -> tuple[str, ...]:
        """The models it needs, by their names in the manifest."""
        return (YUNET, self.persons, NEAR_FACES) if self.near_faces else (YUNET, self.persons)


YUNET: Final = "yunet"
NANODET: Final = "nanodet"
NANODET_INT8: Final = "nanodet-int8"
NEAR_FACES: Final = "blazeface-full-range"

RECIPES: Final = {
    Accuracy.LIGHT: Recipe(faces=480, bodies=416, detail=960, near_faces=False, persons=NANODET_INT8),
    Accuracy.BALANCED: Recipe(faces=640, bodies=640, detail=1280, near_faces=True, persons=NANODET_INT8),
    Accuracy.MAX: Recipe(faces=960, bodies=640, detail=1920, near_faces=True, persons=NANODET),
}

LARGEST_FACE: Final = 96.0
LARGEST_BODY: Final = 200.0
"""Up to this size, in pixels of the scaled picture, a close look is the better one. Of what is larger it sees parts: it calls
walls and machines faces, and halves of people people, and a large mistake hides much. A look at the whole is sure of those."""
TILE_SIDE: Final = 256
TILE_OVERLAP: Final = 80
"""The most pixels of a tile's sides and the least that neighbours share, scaled: whoever is larger is seen in the whole."""

# The least scores that are reported are the least that tracks take: they confirm weak detections, and start only from strong ones.
MIN_FACE_SCORE: Final = FACE_RULES.low
MIN_NEAR_FACE_SCORE: Final = 0.6
MIN_BODY_SCORE: Final = BODY_RULES.low

ENLARGE: Final = 2.0
"""How many times a small picture is enlarged at most: up to here more small faces are found, beyond it fewer."""


@dataclass(frozen=True, slots=True)
class Suite:
    """A detector for every pass.

    Those of :attr:`Pass.FACES` share nothing with the others: they may run in a thread of their own.

    Attributes:
        detectors: which detector answers for which pass that sees the whole picture.
        detail: answers for :attr:`Pass.DETAIL`.
        models: the weight files in use, as reports name them.
    """

    detectors: Mapping[Pass, Detector]
    detail: Tiled
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
        for detector in (*self.detectors.values(), self.detail):
            detector.detect(black)

    def close(self) -> None:
        """Let the models go; no detector may be running."""
        if self._near_faces is not None:
            self._near_faces.close()


def build(
    accuracy: Accuracy,
    *,
    bodies: bool = True,
    device: Device = Device.AUTO,
    threads: int = 1,
    store: ModelStore | None = None,
) -> Suite:
    """The detectors of ``accuracy``.

    Args:
        accuracy: how hard to look.
        bodies: whether persons are looked for, or faces alone.
        device: what runs the networks.
        threads: CPU threads of one inference.
        store: where the weights lie; the proxy's own by default.

    Raises:
        ModelError: a weight file is missing, altered or unusable.
    """
    recipe = RECIPES[accuracy]
    store = store or ModelStore.open()
    weights = {name: store.load(name) for name in recipe.models}
    runtime = Runtime(device, threads=threads)

    def face(long_side: int, largest: float = math.inf) -> YuNet:
        return YuNet(runtime, weights[YUNET], long_side=long_side, min_score=MIN_FACE_SCORE, enlarge=ENLARGE, largest=largest)

    def body(long_side: int, largest: float = math.inf) -> NanoDet:
        return NanoDet(
            runtime, weights[recipe.persons], long_side=long_side, min_score=MIN_BODY_SCORE, enlarge=ENLARGE, largest=largest
        )

    near = MediapipeFace(weights[NEAR_FACES], name=NEAR_FACES, min_score=MIN_NEAR_FACE_SCORE) if recipe.near_faces else None
    nearby = [near] if near else []
    close: list[Detector] = [face(TILE_SIDE, LARGEST_FACE)]
    detectors: dict[Pass, Detector]
    if bodies:
        detectors = {Pass.FACES: face(recipe.faces), Pass.BODIES: together([body(recipe.bodies), *nearby])}
        close.append(body(TILE_SIDE, LARGEST_BODY))
    else:
        detectors = {Pass.FACES: together([face(recipe.faces), *nearby])}
    detail = Tiled(together(close), long_side=recipe.detail, enlarge=ENLARGE, side=TILE_SIDE, overlap=TILE_OVERLAP)
    return Suite(detectors, detail, _used(store, recipe), near)


def models_of(accuracy: Accuracy, *, store: ModelStore | None = None) -> tuple[ModelUsed, ...]:
    """The weight files that an accuracy uses, as reports name them; none is loaded.

    Raises:
        ModelError: the manifest cannot be read.
    """
    return _used(store or ModelStore.open(), RECIPES[accuracy])


def _used(store: ModelStore, recipe: Recipe) -> tuple[ModelUsed, ...]:
    return tuple(ModelUsed.of(store.find(name)) for name in recipe.models)


def together(detectors: Sequence[Detector]) -> Detector:
    """Several detectors as one; a single one as itself."""
    return detectors[0] if len(detectors) == 1 else Ensemble(detectors)
