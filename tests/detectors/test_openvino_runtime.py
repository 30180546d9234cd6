from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from proxy.detectors.openvino_runtime import CompiledNetwork, Device, Normalisation, Runtime, _Silent, import_openvino
from proxy.detectors.weights import ModelStore
from proxy.errors import ModelError


def test_the_import_reports_nothing_because_the_reporter_is_a_stand_in() -> None:
    """A fresh interpreter: after the import, the module that would report is not the one that was installed."""
    code = (
        "import sys; from proxy.detectors.openvino_runtime import import_openvino; import_openvino();"
        "stand_in = sys.modules['openvino_telemetry']; print(stand_in.__spec__, stand_in.Telemetry.__name__)"
    )
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=15)
    assert said.stdout.split() == ["None", "_Silent"]


def test_an_import_by_someone_else_is_refused() -> None:
    code = (
        "import sys, types; sys.modules['openvino'] = types.ModuleType('openvino')\n"
        "from proxy.detectors.openvino_runtime import import_openvino; from proxy.errors import ModelError\n"
        "try: import_openvino()\nexcept ModelError as error: print(error.message)"
    )
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=15)
    assert "imported before" in said.stdout


def test_the_stand_in_takes_any_call() -> None:
    _Silent(tid="x", app_name="y").send_event("a", "b", "c").start_session("d")


def test_auto_falls_back_to_a_device_that_is_here() -> None:
    network = _compiled(Runtime(Device.AUTO))
    assert network.device in {"CPU", "GPU", "NPU"}


def test_a_device_that_is_not_here_is_a_clear_error() -> None:
    present = {name.partition(".")[0].lower() for name in import_openvino().Core().available_devices}
    missing = [device for device in (Device.GPU, Device.NPU) if device not in present]
    if not missing:
        pytest.skip("every kind of device is here")
    with pytest.raises(ModelError, match=f"OpenVINO finds no {missing[0]} here") as caught:
        Runtime(missing[0])
    assert "cpu" in caught.value.hint


def test_bytes_that_are_no_network_are_a_clear_error() -> None:
    with pytest.raises(ModelError, match="model junk cannot be read") as caught:
        Runtime(Device.CPU).read(b"junk", name="junk")
    assert "\n" not in caught.value.message


def test_outputs_follow_what_is_written_into_the_image() -> None:
    network = _compiled(Runtime(Device.CPU))
    assert network.image.shape == (32, 64, 3)
    dark = [output.copy() for output in network.infer()]
    network.image[:] = np.random.default_rng(0).integers(0, 255, network.image.shape, np.uint8)
    bright = network.infer()
    assert [output.shape for output in bright] == [output.shape for output in dark]
    assert any(not np.allclose(a, b) for a, b in zip(dark, bright, strict=True))


def _compiled(runtime: Runtime) -> CompiledNetwork:
    model = runtime.read(ModelStore.open().load("yunet"), name="yunet")
    return runtime.compile(model, Normalisation(), width=64, height=32)
