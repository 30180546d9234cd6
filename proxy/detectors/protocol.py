"""What the anonymise stage asks of anything that looks for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from proxy.media.planes import Planes
from proxy.vision.detections import Detections
from proxy.vision.tiles import Tile


class Detector(Protocol):
    """Looks at one picture. Called from one thread at a time; a detector may keep buffers between calls."""

    @property
    def name(self) -> str:
        """Model and input size, as logs, reports and claims name it: ``yunet-640``."""
        ...

    def detect(self, planes: Planes) -> Detections:
        """Everything found in the picture, in its full pixels, after NMS; also low scores, which tracks may confirm.

        Raises:
            DetectorError: the model failed or answered with something that is no detection.
        """
        ...


class CloseDetector(Protocol):
    """Looks closely at parts of a picture. Called from one thread at a time."""

    def tiles(self, width: int, height: int) -> tuple[Tile, ...]:
        """The parts of a picture of ``width`` × ``height`` pixels; together they cover it."""
        ...

    def detect_in(self, planes: Planes, tiles: Sequence[Tile]) -> Detections:
        """Everything found in these parts, in the picture's full pixels, after NMS; also low scores.

        Raises:
            DetectorError: the model failed or answered with something that is no detection.
        """
        ...
