from __future__ import annotations

import numpy as np
import pytest

from proxy.detectors.openvino_runtime import Device, Normalisation, Runtime
from proxy.detectors.shaped import KEPT_SHAPES, ShapedNetwork
from proxy.detectors.shrunk import Scaling
from proxy.detectors.weights import ModelStore
from proxy.media.formats import VideoFormat
from proxy.media.planes import Planes


def _black(width: int, height: int) -> Planes:
    shape = VideoFormat(width, height)
    return Planes.of_buffer(np.zeros(shape.buffer_shape, np.uint8), shape)


def _network(long_side: int = 64, enlarge: float = 1.0) -> ShapedNetwork:
    return ShapedNetwork(
        Runtime(Device.CPU),
        ModelStore.open().load("yunet"),
        name="yunet",
        normalisation=Normalisation(),
        scaling=Scaling.LINEAR,
        long_side=long_side,
        enlarge=enlarge,
    )


def test_the_input_follows_the_shape_of_the_picture() -> None:
    network = _network()
    assert (network.run(_black(640, 320))[0].width, network.run(_black(640, 320))[0].height) == (64, 32)
    assert (network.run(_black(320, 640))[0].width, network.run(_black(320, 640))[0].height) == (32, 64)


@pytest.mark.parametrize(("enlarge", "width"), [(1.0, 32), (2.0, 64), (100.0, 640)])
def test_a_small_picture_is_enlarged_no_more_than_allowed(enlarge: float, width: int) -> None:
    letterbox, _ = _network(640, enlarge).run(_black(32, 16))
    assert letterbox.inner_width == width


def test_a_camera_that_keeps_changing_its_shape_does_not_fill_the_memory() -> None:
    network = _network()
    for width in (64, 66, 68, 70, 72):
        network.run(_black(width, 64))
    assert list(network._prepared) == [(70, 64), (72, 64)]
    assert len(network._prepared) == KEPT_SHAPES


def test_a_shape_seen_again_is_not_compiled_again() -> None:
    network = _network()
    network.run(_black(64, 64))
    before = network._prepared[64, 64]
    network.run(_black(96, 64))
    network.run(_black(64, 64))
    assert network._prepared[64, 64] is before
