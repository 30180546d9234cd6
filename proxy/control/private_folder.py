"""The folder in which one service keeps what only it shows: preview segments, sockets between its processes.

1. Nobody but its user can read it.
2. Its owner holds a lock on it, which the kernel lets go whatever ends the owner.
3. Whoever starts next removes every such folder whose lock nobody holds: SIGKILL and power cuts leave nothing for long.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_PREFIX: Final = "veilcast-"
_LOCK: Final = ".owner"


@contextmanager
def private_folder(parent: Path | None = None) -> Iterator[Path]:
    """A new empty folder below ``parent``, the system's for temporary files unless told; removed at the end."""
    parent = parent or Path(tempfile.gettempdir())
    remove_abandoned(parent)
    folder, lock = _locked_folder(parent)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def remove_abandoned(parent: Path) -> None:
    """Remove the folders of this user below ``parent`` that belong to no living process."""
    for folder in parent.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if not folder.is_symlink() and folder.stat().st_uid == os.geteuid() and (lock := _lock(folder, os.O_RDWR)) is not None:
                shutil.rmtree(folder, ignore_errors=True)
                os.close(lock)


def _locked_folder(parent: Path) -> tuple[Path, int]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        lock = _lock(folder, os.O_RDWR | os.O_CREAT)
        if lock is not None:
            return folder, lock


def _lock(folder: Path, flags: int) -> int | None:
    """The lock of ``folder``, held until it is closed; ``None`` when somebody else holds it or is about to remove the folder.

    Raises:
        OSError: there is no lock in it.
    """
    lock = os.open(folder / _LOCK, flags | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        (folder / _LOCK).stat()
    except OSError:
        os.close(lock)
        return None
    return lock
