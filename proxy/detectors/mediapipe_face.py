"""MediaPipe's full-range BlazeFace: faces within about five metres, found by a network unrelated to the others.

V. Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs", 2019.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import cv2
import numpy as np

from proxy.detectors.shrunk import Scaling, Shrunk
from proxy.errors import DetectorError, ModelError
from proxy.media.planes import U8, Planes
from proxy.media.redact import redact
from proxy.vision.detections import Detections, Label
from proxy.vision.letterbox import Letterbox

LONG_SIDE: Final = 384
"""The network looks at 192 pixels and scales by itself: twice that leaves it the choice, more adds only cost."""
MAX_IOU: Final = 0.3
STDERR: Final = 2


class MediapipeFace:
    """Near faces, also where they lie on their side; one caller at a time, and :meth:`close` at the end.

    Args:
        weights: the tflite file's content.
        name: the model's name in logs and reports.
        min_score: the least score a detection has.
    """

    def __init__(self, weights: bytes, *, name: str, min_score: float) -> None:
        self.name = name
        self._letterbox: Letterbox | None = None
        self._closed = False
        # Imported when it is used: the import takes two seconds, and an accuracy without this detector needs none of it.
        with _quiet():
            from mediapipe.tasks.python.core.base_options import BaseOptions
            from mediapipe.tasks.python.vision.core.image import Image, ImageFormat
            from mediapipe.tasks.python.vision.face_detector import FaceDetector, FaceDetectorOptions

            self._image, self._srgb = Image, ImageFormat.SRGB
            options = FaceDetectorOptions(
                base_options=BaseOptions(model_asset_buffer=weights),
                min_detection_confidence=min_score,
                min_suppression_threshold=MAX_IOU,
            )
            try:
                self._detector = FaceDetector.create_from_options(options)
            except (RuntimeError, ValueError) as error:
                raise ModelError(f"model {name} cannot be read: {redact(str(error))}", hint="run veilcast models") from error
            # The first inference is the one that has something to log.
            self._find(np.zeros((64, 64, 3), np.uint8))

    def detect(self, planes: Planes) -> Detections:
        """Faces, in the picture's pixels.

        Raises:
            DetectorError: the network failed or answered with something that is no detection.
        """
        letterbox, shrunk, rgb = self._prepare(planes)
        try:
            shrunk.rgb(planes, rgb)
        except cv2.error as error:
            raise DetectorError(f"{self.name} could not read a picture of {planes.y.shape}: {error.err}") from error
        xywh, score = self._find(rgb)
        if not (np.isfinite(xywh).all() and np.isfinite(score).all()):
            raise DetectorError(f"{self.name} answered with boxes that are no numbers")
        real = (xywh[:, 2:] > 0).all(axis=1)
        xyxy = np.concatenate([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]], axis=1)[real]
        return Detections.of(letterbox.to_picture(xyxy), np.clip(score[real], 0, 1), Label.FACE)

    def close(self) -> None:
        """Let the network and its threads go; again is harmless."""
        if not self._closed:
            self._closed = True
            with suppress(RuntimeError):
                self._detector.close()

    def _prepare(self, planes: Planes) -> tuple[Letterbox, Shrunk, U8]:
        height, width = planes.y.shape
        if self._letterbox is None or (self._letterbox.picture_width, self._letterbox.picture_height) != (width, height):
            self._letterbox = Letterbox.fit(width, height, long_side=min(LONG_SIDE, max(width, height)))
            self._shrunk = Shrunk(self._letterbox, Scaling.LINEAR)
            self._rgb: U8 = np.zeros((self._letterbox.inner_height, self._letterbox.inner_width, 3), np.uint8)
        return self._letterbox, self._shrunk, self._rgb

    def _find(
        self, rgb: U8
    ) -> tuple[np.ndarray[tuple[int, int], np.dtype[np.float32]], np.ndarray[tuple[int], np.dtype[np.float32]]]:
        """Boxes ``(N, 4)`` float32 x, y, width, height in pixels of ``rgb``, and scores ``(N,)`` float32."""
        if self._closed:
            # The library itself answers "nobody" after it was closed.
            raise DetectorError(f"{self.name} was closed")
        try:
            found = self._detector.detect(self._image(image_format=self._srgb, data=rgb)).detections
        except (RuntimeError, ValueError) as error:
            raise DetectorError(f"{self.name} failed: {redact(str(error))}") from error
        boxes = [
            (one.bounding_box.origin_x, one.bounding_box.origin_y, one.bounding_box.width, one.bounding_box.height) for one in found
        ]
        scores = [one.categories[0].score for one in found]
        return np.array(boxes, np.float32).reshape(-1, 4), np.array(scores, np.float32)


@contextmanager
def _quiet() -> Iterator[None]:
    """What the C++ library writes to standard error while it starts goes nowhere; it has no setting for it."""
    saved = os.dup(STDERR)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, STDERR)
        yield
    finally:
        os.dup2(saved, STDERR)
        os.close(nowhere)
        os.close(saved)
