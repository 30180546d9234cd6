"""Which hardware decodes: found by opening it."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import av
from av.codec.hwaccel import HWAccel


class HardwareDecoding(StrEnum):
    """Devices as libav names them; ``auto`` takes the first that opens, and every other falls back to software."""

    NONE = "none"
    AUTO = "auto"
    CUDA = "cuda"
    VAAPI = "vaapi"
    QSV = "qsv"
    VIDEOTOOLBOX = "videotoolbox"
    D3D11VA = "d3d11va"


_ORDER: Final = (
    HardwareDecoding.CUDA,
    HardwareDecoding.VAAPI,
    HardwareDecoding.QSV,
    HardwareDecoding.VIDEOTOOLBOX,
    HardwareDecoding.D3D11VA,
)


def accelerator(choice: HardwareDecoding) -> tuple[str, HWAccel] | None:
    """The name of a device that opens here, and what :func:`av.open` takes to use it; ``None`` means software. Blocking."""
    if choice is HardwareDecoding.NONE:
        return None
    for device in _ORDER if choice is HardwareDecoding.AUTO else (choice,):
        if _opens(device):
            return device.value, HWAccel(device.value, allow_software_fallback=True)
    return None


def _opens(device: HardwareDecoding) -> bool:
    try:
        HWAccel(device.value).create(av.Codec("h264", "r"))
    except (av.FFmpegError, NotImplementedError, ValueError):
        return False
    return True
