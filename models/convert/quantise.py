"""Makes ``nanodet_g_int8.zip`` from ``nanodet_g_416.onnx``: weights and activations in 8 bits (NNCF, post-training).

    python -m venv build/convert && build/convert/bin/pip install nncf==3.4.0 openvino==2026.4.1 av opencv-python-headless
    build/convert/bin/python models/convert/quantise.py VIDEO [VIDEO ...]

The zip holds OpenVINO's own format, ``model.xml`` and ``model.bin``. Calibration sees a frame out of every forty of the videos; the
file in use was made from the clips of ``sample_videos/`` and Intel's CC BY 4.0 sample videos (``intel_*``). An 8-bit file is put to
use only after ``benchmarks.exposure`` finds no fewer people with it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Final

import av
import cv2
import numpy as np
from numpy.typing import NDArray

MODELS: Final = Path(__file__).parents[1]
sys.path.insert(0, str(MODELS.parent))

from proxy.detectors.nanodet import NORMALISATION  # noqa: E402
from proxy.detectors.openvino_runtime import import_openvino  # noqa: E402

openvino = import_openvino()  # before nncf, whose own import of it would report to an analytics host
import nncf  # noqa: E402

SIZE: Final = (640, 384)
"""Width and height of the calibration pictures: the input at which most looks are taken."""
EVERY: Final = 40
AT_MOST: Final = 10


def pictures(path: Path) -> list[NDArray[np.uint8]]:
    """Up to ``AT_MOST`` frames of a video, ``SIZE``, BGR."""
    with av.open(str(path)) as container:
        frames = [frame for number, frame in enumerate(container.decode(video=0)) if number % EVERY == 0]
    return [cv2.resize(frame.to_ndarray(format="bgr24"), SIZE) for frame in frames[:AT_MOST]]


def normalised(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What the network takes: ``(1, 3, H, W)`` float32."""
    mean, scale = np.array(NORMALISATION.mean, np.float32), np.array(NORMALISATION.scale, np.float32)
    return np.ascontiguousarray(((picture - mean) / scale).transpose(2, 0, 1)[None], np.float32)


def main() -> int:
    """Quantise, write, and say where."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("videos", nargs="+", type=Path, help="what the ranges of the activations are learned from")
    parser.add_argument("--out", type=Path, default=MODELS / "nanodet_g_int8.zip")
    chosen = parser.parse_args()
    shown = [picture for video in sorted(chosen.videos) for picture in pictures(video)]
    model = openvino.Core().read_model(MODELS / "nanodet_g_416.onnx")
    model.reshape([1, 3, SIZE[1], SIZE[0]])
    small = nncf.quantize(model, nncf.Dataset(shown, normalised), preset=nncf.QuantizationPreset.MIXED, subset_size=len(shown))
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(chosen.out, "w", zipfile.ZIP_DEFLATED) as archive:
        openvino.save_model(small, Path(folder) / "model.xml", compress_to_fp16=False)
        for name in ("model.xml", "model.bin"):
            archive.write(Path(folder) / name, name)
    print(f"{chosen.out}: {chosen.out.stat().st_size} bytes, calibrated on {len(shown)} pictures")
    return 0


if __name__ == "__main__":
    sys.exit(main())
