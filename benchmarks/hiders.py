"""Ways of hiding a head, as attacks see them: the product's, through its own gate, and what others do."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.people import Photo
from proxy.anonymiser import Anonymiser
from proxy.masking.policy import MaskPolicy, Target
from proxy.masking.regions import Covered, regions
from proxy.media.formats import VideoFormat
from proxy.media.raw import RawFrame
from proxy.redactors.method import Method

U8 = NDArray[np.uint8]
F64 = NDArray[np.float64]

HEAD: Final = MaskPolicy(targets=frozenset({Target.FACE, Target.HEAD}))
"""Only heads: what is left around them helps an attack most."""
WEAK: Final = 1 / 12
"""Sigma of the weak blur in widths of the face."""
GAUSSIAN_SIGMA: Final = 0.3 * ((99 - 1) * 0.5 - 1) + 0.8
"""Sigma that OpenCV gives a Gaussian of 99 pixels, pixels."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """A picture that may leave.

    Attributes:
        image: ``(H, W, 3)`` uint8 BGR.
        box: ``(4,)`` float64 xyxy pixels, what was painted of the person; an attack sees where that is.
        face: ``(4,)`` float64 xyxy pixels, where the face must be in it.
    """

    image: U8
    box: F64
    face: F64


class Hider(Protocol):
    """A way of hiding."""

    @property
    def name(self) -> str:
        """As tables name it."""
        ...

    def hide(self, photo: Photo, *, pts: int = 0, track: int = 0) -> Hidden:
        """The photograph with the head hidden; a new person has a new ``track``, and time goes on from picture to picture."""
        ...


class Product:
    """The product's method ``method``: boxes as its policy pads them, painted and sealed by its gate."""

    def __init__(self, method: Method, policy: MaskPolicy = HEAD, *, name: str = "") -> None:
        self.name = name or method.value
        self._policy = policy
        self._gate = Anonymiser(method.build())

    def hide(self, photo: Photo, *, pts: int = 0, track: int = 0) -> Hidden:
        """See :class:`Hider`."""
        height, width = photo.image.shape[:2]
        raw = RawFrame(photo.planes, VideoFormat(width, height), pts, None, 0)
        frame = self._gate.anonymise(raw, regions(_seen(photo.face, track), Covered.nobody(), self._policy))
        if frame.cover is not None:
            raise RuntimeError(f"the gate covered the whole picture: {frame.cover}")
        image = np.asarray(cv2.cvtColor(frame.buffer, cv2.COLOR_YUV2BGR_I420), np.uint8)
        box = frame.regions.xyxy[0].astype(np.float64)
        frame.release()
        return Hidden(image, box, _face_in(box))


def _seen(face: F64, track: int) -> Covered:
    """A face that was seen for sure, again and again."""
    return Covered(face[None], np.array([track]), np.array([9]), face[None], np.array([True]))


def _face_in(box: F64) -> F64:
    """Where the face is in the head that the policy padded: what anybody can work out from the mask."""
    pads = HEAD.head
    width, height = (box[2] - box[0]) / (1 + 2 * pads.left_right), (box[3] - box[1]) / (1 + pads.up + pads.down)
    x, y = box[0] + pads.left_right * width, box[1] + pads.up * height
    return np.array([x, y, x + width, y + height])


@dataclass(frozen=True, slots=True)
class Painted:
    """What somebody else's filter does to the box of a head, or of a face."""

    name: str
    paint: Callable[[U8, F64], F64]
    """Paints into ``(H, W, 3)`` around a face, and returns the box of what it painted."""

    def hide(self, photo: Photo, *, pts: int = 0, track: int = 0) -> Hidden:
        """See :class:`Hider`."""
        del pts, track
        image = photo.image.copy()
        box = self.paint(image, photo.face)
        return Hidden(image, box, photo.face)


def nothing(image: U8, face: F64) -> F64:
    """Leave the picture as it is: an attack that fails here is none."""
    return _clipped(image, face)


def deface(image: U8, face: F64) -> F64:
    """As ``deface`` 1.5.0 does by default: an ellipse in 1.3 times the face's box, a box blur of half its size."""
    width, height = face[2:] - face[:2]
    grown = np.rint(face + 0.3 * np.array([-width, -height, width, height]))
    box = np.clip(grown, 0, [image.shape[1] - 1, image.shape[0] - 1] * 2)
    x1, y1, x2, y2 = box.astype(int)
    part = image[y1:y2, x1:x2]
    blurred = cv2.blur(part, ((x2 - x1) // 2, (y2 - y1) // 2))
    inside = np.zeros(part.shape[:2], np.uint8)
    cv2.ellipse(inside, ((x2 - x1) // 2, (y2 - y1) // 2), ((x2 - x1) // 2, (y2 - y1) // 2), 0, 0, 360, 255, -1)
    part[inside > 0] = blurred[inside > 0]
    return box


def gaussian99(image: U8, face: F64) -> F64:
    """OpenCV's Gaussian of 99 pixels, whatever the head's size: the recipe of many tutorials."""
    box = _clipped(image, face)
    x1, y1, x2, y2 = box.astype(int)
    image[y1:y2, x1:x2] = cv2.GaussianBlur(image[y1:y2, x1:x2], (99, 99), 0)
    return box


def weak_blur(image: U8, face: F64) -> F64:
    """A Gaussian of a twelfth of the face: known to be broken, so that an attack that cannot break it is none."""
    box = _clipped(image, face)
    x1, y1, x2, y2 = box.astype(int)
    image[y1:y2, x1:x2] = cv2.GaussianBlur(image[y1:y2, x1:x2], (0, 0), max((face[2] - face[0]) * WEAK, 0.3))
    return box


def mosaic16(image: U8, face: F64) -> F64:
    """Cells of 16 pixels, each with its mean colour."""
    box = _clipped(image, face)
    x1, y1, x2, y2 = box.astype(int)
    for y in range(y1, y2, 16):
        for x in range(x1, x2, 16):
            cell = image[y : min(y + 16, y2), x : min(x + 16, x2)]
            cell[:] = cell.mean(axis=(0, 1)).round().astype(np.uint8)
    return box


def _clipped(image: U8, face: F64) -> F64:
    """The head's box, as large as the product's, so that all methods hide the same part."""
    box = regions(_seen(face, 0), Covered.nobody(), HEAD).xyxy[0]
    return np.clip(np.rint(box.astype(np.float64)), 0, [image.shape[1], image.shape[0]] * 2)


def hiders() -> dict[str, Callable[[], Hider]]:
    """Every way of hiding that is compared, by name, the product's first; each call makes one as a camera would have it."""
    makers: dict[str, Callable[[], Hider]] = {method.value: partial(Product, method) for method in Method}
    makers["silhouette+body"] = lambda: Product(Method.SILHOUETTE, MaskPolicy(), name="silhouette+body")
    for painted in (
        Painted("deface", deface),
        Painted("gauss-99px", gaussian99),
        Painted("mosaic-16px", mosaic16),
        Painted("weak-blur", weak_blur),
        Painted("none", nothing),
    ):
        makers[painted.name] = partial(copy, painted)
    return makers
