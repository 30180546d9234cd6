"""Who is in a picture of a face: dlib's ResNet, run in OpenVINO, thirteen times faster than by dlib as its wheels are built.

The network (D. King, "High Quality Face Recognition with Deep Metric Learning", 2017; He et al., "Deep Residual Learning", 2016,
with 29 layers and half the filters) is taken from the file in ``face_recognition_models`` and written down again as ONNX. dlib
stores each layer's parameters as a tensor: version 2, four sizes, and the values as little-endian float32; every whole number is
a byte that counts its bytes, and these. ``tests/benchmarks/test_recogniser.py`` compares the two where dlib is installed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from proxy.detectors.openvino_runtime import Device, Normalisation, Runtime

if TYPE_CHECKING:
    import onnx

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]

SIDE: Final = 150
"""Width and height of the chip that the network looks at, pixels."""
NAME: Final = "dlib_face_recognition_resnet_model_v1.dat"
LANDMARKS: Final = "shape_predictor_5_face_landmarks.dat"
MEAN_BGR: Final = (104.298, 117.001, 122.782)
LEVELS: Final = ((32, 3, False), (64, 4, True), (128, 3, True), (256, 3, True), (256, 1, True))
"""Filters, residual blocks, and whether the first of them halves the picture, from the input onwards."""

_TENSOR: Final = re.compile(rb"\x01\x02(?=[\x01-\x08])", re.DOTALL)


class RecogniserMissing(Exception):
    """The packages of the extra ``bench`` are not installed."""


def weights(name: str = NAME) -> Path:
    """The file ``name`` of ``face_recognition_models``, found without importing it: its import needs ``pkg_resources``.

    Raises:
        RecogniserMissing: it is not installed.
    """
    try:
        files = distribution("face_recognition_models").files or []
    except PackageNotFoundError as error:
        raise RecogniserMissing("face_recognition_models is not installed: pip install '.[bench]'") from error
    for file in files:
        if file.name == name:
            return Path(str(file.locate()))
    raise RecogniserMissing(f"face_recognition_models holds no {name}")


def tensors(data: bytes) -> list[F32]:
    """Every vector and matrix of more than 16 values in a file of dlib's, in the order in which they lie there, flat."""
    found, at = [], 0
    while match := _TENSOR.search(data, at):
        sizes, start = _whole_numbers(data, match.end(), 4)
        count = int(np.prod(sizes)) if sizes[2:] == [1, 1] else 0
        if count > 16 and start + 4 * count <= len(data):
            found.append(np.frombuffer(data, "<f4", count, start).astype(np.float32))
            at = start + 4 * count
        else:
            at = match.start() + 1
    return found


def _whole_numbers(data: bytes, at: int, count: int) -> tuple[list[int], int]:
    """``count`` positive numbers from ``at`` on and where they end; none when what lies there is something else."""
    numbers = []
    for _ in range(count):
        size = data[at] if at < len(data) else 0
        number = int.from_bytes(data[at + 1 : at + 1 + size], "little")
        if not 1 <= size <= 4 or number == 0:
            return [], at
        numbers.append(number)
        at += 1 + size
    return numbers, at


@dataclass(slots=True)
class _Graph:
    """An ONNX graph under construction; ``parameters`` are consumed front to back."""

    parameters: list[F32]
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)

    def add(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """A node's output."""
        from onnx import helper

        name = f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def constant(self, values: NDArray[np.generic]) -> str:
        from onnx import numpy_helper

        name = f"constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def convolution(self, source: str, shape: tuple[int, int, int, int], stride: int) -> str:
        """Convolution and the affine layer after it, as one; padded by half the kernel unless it takes strides."""
        values, affine = self.parameters.pop(0), self.parameters.pop(0)
        count = shape[0]
        if len(values) != int(np.prod(shape)) + count or len(affine) != 2 * count:
            raise ValueError(f"expected parameters of a layer {shape}, got {len(values)} and {len(affine)}")
        gamma, beta = affine[:count], affine[count:]
        kernel = values[:-count].reshape(shape)
        if shape[1] == 3:
            kernel = kernel[:, ::-1]  # the runtime hands over BGR
        padding = shape[2] // 2 if stride == 1 else 0
        return self.add(
            "Conv",
            source,
            self.constant(kernel * gamma[:, None, None, None]),
            self.constant(values[-count:] * gamma + beta),
            strides=[stride, stride],
            pads=[padding] * 4,
        )

    def block(self, source: str, filters: tuple[int, int], sides: tuple[int, int], stride: int) -> str:
        """A residual block; where the two ways differ in size the smaller is filled up with zeros."""
        before, after = filters
        inner = self.add("Relu", self.convolution(source, (after, before, 3, 3), stride))
        outer = self.convolution(inner, (after, after, 3, 3), 1)
        short = source
        if stride == 2:
            short = self.add("AveragePool", source, kernel_shape=[2, 2], strides=[2, 2])
            outer = self._filled(outer, 0, sides[1] - sides[0])
        return self.add("Relu", self.add("Add", outer, self._filled(short, after - before, 0)))

    def _filled(self, source: str, channels: int, pixels: int) -> str:
        if not channels and not pixels:
            return source
        return self.add("Pad", source, self.constant(np.array([0, 0, 0, 0, 0, channels, pixels, pixels], np.int64)))


def network(data: bytes) -> bytes:
    """The recogniser in ``data`` as ONNX: ``(1, 3, 150, 150)`` BGR 0..255 less the mean, by 256, to ``(1, 128)``."""
    from onnx import TensorProto, helper

    *layers, last = tensors(data)
    graph = _Graph(layers)
    x = graph.add("Relu", graph.convolution("image", (32, 3, 7, 7), 2))
    x = graph.add("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2])
    before, side = 32, ((SIDE - 7) // 2 + 1 - 3) // 2 + 1
    for filters, blocks, halves in LEVELS:
        for index in range(blocks):
            stride = 2 if halves and index == 0 else 1
            convolved = (side - 3) // 2 + 1 if stride == 2 else side
            side = side // 2 if stride == 2 else side
            x = graph.block(x, (before, filters), (convolved, side), stride)
            before = filters
    flat = graph.add("Flatten", graph.add("GlobalAveragePool", x))
    out = graph.add("MatMul", flat, graph.constant(last.reshape(before, -1)))
    made = helper.make_graph(
        graph.nodes,
        "dlib_resnet",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, SIDE, SIDE])],
        [helper.make_tensor_value_info(out, TensorProto.FLOAT, [1, last.size // before])],
        graph.constants,
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    return bytes(model.SerializeToString())


class Recogniser:
    """Turns chips of faces into points of which those of one person lie close together (nearer than about .6)."""

    def __init__(self) -> None:
        runtime = Runtime(Device.CPU, threads=1)
        model = runtime.read(network(weights().read_bytes()), name=NAME)
        normalisation = Normalisation(MEAN_BGR, (256.0,) * 3)
        self._network = runtime.compile(model, normalisation, width=SIDE, height=SIDE)
        self._known: dict[bytes, F32] = {}

    def embed(self, chips: list[U8]) -> F32:
        """``(N, 128)`` float32 for ``(150, 150, 3)`` BGR chips; equal chips are looked at once."""
        return np.stack([self._one(chip) for chip in chips]) if chips else np.empty((0, 128), np.float32)

    def _one(self, chip: U8) -> F32:
        key = chip.tobytes()
        if key not in self._known:
            self._network.image[:] = chip
            self._known[key] = self._network.infer()[0].copy()
        return self._known[key]
