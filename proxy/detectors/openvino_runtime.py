"""Runs networks in OpenVINO. The only module that imports it.

OpenVINO's own import reports to an analytics host through the package ``openvino_telemetry``. A module of that name whose every
method does nothing is put in its place first; then the import sends nothing and leaves no id in the home folder.
"""

from __future__ import annotations

import importlib
import io
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import ModuleType
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from proxy.errors import DetectorError, ModelError
from proxy.media.planes import U8
from proxy.media.redact import redact

if TYPE_CHECKING:
    import openvino

F32 = NDArray[np.float32]


class Device(StrEnum):
    """What runs the networks; ``auto`` takes an integrated GPU or NPU where one compiles them, else the CPU."""

    AUTO = "auto"
    CPU = "cpu"
    GPU = "gpu"
    NPU = "npu"


_ORDER: Final = {
    Device.AUTO: ("GPU", "NPU", "CPU"),
    Device.CPU: ("CPU",),
    Device.GPU: ("GPU",),
    Device.NPU: ("NPU",),
}


@dataclass(frozen=True, slots=True)
class Normalisation:
    """What the network's first layer expects of a 0..255 BGR value: ``(value - mean) / scale``, per channel.

    ``red_first`` is whether it wants the channels the other way round, after that.
    """

    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    scale: tuple[float, float, float] = (1.0, 1.0, 1.0)
    red_first: bool = False


class _Silent:
    """Stands for every class of ``openvino_telemetry``: takes any call and does nothing."""

    def __init__(self, *_: object, **__: object) -> None: ...

    def __getattr__(self, _: str) -> _Silent:
        return self

    def __call__(self, *_: object, **__: object) -> _Silent:
        return self


def import_openvino() -> ModuleType:
    """The module ``openvino``, imported without a word to anybody.

    Raises:
        ModelError: it was imported before by someone else, so that it may already have reported, or it does not load here.
    """
    if "openvino" in sys.modules:
        if getattr(sys.modules.get("openvino_telemetry"), "Telemetry", None) is not _Silent:
            raise ModelError("OpenVINO was imported before, and may have reported it", hint="let veilcast import it first")
    else:
        stub = ModuleType("openvino_telemetry")
        backend = ModuleType("openvino_telemetry.backend")
        stub.Telemetry = _Silent  # type: ignore[attr-defined]
        backend.backend_ga4 = _Silent()  # type: ignore[attr-defined]
        sys.modules["openvino_telemetry"] = stub
        sys.modules["openvino_telemetry.backend"] = backend
    try:
        openvino = importlib.import_module("openvino")
    except ImportError as error:
        raise ModelError(f"OpenVINO does not load: {error}", hint="install veilcast again on a supported machine") from error
    return openvino


class CompiledNetwork:
    """A network for one input shape, run synchronously; one caller at a time.

    Attributes:
        image: ``(H, W, 3)`` uint8 BGR, the network's input itself: fill it, then :meth:`infer`.
        device: what runs it, as OpenVINO calls it.
    """

    def __init__(self, compiled: openvino.CompiledModel, device: str, *, width: int, height: int) -> None:
        ov = import_openvino()
        self.device = device
        self.image: U8 = np.zeros((height, width, 3), np.uint8)
        self._request = compiled.create_infer_request()
        self._request.set_input_tensor(ov.Tensor(self.image[None], shared_memory=True))
        self._outputs = len(compiled.outputs)

    def infer(self) -> list[F32]:
        """The network's outputs for what :attr:`image` holds, float32, without the batch axis; overwritten by the next call.

        Raises:
            DetectorError: the inference failed.
        """
        try:
            self._request.infer()
            return [np.asarray(self._request.get_output_tensor(index).data)[0] for index in range(self._outputs)]
        except RuntimeError as error:
            raise DetectorError(f"inference on {self.device} failed: {_first_line(error)}") from error


class Runtime:
    """OpenVINO on one device.

    Args:
        device: which kind of processor.
        threads: how many CPU threads one inference uses.
    """

    def __init__(self, device: Device = Device.AUTO, *, threads: int = 1) -> None:
        self._openvino = import_openvino()
        self._core = self._openvino.Core()
        self._threads = threads
        present = [str(name).partition(".")[0] for name in self._core.available_devices]
        self._candidates = [name for name in _ORDER[device] if name in present]
        if not self._candidates:
            raise ModelError(f"OpenVINO finds no {device} here", hint=f"use one of: auto, {', '.join(present).lower()}")

    def read(self, weights: bytes, *, name: str) -> openvino.Model:
        """The network in ``weights``: ONNX, or a zip of OpenVINO's ``model.xml`` and ``model.bin``.

        Raises:
            ModelError: OpenVINO cannot read it.
        """
        try:
            return self._core.read_model(*_parts(weights))
        except (RuntimeError, zipfile.BadZipFile, KeyError) as error:
            raise ModelError(f"model {name} cannot be read: {_first_line(error)}", hint="run veilcast models") from error

    def compile(self, model: openvino.Model, normalisation: Normalisation, *, width: int, height: int) -> CompiledNetwork:
        """``model`` for an input of ``width`` × ``height``, taking BGR bytes; on the first device that compiles it.

        Raises:
            ModelError: no device does.
        """
        failures: Sequence[str] = []
        for device in self._candidates:
            try:
                compiled = self._core.compile_model(
                    self._prepared(model, normalisation, width, height), device, self._hints(device)
                )
                return CompiledNetwork(compiled, device, width=width, height=height)
            except RuntimeError as error:
                failures = [*failures, f"{device}: {_first_line(error)}"]
        raise ModelError(f"a model does not compile at {width}x{height}: {'; '.join(failures)}", hint="set the device to cpu")

    def _prepared(self, model: openvino.Model, normalisation: Normalisation, width: int, height: int) -> openvino.Model:
        """A copy of ``model`` with the conversion from BGR bytes as its first steps, so that it runs inside the network."""
        shaped = model.clone()
        shaped.reshape([1, 3, height, width])
        steps = self._openvino.preprocess.PrePostProcessor(shaped)
        steps.input().tensor().set_element_type(self._openvino.Type.u8).set_layout(self._openvino.Layout("NHWC"))
        steps.input().model().set_layout(self._openvino.Layout("NCHW"))
        steps.input().preprocess().convert_element_type(self._openvino.Type.f32)
        plain = Normalisation()
        if (normalisation.mean, normalisation.scale) != (plain.mean, plain.scale):
            steps.input().preprocess().mean(list(normalisation.mean)).scale(list(normalisation.scale))
        if normalisation.red_first:
            steps.input().preprocess().reverse_channels()
        return steps.build()

    def _hints(self, device: str) -> dict[str, str]:
        hints = {"PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": "1"}
        if device == "CPU":
            # Unpinned: networks of several threads and several processes would otherwise be pinned to the same cores.
            hints |= {"INFERENCE_NUM_THREADS": str(self._threads), "ENABLE_CPU_PINNING": "NO"}
        return hints


def _parts(content: bytes) -> tuple[bytes, bytes]:
    """The network's description, and its weights where they stand apart from it."""
    if not content.startswith(b"PK"):
        return content, b""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read("model.xml"), archive.read("model.bin")


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return redact(lines[-1]) if lines else type(error).__name__
