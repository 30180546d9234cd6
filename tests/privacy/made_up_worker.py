"""A camera's real process, but for its detectors: they find whatever is as busy as the canary, and break as they are told.

``python -m tests.privacy.made_up_worker FOLDER``: the name of a fault in ``FOLDER/fault`` is what the next look does, once.
``FOLDER/seen`` is made as soon as the canary is in a picture that the camera gave.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys
import time
from pathlib import Path

import numpy as np

from proxy import assembly, worker
from proxy.detectors.suite import Suite
from proxy.masking.passes import Pass
from proxy.media.planes import Planes
from proxy.vision.detections import Detections
from tests.pipeline.walks import Closely
from tests.privacy.canary import CLEAR, found_in, likeness


class Breaking:
    """The made-up detector."""

    name = "made-up"

    def __init__(self, folder: Path) -> None:
        self._fault, self._seen = folder / "fault", folder / "seen"

    def detect(self, planes: Planes) -> Detections:
        if self._fault.exists():
            name = self._fault.read_text()
            self._fault.unlink(missing_ok=True)
            FAULTS[name]()
        if not self._seen.exists() and likeness(np.asarray(planes.y)) > CLEAR:
            self._seen.touch()
        return found_in(planes)


def crash() -> None:
    """As native code does that writes where it may not."""
    ctypes.string_at(0)


def hang_with_the_interpreter() -> None:
    """As native code does that never comes back and lets no other thread run either."""
    ctypes.PyDLL(None).sleep(3600)


def hang() -> None:
    """Never come back; other threads run on."""
    time.sleep(3600)


def run_out_of_memory() -> None:
    """For real: more than there is address space."""
    bytearray(1 << 60)


def hoard_memory() -> None:
    """Take what there is for a second, so that every other thread runs out as well."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used, resource.RLIM_INFINITY))
    held: list[bytearray] = []
    until = time.monotonic() + 1.0
    for size in (1 << 20, 1 << 14, 1 << 8):
        with contextlib.suppress(MemoryError):
            while time.monotonic() < until:
                held.append(bytearray(size))
    time.sleep(max(0.0, until - time.monotonic()))
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


FAULTS = {
    "crash": crash,
    "abort": os.abort,
    "exit": lambda: os._exit(3),
    "hang with the interpreter": hang_with_the_interpreter,
    "hang": hang,
    "out of memory": run_out_of_memory,
    "no memory for anybody": hoard_memory,
    "killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
}


def main() -> None:
    """Replace what makes the detectors, and be a camera's process."""
    detector = Breaking(Path(sys.argv[1]))
    assembly.build_suite = lambda *_, **__: Suite(dict.fromkeys(Pass, detector), Closely(detector), ())  # type: ignore[attr-defined,arg-type]
    worker.main()


if __name__ == "__main__":
    main()
