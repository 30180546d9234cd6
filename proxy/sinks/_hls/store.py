"""Where segments and the playlist are kept: a folder, or memory."""

from __future__ import annotations

import re
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

PLAYLIST: Final = "index.m3u8"

_OURS: Final = re.compile(r"(init|segment|part)-[0-9a-f]{6}-\d{1,12}\.(mp4|m4s|ts)(\.part)?|index\.m3u8(\.part)?")


class SegmentStore(Protocol):
    """Small files by name. Blocking."""

    def put(self, name: str, data: bytes) -> None:
        """Keep ``data``; whoever asks for ``name`` gets the old content or the new, never a part."""
        ...

    def get(self, name: str) -> bytes | None:
        """What is kept under ``name``."""
        ...

    def delete(self, name: str) -> None:
        """Forget ``name``; it need not be there."""
        ...

    def clear(self) -> None:
        """Forget everything that an HLS sink ever put here."""
        ...


class FolderStore:
    """Files in one folder, which is made when it is missing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, data: bytes) -> None:
        """Write beside, then rename; what a full disk does not take whole is not there."""
        part = self._folder / f"{name}.part"
        try:
            part.write_bytes(data)
            part.replace(self._folder / name)
        except OSError:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise

    def get(self, name: str) -> bytes | None:
        """What is in the file."""
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError:
            return None

    def delete(self, name: str) -> None:
        """Remove the file."""
        (self._folder / name).unlink(missing_ok=True)

    def clear(self) -> None:
        """Make the folder, and remove what an earlier run left there; other files stay."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for path in self._folder.iterdir():
            if _OURS.fullmatch(path.name):
                path.unlink(missing_ok=True)


class MemoryStore:
    """A few segments in memory, for a server in the same process. Any thread may read."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._files: dict[str, bytes] = {}

    def put(self, name: str, data: bytes) -> None:
        """Keep ``data``."""
        with self._lock:
            self._files[name] = data

    def get(self, name: str) -> bytes | None:
        """What is kept under ``name``."""
        with self._lock:
            return self._files.get(name)

    def delete(self, name: str) -> None:
        """Forget ``name``."""
        with self._lock:
            self._files.pop(name, None)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._files.clear()
