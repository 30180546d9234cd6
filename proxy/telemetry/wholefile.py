"""A file that appears under its name only when it is complete."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from proxy.errors import SinkUnwritable


@dataclass(slots=True)
class WholeFile:
    """Text or bytes written beside ``path`` and renamed to it at the end; nothing is left behind when the ``with`` block fails.

    A path that already names something other than a regular file (a pipe, a terminal, ``/dev/null``) is written to directly.
    """

    path: Path
    _beside: Path | None = field(init=False, default=None)
    _file: BinaryIO = field(init=False)

    def __post_init__(self) -> None:
        direct = self.path.exists() and not self.path.is_file()
        if not direct:
            self._beside = self.path.with_name(f".{self.path.name}.{os.getpid()}.part")
        try:
            self._file = (self._beside or self.path).open("wb")
        except OSError as error:
            raise self._unwritable(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self._finish()
        else:
            self._discard()

    def write(self, what: str | bytes) -> None:
        """Append bytes, or text as UTF-8.

        Raises:
            SinkUnwritable: the disk is full, or the reader of a pipe went away.
        """
        try:
            self._file.write(what.encode() if isinstance(what, str) else what)
        except OSError as error:
            raise self._unwritable(error) from error

    def _finish(self) -> None:
        try:
            self._file.close()
            if self._beside:
                self._beside.replace(self.path)
        except OSError as error:
            self._discard()
            raise self._unwritable(error) from error

    def _discard(self) -> None:
        try:
            self._file.close()
        except OSError:
            pass
        finally:
            if self._beside:
                self._beside.unlink(missing_ok=True)

    def _unwritable(self, error: OSError) -> SinkUnwritable:
        return SinkUnwritable(
            f"{self.path} cannot be written: {error.strerror}", hint="check the folder, its permissions and free space"
        )
