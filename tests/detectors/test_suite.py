from __future__ import annotations

import math
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import av
import numpy as np
import pytest

from proxy.detectors.nanodet import NanoDet
from proxy.detectors.openvino_runtime import Device, Runtime
from proxy.detectors.suite import NANODET, NANODET_INT8, RECIPES, YUNET, Accuracy, Suite, build, models_of
from proxy.detectors.weights import ModelStore
from proxy.detectors.yunet import YuNet
from proxy.errors import ModelError
from proxy.masking.passes import Pass
from proxy.media.formats import VideoFormat
from proxy.media.planes import Planes
from proxy.vision.boxes import iou, size


@pytest.fixture(scope="module")
def light() -> Suite:
    return build(Accuracy.LIGHT, device=Device.CPU)


def _noise(width: int, height: int) -> Planes:
    shape = VideoFormat(width, height)
    return Planes.of_buffer(np.random.default_rng(0).integers(0, 255, shape.buffer_shape, np.uint8), shape)


@pytest.mark.parametrize("accuracy", Accuracy)
def test_every_accuracy_has_a_detector_for_every_pass_and_names_its_models(accuracy: Accuracy) -> None:
    suite = build(accuracy, device=Device.CPU)
    try:
        assert set(suite.detectors) == set(Pass) - {Pass.DETAIL}
        assert {YUNET, RECIPES[accuracy].persons} <= {model.name for model in suite.models}
        assert suite.models == models_of(accuracy)
        assert all(len(model.sha256) == 16 for model in suite.models)
        suite.warm(width=64, height=48)
    finally:
        suite.close()


@pytest.mark.parametrize(("width", "height"), [(2, 2), (2, 64), (64, 2), (254, 142), (4096, 16)])
def test_odd_pictures_are_looked_at_without_a_fault(light: Suite, width: int, height: int) -> None:
    for detector in (*light.detectors.values(), light.detail):
        found = detector.detect(_noise(width, height))
        assert ((found.score >= 0) & (found.score <= 1)).all()
        assert (found.xyxy[:, 2:] > found.xyxy[:, :2]).all()


def test_an_altered_model_stops_everything_before_it_starts(tmp_path: Path) -> None:
    whole = ModelStore.open()
    for model in whole.models:
        content = bytearray((whole.folder / model.file).read_bytes())
        content[len(content) // 2] ^= 1
        (tmp_path / model.file).write_bytes(content)
    with pytest.raises(ModelError, match="was altered"):
        build(Accuracy.LIGHT, device=Device.CPU, store=ModelStore(tmp_path, whole.models))


def test_naming_an_accuracy_loads_neither_openvino_nor_mediapipe() -> None:
    code = "import sys; import proxy.detectors.suite; print({'openvino', 'mediapipe'} & set(sys.modules))"
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=15)
    assert said.stdout.strip() == "set()"


@pytest.mark.parametrize("detector", [YuNet, NanoDet])
def test_what_is_larger_than_a_look_may_see_is_left_out(detector: type[YuNet | NanoDet]) -> None:
    """The picture is shown at half its size: a bound in the network's pixels is twice as many of the picture's."""
    weights = ModelStore.open().load(YUNET if detector is YuNet else NANODET)
    runtime = Runtime(Device.CPU)
    sizes = {
        largest: size(
            detector(runtime, weights, long_side=256, min_score=0.001, enlarge=1, largest=largest).detect(_noise(512, 320)).xyxy
        )
        for largest in (math.inf, 20.0)
    }
    assert (sizes[math.inf] > 60).any()
    assert len(sizes[20.0]) > 0
    assert sizes[20.0].max() < 40.1


def test_where_only_faces_are_hidden_nobody_looks_for_persons() -> None:
    suite = build(Accuracy.LIGHT, bodies=False, device=Device.CPU)
    assert set(suite.detectors) == {Pass.FACES}
    assert "nanodet" not in suite.detail.name


def test_eight_bits_find_the_person_that_full_precision_finds() -> None:
    """On a picture of a drawn street; how many each finds in real ones is measured by the exposure benchmark."""
    with av.open("sample_videos/street.mp4") as container:
        frame = next(frame for number, frame in enumerate(container.decode(video=0)) if number == 40)
    shape = VideoFormat(frame.width, frame.height)
    planes = Planes.of_buffer(frame.to_ndarray(format="yuv420p"), shape)
    runtime, store = Runtime(Device.CPU), ModelStore.open()
    networks = [NanoDet(runtime, store.load(name), long_side=640, min_score=0.4, enlarge=1.0) for name in (NANODET, NANODET_INT8)]
    full, small = (network.detect(planes) for network in networks)
    assert len(full) > 2
    assert (iou(full.xyxy, small.xyxy).max(axis=1) > 0.7).mean() > 0.7


def test_both_threads_may_look_at_the_same_time() -> None:
    """What a detector finds does not depend on what the other thread looks at."""
    suite = build(Accuracy.LIGHT, device=Device.CPU)
    faces, bodies = suite.detectors[Pass.FACES], suite.detectors[Pass.BODIES]
    picture = _noise(320, 180)
    expected = [faces.detect(picture).xyxy, bodies.detect(picture).xyxy]
    with ThreadPoolExecutor(2) as threads:
        for _ in range(5):
            found = [threads.submit(detector.detect, picture) for detector in (faces, bodies)]
            for one, other in zip(expected, found, strict=True):
                np.testing.assert_allclose(other.result().xyxy, one, rtol=1e-3, atol=1e-2)
