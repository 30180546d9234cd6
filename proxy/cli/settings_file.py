"""A camera written into a settings file: comments and order stay, and a half-written file is never seen."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Final

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT

from proxy.errors import ConfigError

_NEW: Final = "# docs/settings.md names every setting; try this file with: veilcast check -c FILE\n\n"


def names(path: Path) -> list[str]:
    """The cameras that the file at ``path`` has; none where there is no file.

    Raises:
        ConfigError: it cannot be read, or is no TOML.
    """
    cameras = _document(path).get("camera", [])
    return [str(camera.get("name", "camera")) for camera in cameras if isinstance(camera, dict)]


def add_camera(path: Path, name: str, url: str, *, secret: bool) -> list[Path]:
    """Write a camera at the end of the file at ``path``; returns the files that were written.

    Args:
        secret: whether ``url`` holds a password; it then goes into a file of its own that only its owner may read.

    Raises:
        ConfigError: the file cannot be read or written, is no TOML, or has a camera of that name.
    """
    document = _document(path)
    if name in names(path):
        raise ConfigError(f'{path} has a camera "{name}" already', hint="choose another with --name")
    written = [path]
    source = url
    if secret:
        place = path.absolute().parent / f"{name}.source"
        _replace(place, url + "\n", mode=0o600)
        source, written = f"file:{place}", [path, place]
    table = tomlkit.table()
    table.add("name", name)
    table.add("source", source)
    cameras = document.get("camera")
    if not isinstance(cameras, AoT):
        if cameras is not None:
            raise ConfigError(
                f"{path}: camera is written in a form that cannot be added to", hint="write cameras as [[camera]] tables"
            )
        cameras = tomlkit.aot()
        document.add("camera", cameras)
    cameras.append(table)
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    _replace(path, tomlkit.dumps(document), mode=mode)
    return written


def _document(path: Path) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(path.read_text(encoding="utf-8") if path.exists() else _NEW)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}", hint="check its path and permissions") from error
    except (TOMLKitError, UnicodeDecodeError):
        raise ConfigError(f"{path}: not valid TOML", hint=f"veilcast check -c {path} says where") from None


def _replace(path: Path, text: str, *, mode: int) -> None:
    """Let ``path`` hold ``text``, all or nothing."""
    try:
        number, made = tempfile.mkstemp(dir=path.absolute().parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(number, "w", encoding="utf-8") as file:
                os.fchmod(file.fileno(), mode)
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(made).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(made).unlink()
            raise
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}", hint="check the folder and its permissions") from error
