"""What operators have covered: kept in a small file, so that it is true after a restart too.

1. The file is replaced in one step; a half-written one is never read.
2. A file that is there and cannot be understood covers everything.
3. A cover that cannot be kept is in force all the same, until the service ends.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    everything: bool
    cameras: list[str]


@dataclass(slots=True)
class Covers:
    """Which cameras are covered; ``path`` is where that is kept, ``None`` for nowhere."""

    path: Path | None
    everything: bool = False
    cameras: set[str] = field(default_factory=set)

    @classmethod
    def at(cls, path: Path | None) -> Covers:
        """What the file at ``path`` says."""
        try:
            kept = _File.model_validate_json(path.read_bytes()) if path else _File(everything=False, cameras=[])
        except FileNotFoundError:
            return cls(path)
        except (OSError, ValidationError):
            return cls(path, everything=True)
        return cls(path, kept.everything, set(kept.cameras))

    def covered(self, camera: str) -> bool:
        """Whether ``camera`` is covered."""
        return self.everything or camera in self.cameras

    def cover(self, camera: str | None, *, covered: bool, known: Iterable[str]) -> bool:
        """Cover ``camera``, ``None`` for every one now and later, or no longer; returns whether that is kept.

        To uncover one of all that are covered leaves the other ``known`` ones covered.
        """
        if camera is None:
            self.everything = covered
            if not covered:
                self.cameras.clear()
        elif covered:
            self.cameras.add(camera)
        else:
            self.cameras |= set(known) if self.everything else set()
            self.cameras.discard(camera)
            self.everything = False
        return self._kept()

    def forget(self, camera: str) -> None:
        """``camera`` is no more."""
        if camera in self.cameras:
            self.cameras.discard(camera)
            self._kept()

    def _kept(self) -> bool:
        if self.path is None:
            return False
        made = self.path.with_name(f".{self.path.name}.new")
        try:
            with made.open("w", encoding="utf-8") as file:
                file.write(_File(everything=self.everything, cameras=sorted(self.cameras)).model_dump_json())
                file.flush()
                os.fsync(file.fileno())
            made.replace(self.path)
        except OSError:
            return False
        return True
