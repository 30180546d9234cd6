"""What a process gives up before it sees a picture. Linux only; elsewhere, and where the kernel says no, nothing is given up.

1. No core dump: not as a file, and not to a collector either, which the usual limit does not stop (core(5)).
2. Nobody of the same user may look into the process, with a debugger or through ``/proc``.
3. No privileges can be gained by it or by what it starts.
4. A camera's process, which decodes what strangers send, also loses root's powers but those over files, and is the first to go
   when memory runs out, so that the one which watches over it stays.
"""

from __future__ import annotations

import ctypes
import resource
import struct
from contextlib import suppress
from pathlib import Path
from typing import Final

_SET_DUMPABLE: Final = 4
_CAPBSET_DROP: Final = 24
_SET_NO_NEW_PRIVS: Final = 38
"""Options of prctl(2)."""

_CAPABILITIES: Final = 0x20080522
"""The version of capset(2) that takes 64 of them, in two words each."""
_KEPT: Final = (1 << 1) | (1 << 3)
"""CAP_DAC_OVERRIDE and CAP_FOWNER: recordings go to folders of other users when root runs this."""
_DIES_FIRST: Final = 500


def confine() -> None:
    """Give up core dumps, being looked into and new privileges, for this process; what it starts inherits the last."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(OSError):
        Path("/proc/self/coredump_filter").write_text("0")
    _prctl(_SET_NO_NEW_PRIVS, 1)
    _prctl(_SET_DUMPABLE, 0)


def confine_camera() -> None:
    """The same, and root's powers, for a camera's process."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(str(_DIES_FIRST))
    confine()
    for capability in range(64):
        if not _KEPT >> capability & 1:
            _prctl(_CAPBSET_DROP, capability)
    _keep_capabilities(_KEPT)


def _keep_capabilities(kept: int) -> None:
    """Keep of the capabilities that this process has at most those in the bit set ``kept``."""
    libc = _libc()
    if libc is None:
        return
    header = struct.pack("=Ii", _CAPABILITIES, 0)
    held = ctypes.create_string_buffer(24)
    if libc.capget(header, held) != 0:
        return
    words = struct.unpack("=6I", held.raw)
    masks = [kept & 0xFFFFFFFF] * 3 + [kept >> 32] * 3
    libc.capset(header, struct.pack("=6I", *(word & mask for word, mask in zip(words, masks, strict=True))))


def _prctl(option: int, value: int) -> None:
    libc = _libc()
    if libc is not None:
        libc.prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0))


def _libc() -> ctypes.CDLL | None:
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "prctl") and hasattr(libc, "capset") else None
