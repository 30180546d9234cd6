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
class Look:
    """One look at a picture.

    Attributes:
        long_side: the picture is scaled so that its longer side has so many pixels.
        largest: what is larger than this in the scaled picture is left to a coarser look.
        tiles: the picture is looked at in so many parts, each scaled to ``long_side``.
    """

    long_side: int
    largest: float = math.inf
    tiles: int = 1


@dataclass(frozen=True, slots=True)
class Recipe:
    """The looks of each pass, and whether an unrelated model looks for near faces together with the large-faces pass."""

    faces: tuple[Look, ...]
    large_faces: tuple[Look, ...]
    bodies: tuple[Look, ...]
    near_faces: bool

    @property
    def models(self) -> tuple[str, ...]:
        """The models it needs, by their names in the manifest."""
        return (YUNET, NANODET, NEAR_FACES) if self.near_faces else (YUNET, NANODET)


YUNET: Final = "yunet"
NANODET: Final = "nanodet"
NEAR_FACES: Final = "blazeface-full-range"

LARGEST_FACE: Final = 96.0
LARGEST_BODY: Final = 200.0
"""Up to this size, in pixels of the scaled picture, a fine look is the better one. Of what is larger it sees parts: it calls
walls and machines faces, and halves of people people, and a large mistake hides much. A look at half the scale is sure of those."""

# Two scales find near and far persons together: one scale alone loses either those who fill the picture or those far away.
FINE_FACES: Final = Look(1280, LARGEST_FACE)
RECIPES: Final = {
    Accuracy.LIGHT: Recipe((Look(640),), (FINE_FACES,), (Look(640),), near_faces=False),
    Accuracy.BALANCED: Recipe((Look(640),), (FINE_FACES,), (Look(416), Look(960, LARGEST_BODY)), near_faces=True),
    Accuracy.MAX: Recipe(
        (Look(960),),
        (FINE_FACES, Look(1280, LARGEST_FACE, tiles=2)),
        (Look(416), Look(640, LARGEST_BODY), Look(640, LARGEST_BODY, tiles=2)),
        near_faces=True,
    ),
}

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
    weights = {name: store.load(name) for name in recipe.models}
    runtime = Runtime(device, threads=threads)

    def face(look: Look) -> Detector:
        found = YuNet(
            runtime, weights[YUNET], long_side=look.long_side, min_score=MIN_FACE_SCORE, enlarge=ENLARGE, largest=look.largest
        )
        return Tiled(found, count=look.tiles) if look.tiles > 1 else found

    def body(look: Look) -> Detector:
        found = NanoDet(
            runtime, weights[NANODET], long_side=look.long_side, min_score=MIN_BODY_SCORE, enlarge=ENLARGE, largest=look.largest
        )
        return Tiled(found, count=look.tiles) if look.tiles > 1 else found

    large_faces = [face(look) for look in recipe.large_faces]
    near = None
    if recipe.near_faces:
        near = MediapipeFace(weights[NEAR_FACES], name=NEAR_FACES, min_score=MIN_NEAR_FACE_SCORE)
        large_faces.append(near)
    detectors = {
        Pass.FACES: _together([face(look) for look in recipe.faces]),
        Pass.LARGE_FACES: _together(large_faces),
        Pass.BODIES: _together([body(look) for look in recipe.bodies]),
    }
    return Suite(detectors, _used(store, recipe), near)


def models_of(accuracy: Accuracy, *, store: ModelStore | None = None) -> tuple[ModelUsed, ...]:
    """The weight files that an accuracy uses, as reports name them; none is loaded.

    Raises:
        ModelError: the manifest cannot be read.
    """
    return _used(store or ModelStore.open(), RECIPES[accuracy])


def _used(store: ModelStore, recipe: Recipe) -> tuple[ModelUsed, ...]:
    return tuple(ModelUsed.of(store.find(name)) for name in recipe.models)


def _together(detectors: Sequence[Detector]) -> Detector:
    return detectors[0] if len(detectors) == 1 else Ensemble(detectors)
