"""Pictures of a video, labels on them, and photographs turned into a video."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.detail import Picture

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

STILL_FPS: Final = 5
HELD: Final = 3
"""Frames for which each photograph is shown."""
BLANK: Final = 7
"""Frames of plain grey between photographs: longer than a lost track is held, so that no mask of one helps with the next."""


@dataclass(frozen=True, slots=True)
class Labels:
    """N labelled boxes of one frame and one kind: ``xyxy`` is ``(N, 4)`` pixels; ``ids`` is ``(N,)``, -1 for nobody known."""

    xyxy: F64
    ids: I64

    @classmethod
    def of(cls, boxes: Sequence[Sequence[float]], ids: Sequence[int] | None = None) -> Labels:
        """Boxes as x1, y1, x2, y2."""
        xyxy = np.asarray(boxes, np.float64).reshape(-1, 4)
        return cls(xyxy, np.full(len(xyxy), -1, np.int64) if ids is None else np.asarray(ids, np.int64))


@dataclass(frozen=True, slots=True)
class Clip:
    """A video with labels: ``labels[kind][frame]``; frames without an entry are not judged; an empty one says nobody is there."""

    name: str
    path: Path
    labels: dict[str, dict[int, Labels]]


def pictures(path: Path) -> Iterator[tuple[float, Picture]]:
    """The frames of a video, each with its time in seconds since the first: upright planes; odd sizes lose a row or column."""
    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "AUTO"
        first = None
        for frame in container.decode(video=0):
            first = frame.time if first is None else first
            if frame.format.name not in ("yuv420p", "yuvj420p"):
                frame = frame.reformat(format="yuv420p")
            yield frame.time - first, _upright(frame)


def _upright(frame: av.VideoFrame) -> Picture:
    width, height = frame.width // 2 * 2, frame.height // 2 * 2
    planes = []
    for plane, shrink in zip(frame.planes, (1, 2, 2), strict=True):
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        view = rows[: height // shrink, : width // shrink]
        planes.append(np.ascontiguousarray(np.rot90(view, frame.rotation // 90 % 4)))
    return Picture(*planes)


def stills_to_video(images: Sequence[Path], width: int, height: int, path: Path) -> None:
    """Show each image for ``HELD`` frames in the corner of a grey picture, ``BLANK`` grey frames after it.

    Coded all but without loss, because the product takes video; sized in common so that one video serves many photographs.
    """
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=STILL_FPS, options={"crf": "6", "preset": "superfast", "bf": "0"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        grey = np.full((height, width, 3), 118, np.uint8)
        for image in images:
            photograph = cv2.imread(str(image), cv2.IMREAD_COLOR)
            if photograph is None:
                raise FileNotFoundError(image)
            canvas = grey.copy()
            canvas[: photograph.shape[0], : photograph.shape[1]] = photograph[:height, :width]
            for picture in [canvas] * HELD + [grey] * BLANK:
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode(None))
