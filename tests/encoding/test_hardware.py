"""Hardware is used where it works, and asked for only where it is. That it works is made up here: no test machine has any."""

import pytest

from proxy.encoding import hardware
from proxy.encoding.hardware import choose, has_device
from proxy.encoding.options import Options
from proxy.errors import EncoderError


def only(*names):
    return lambda name, width, height: name in names


def test_the_first_hardware_encoder_that_works_is_taken():
    assert choose(Options(), width=640, height=360, works=only("h264_qsv", "h264_v4l2m2m")) == "h264_qsv"
    assert choose(Options(codec="hevc"), width=640, height=360, works=only("h264_qsv", "hevc_nvenc")) == "hevc_nvenc"


def test_without_hardware_that_works_it_is_software():
    assert choose(Options(), width=640, height=360, works=only()) == "libx264"
    assert choose(Options(codec="hevc"), width=640, height=360, works=only()) == "libx265"


def test_an_encoder_asked_for_by_name_is_taken_or_refused_with_what_to_do():
    assert choose(Options(encoder="libx264"), width=640, height=360, works=only("h264_qsv")) == "libx264"
    for wrong in (Options(encoder="h264_qsv"), Options(encoder="mpeg2video"), Options(encoder="libx265")):
        with pytest.raises(EncoderError) as refusal:
            choose(wrong, width=640, height=360, works=only())
        assert refusal.value.hint


def test_a_device_is_looked_for_where_its_driver_puts_it(tmp_path):
    names = ("h264_nvenc", "h264_qsv", "hevc_v4l2m2m")
    assert not any(has_device(name, root=tmp_path) for name in names)
    for path in ("dev/nvidia0", "dev/dri/renderD128", "dev/video10"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    assert all(has_device(name, root=tmp_path) for name in names)


def test_a_driver_that_hangs_or_crashes_counts_as_not_there(monkeypatch):
    monkeypatch.setattr(hardware, "has_device", lambda name: True)
    monkeypatch.setattr(hardware, "PROBE_TIMEOUT_S", 0.01)
    hardware.works.cache_clear()
    assert not hardware.works("h264_nvenc", 640, 360)
    hardware.works.cache_clear()
