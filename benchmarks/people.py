"""Photographs of known people, and the same with a head of a wanted size: what the attacks begin with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from proxy.detectors.openvino_runtime import Device, Runtime
from proxy.detectors.weights import ModelStore
from proxy.detectors.yunet import YuNet
from proxy.media.formats import VideoFormat
from proxy.media.planes import Planes

U8 = NDArray[np.uint8]
F64 = NDArray[np.float64]

FOREHEAD: Final = 0.35
"""What a head has above the face's box, in heights of it."""
CHIP: Final = 0.93
CHIP_DOWN: Final = 0.563
"""Side of the square that the recogniser looks at and how far down its middle is, in heights of the face's box: where dlib's own
five landmarks put it on average."""
MOST_OFF_CENTRE: Final = 0.2
"""The person of a photograph has the face whose middle lies within so many widths of the picture from its middle."""


@dataclass(frozen=True, slots=True)
class Photo:
    """``image`` is ``(H, W, 3)`` uint8 BGR with even sides, ``face`` ``(4,)`` float64 xyxy pixels, of ``person``, a number."""

    image: U8
    face: F64
    person: int

    @property
    def planes(self) -> Planes:
        """The picture as a camera would hand it over."""
        height, width = self.image.shape[:2]
        buffer = np.asarray(cv2.cvtColor(self.image, cv2.COLOR_BGR2YUV_I420), np.uint8)
        return Planes.of_buffer(buffer, VideoFormat(width, height))

    @property
    def head_px(self) -> float:
        """Height of the head."""
        return float((self.face[3] - self.face[1]) * (1 + FOREHEAD))

    def cut_out(self, room: float) -> Photo:
        """The part of the photograph that reaches ``room`` sizes of the face beyond it; its border is repeated where it ends."""
        size = self.face[2:] - self.face[:2]
        corner = np.floor(self.face[:2] - room * size)
        side = np.ceil((size * (1 + 2 * room)) / 2).astype(int) * 2
        part = crop(self.image, np.concatenate([corner, corner + side]), (int(side[1]), int(side[0])))
        return Photo(part, self.face - np.tile(corner, 2), self.person)

    def shown_at(self, head_px: float, *, shift: tuple[float, float] = (0.0, 0.0)) -> Photo:
        """The photograph scaled so that the head is ``head_px`` high, and moved by ``shift`` pixels of the result."""
        scale = head_px / self.head_px
        height, width = (int(np.ceil(side * scale / 2)) * 2 for side in self.image.shape[:2])
        image = self.image
        if scale < 0.99:
            image = np.asarray(cv2.GaussianBlur(image, (0, 0), 0.4 / scale), np.uint8)  # a lens does not alias either
        matrix = np.array([[scale, 0, shift[0] + (scale - 1) / 2], [0, scale, shift[1] + (scale - 1) / 2]])
        flags = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_LINEAR
        moved = cv2.warpAffine(image, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return Photo(np.asarray(moved, np.uint8), self.face * scale + np.tile(shift, 2), self.person)


def crop(image: U8, xyxy: F64, side: tuple[int, int]) -> U8:
    """``(rows, columns, C)`` the box of ``image``, scaled; outside the picture its border is repeated.

    Args:
        image: ``(H, W, C)``.
        xyxy: ``(4,)`` pixels, any fraction of them.
        side: rows and columns of the result.
    """
    rows, columns = side
    across, down = columns / (xyxy[2] - xyxy[0]), rows / (xyxy[3] - xyxy[1])
    soft = image
    if min(across, down) < 1:
        blurred = cv2.GaussianBlur(image, (0, 0), sigmaX=max(0.4 / across, 0.01), sigmaY=max(0.4 / down, 0.01))
        soft = np.asarray(blurred, np.uint8)
    matrix = np.array([[across, 0, (0.5 - xyxy[0]) * across - 0.5], [0, down, (0.5 - xyxy[1]) * down - 0.5]])
    return np.asarray(
        cv2.warpAffine(soft, matrix, (columns, rows), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), image.dtype
    )


def chip_box(face: F64) -> F64:
    """``(4,)`` the square that the recogniser looks at."""
    height = face[3] - face[1]
    centre = np.array([(face[0] + face[2]) / 2, face[1] + CHIP_DOWN * height])
    half = CHIP * height / 2
    return np.concatenate([centre - half, centre + half])


def load(folder: Path, *, people: int, photos: int) -> list[Photo]:
    """The first ``photos`` usable photographs of each of the first ``people`` of ``folder/PERSON/*.jpg``, person after person.

    Raises:
        FileNotFoundError: there are no such photographs.
    """
    faces = _Faces()
    found: list[Photo] = []
    folders = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    for number, person in enumerate(folders[:people]):
        mine = [photo for path in sorted(person.glob("*.jpg")) if (photo := faces.photo(path, number))]
        found += mine[:photos]
    if not found:
        raise FileNotFoundError(f"{folder} holds no folders with photographs of people")
    return found


class _Faces:
    """Finds the face as the product does."""

    def __init__(self) -> None:
        weights = ModelStore.open().load("yunet")
        self._yunet = YuNet(Runtime(Device.CPU), weights, long_side=512, min_score=0.3, enlarge=2)

    def photo(self, path: Path, person: int) -> Photo | None:
        """The photograph, when the product sees a face in its middle."""
        read = cv2.imread(str(path))
        if read is None:
            return None
        image = np.asarray(read[: len(read) // 2 * 2, : read.shape[1] // 2 * 2], np.uint8)
        found = self._yunet.detect(Photo(image, np.zeros(4), person).planes)
        off = np.abs((found.xyxy[:, :2] + found.xyxy[:, 2:]) / 2 / image.shape[1] - 0.5).max(axis=1, initial=0)
        central = found.where(off <= MOST_OFF_CENTRE)
        if not len(central):
            return None
        return Photo(image, central.xyxy[central.score.argmax()].astype(np.float64), person)


def of_people(photos: Sequence[Photo]) -> NDArray[np.int64]:
    """``(N,)`` whose photograph each is."""
    return np.array([photo.person for photo in photos], np.int64)
