"""Which encoder runs: hardware where it really encodes a picture, else software.

A driver can hang or crash the process that asks it. Each candidate is therefore tried in a child process with a deadline, and
only where the device it needs is there at all.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Final

import av

from proxy.encoding.codecs import HARDWARE, SOFTWARE, codec_of
from proxy.encoding.options import Options
from proxy.errors import EncoderError

PROBE_TIMEOUT_S: Final = 10.0

Works = Callable[[str, int, int], bool]
"""Whether the encoder of this name encodes pictures of this width and height."""

_DEVICES: Final = {"nvenc": ("dev", "nvidia[0-9]*"), "qsv": ("dev/dri", "renderD*"), "v4l2m2m": ("dev", "video[0-9]*")}


def has_device(name: str, *, root: Path = Path("/")) -> bool:
    """Whether the kind of device that the encoder ``name`` needs exists below ``root``."""
    folder, pattern = _DEVICES[name.rpartition("_")[2]]
    return any((root / folder).glob(pattern))


@lru_cache(maxsize=32)
def works(name: str, width: int, height: int) -> bool:
    """Whether a child process encoded a picture with ``name`` in time."""
    if name not in av.codecs_available or not has_device(name):
        return False
    command = [sys.executable, "-m", "proxy.encoding.probe", name, str(width), str(height)]
    try:
        child = subprocess.run(  # noqa: S603 (our own module; the arguments are a name from the table above and two numbers)
            command,
            timeout=PROBE_TIMEOUT_S,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except (subprocess.TimeoutExpired, OSError):
        return False
    return child.returncode == 0


def choose(options: Options, *, width: int, height: int, works: Works = works) -> str:
    """The name of the encoder to open for pictures of this size.

    Raises:
        EncoderError: the one that was asked for by name cannot be used.
    """
    if options.encoder == "auto":
        return next((name for name in HARDWARE[options.codec] if works(name, width, height)), SOFTWARE[options.codec])
    known = (*SOFTWARE.values(), *HARDWARE[options.codec])
    if options.encoder not in known or codec_of(options.encoder) is not options.codec:
        choices = ", ".join((SOFTWARE[options.codec], *HARDWARE[options.codec]))
        raise EncoderError(f"unknown encoder {options.encoder} for {options.codec}", hint=f"use auto, or one of {choices}")
    if options.encoder not in SOFTWARE.values() and not works(options.encoder, width, height):
        raise EncoderError(f"encoder {options.encoder} does not work on this machine", hint="use encoder = auto")
    return options.encoder
