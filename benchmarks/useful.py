"""What is left to see when people are hidden: persons to count, the scene around them, and the bits that it all costs."""

from __future__ import annotations

import io
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.bodies import CLIPS
from benchmarks.footage import pictures
from benchmarks.heads import Row
from benchmarks.tools import Veilcast
from proxy.detectors.nanodet import NanoDet
from proxy.detectors.openvino_runtime import Device, Runtime
from proxy.detectors.weights import ModelStore
from proxy.masking.plan import CoverRegions
from proxy.media.planes import Planes
from proxy.redactors.method import Method
from proxy.redactors.regions import Regions
from proxy.redactors.silhouette import margin_px
from proxy.vision.boxes import iou
from proxy.vision.detections import Label

U8 = NDArray[np.uint8]

CRF: Final = "23"
EVERY: Final = 10
"""Persons are looked for, and pictures compared, in every tenth frame."""
SAME: Final = 0.4
WINDOW: Final = 11
"""Side of the windows of SSIM, as in Wang et al., 2004."""


def usefulness(data: Path, methods: Sequence[str], clips: Sequence[str] = CLIPS) -> Iterator[Row]:
    """Rows of each method in body mode, at the same places: those that the product's journal names."""
    nanodet = NanoDet(Runtime(Device.CPU), ModelStore.open().load("nanodet"), long_side=640, min_score=0.3, enlarge=1)
    for clip in clips:
        with tempfile.TemporaryDirectory(prefix="useful-") as folder:
            run = Veilcast("balanced", "face,head,body").run(data / clip, Path(folder))
            journal = [json.loads(line) for line in (run.journal or Path()).read_text().splitlines()]
        for method in ("none", *(method for method in methods if method in list(Method))):
            print(f"usefulness: {clip} with {method}", file=sys.stderr, flush=True)
            for attack, value in _measured(data / clip, method, journal, nanodet).items():
                yield {"method": method, "of": Path(clip).stem, "attack": attack, "value": value}


def _measured(path: Path, method: str, journal: Sequence[dict[str, object]], nanodet: NanoDet) -> dict[str, str]:
    redactor = None if method == "none" else Method(method).build()
    before, shown, alike, regions_of = [], [], [], {}
    kept: dict[int, U8] = {}
    coder = _Coder()
    for number, ((when, picture), row) in enumerate(zip(pictures(path), journal, strict=False)):
        # copies: what is painted into the decoder's own pictures shows in later ones
        planes = Planes(picture.y.copy(), picture.u.copy(), picture.v.copy())
        regions = _regions(row, picture.y.shape)
        if number % EVERY == 0:
            kept[number], regions_of[number] = picture.y.copy(), regions
            before.append(nanodet.detect(planes).xyxy)
        if redactor is not None:
            redactor.paint(planes, regions, pts=round(when * 90_000))
        coder.add(planes)
    data = coder.close()
    for number, after in coder.decoded(data):
        if number in kept:
            shown.append(nanodet.detect(after).xyxy)
            alike.append(_similarity(kept[number], after.y, regions_of[number]))
    found = [_share(old, new) for old, new in zip(before, shown, strict=False) if len(old)]
    bodies = sum(int((regions.label == Label.BODY).sum()) for regions in regions_of.values())
    return {
        "bodies painted for each person that NanoDet finds in the input": f"{bodies / max(1, sum(map(len, before))):.2f}",
        "persons of the input that NanoDet still finds": f"{np.mean(found):.3f}",
        "persons that NanoDet finds for each in the input": f"{sum(map(len, shown)) / max(1, sum(map(len, before))):.3f}",
        "SSIM outside the masks, coded": f"{np.mean(alike):.4f}",
        f"kbit for each frame, x264 superfast crf {CRF}": f"{len(data) * 8 / 1000 / max(1, coder.frames):.1f}",
    }


def _regions(row: dict[str, object], shape: tuple[int, ...]) -> Regions:
    found: list[dict[str, object]] = row["regions"]  # type: ignore[assignment]
    plan = CoverRegions(
        np.array([region["xyxy"] for region in found], np.float32).reshape(-1, 4),
        np.array([Label[str(region["label"]).upper()] for region in found], np.uint8),
        np.array([region["track"] for region in found], np.int32),
    )
    return Regions.outward(plan, width=shape[1], height=shape[0])


def _share(before: NDArray[np.float32], after: NDArray[np.float32]) -> float:
    return float((iou(before, after) > SAME).any(axis=1).mean()) if len(after) else 0.0


def _similarity(before: U8, after: U8, regions: Regions) -> float:
    """Mean structural similarity of the luma where no mask reaches."""
    outside = np.ones(before.shape, bool)
    for (x1, y1, x2, y2), label in zip(regions.xyxy.tolist(), regions.label.tolist(), strict=True):
        room = margin_px(x2 - x1, y2 - y1, Label(label)) + WINDOW // 2
        outside[max(y1 - room, 0) : y2 + room, max(x1 - room, 0) : x2 + room] = False
    return float(similarity(before, after)[outside].mean()) if outside.any() else 1.0


def similarity(one: U8, other: U8) -> NDArray[np.float32]:
    """``(H, W)`` structural similarity (Z. Wang et al., 2004) of two lumas."""
    x, y = one.astype(np.float32), other.astype(np.float32)

    def mean(values: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(cv2.GaussianBlur(values, (WINDOW, WINDOW), 1.5), np.float32)

    mx, my = mean(x), mean(y)
    vx, vy, vxy = mean(x * x) - mx * mx, mean(y * y) - my * my, mean(x * y) - mx * my
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    return np.asarray((2 * mx * my + c1) * (2 * vxy + c2) / ((mx * mx + my * my + c1) * (vx + vy + c2)), np.float32)


class _Coder:
    """Codes pictures as the product's default does, and decodes them again."""

    def __init__(self) -> None:
        self.frames = 0
        self._file = io.BytesIO()
        self._container = av.open(self._file, "w", format="matroska")
        self._stream = self._container.add_stream(
            "libx264", rate=25, options={"crf": CRF, "preset": "superfast", "tune": "zerolatency"}
        )

    def add(self, planes: Planes) -> None:
        """Code one picture."""
        height, width = planes.y.shape
        if not self.frames:
            self._stream.width, self._stream.height, self._stream.pix_fmt = width, height, "yuv420p"
        buffer = np.concatenate([plane.reshape(-1) for plane in (planes.y, planes.u, planes.v)]).reshape(height * 3 // 2, width)
        frame = av.VideoFrame.from_ndarray(buffer, format="yuv420p")
        frame.pts = self.frames
        self.frames += 1
        self._container.mux(self._stream.encode(frame))

    def close(self) -> bytes:
        """Everything that was coded."""
        self._container.mux(self._stream.encode())
        self._container.close()
        return self._file.getvalue()

    def decoded(self, data: bytes) -> Iterator[tuple[int, Planes]]:
        """Number and planes of each picture again."""
        with tempfile.NamedTemporaryFile(suffix=".mkv") as file:
            file.write(data)
            file.flush()
            for number, (_, picture) in enumerate(pictures(Path(file.name))):
                yield number, Planes(picture.y, picture.u, picture.v)
