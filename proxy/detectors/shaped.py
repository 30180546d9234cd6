"""One network, compiled for the shapes of the pictures it is shown."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

import cv2

from proxy.detectors.openvino_runtime import F32, CompiledNetwork, Normalisation, Runtime
from proxy.detectors.shrunk import Scaling, Shrunk
from proxy.errors import DetectorError
from proxy.media.planes import Planes
from proxy.vision.letterbox import Letterbox

KEPT_SHAPES: Final = 2
"""How many picture shapes stay compiled: a camera has one, and another for a moment when it changes."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    letterbox: Letterbox
    shrunk: Shrunk
    network: CompiledNetwork


class ShapedNetwork:
    """A network whose input follows the picture's shape; one caller at a time.

    Args:
        runtime: what runs it.
        weights: the ONNX file's content.
        name: the model's name in messages.
        normalisation: what its first layer expects.
        scaling: how the picture is scaled.
        long_side: longer side of the scaled picture, pixels.
        enlarge: how many times a small picture may be enlarged towards ``long_side``; 1 never enlarges.
    """

    def __init__(
        self,
        runtime: Runtime,
        weights: bytes,
        *,
        name: str,
        normalisation: Normalisation,
        scaling: Scaling,
        long_side: int,
        enlarge: float,
    ) -> None:
        self.name = name
        self._runtime = runtime
        self._model = runtime.read(weights, name=name)
        self._normalisation = normalisation
        self._scaling = scaling
        self._long_side = long_side
        self._enlarge = enlarge
        self._prepared: OrderedDict[tuple[int, int], _Prepared] = OrderedDict()

    def run(self, planes: Planes) -> tuple[Letterbox, list[F32]]:
        """How the picture lay in the input, and the network's outputs, valid until the next call.

        Raises:
            DetectorError: the picture could not be prepared, or the network failed.
            ModelError: the network does not compile for this shape.
        """
        prepared = self._prepare(planes)
        try:
            prepared.shrunk.bgr(planes, prepared.network.image)
        except cv2.error as error:
            raise DetectorError(f"{self.name} could not read a picture of {planes.y.shape}: {error.err}") from error
        return prepared.letterbox, prepared.network.infer()

    def _prepare(self, planes: Planes) -> _Prepared:
        height, width = planes.y.shape
        prepared = self._prepared.get((width, height))
        if prepared is None:
            letterbox = Letterbox.fit(width, height, long_side=self._input_side(max(width, height)))
            network = self._runtime.compile(self._model, self._normalisation, width=letterbox.width, height=letterbox.height)
            prepared = _Prepared(letterbox, Shrunk(letterbox, self._scaling), network)
            self._prepared[width, height] = prepared
            if len(self._prepared) > KEPT_SHAPES:
                self._prepared.popitem(last=False)
        self._prepared.move_to_end((width, height))
        return prepared

    def _input_side(self, picture_side: int) -> int:
        return min(self._long_side, round(picture_side * self._enlarge))
