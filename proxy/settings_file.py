"""A settings file, changed: comments and order stay, a half-written file is never seen, and the last change can be undone."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Array, Table

from proxy.errors import ConfigError

_NEW: Final = "# docs/settings.md names every setting; try this file with: veilcast check -c FILE\n\n"
_PREVIOUS: Final = ".previous"
PRIVATE: Final = 0o600
"""The mode of files that hold secrets."""


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
    source, place = url, path.absolute().parent / f"{name}.source"
    text = with_camera(path, name, {"source": f"file:{place}" if secret else url})
    if secret:
        _replace(place, source + "\n", mode=PRIVATE)
    _replace(path, text, mode=path.stat().st_mode & 0o777 if path.exists() else 0o644)
    return [path, place] if secret else [path]


def with_camera(path: Path, name: str, values: Mapping[str, object]) -> str:
    """What the file at ``path`` says with one more camera, of these settings.

    Raises:
        ConfigError: the file cannot be read, is no TOML, or has a camera of that name.
    """
    document = _document(path)
    if name in names(path):
        raise ConfigError(f'{path} has a camera "{name}" already', hint="choose another with --name")
    table = tomlkit.table()
    table.add("name", name)
    _put(table, values)
    _cameras(document, path).append(table)
    return tomlkit.dumps(document)


def with_changes(path: Path, name: str, values: Mapping[str, object]) -> str:
    """What the file at ``path`` says with other ``values`` in the camera ``name``; tables in them are changed, not replaced.

    Raises:
        ConfigError: the file cannot be read, is no TOML, or has no camera of that name.
    """
    document = _document(path)
    _put(_camera(document, path, name), values)
    return tomlkit.dumps(document)


def without_camera(path: Path, name: str) -> str:
    """What the file at ``path`` says without the camera ``name``.

    Raises:
        ConfigError: the file cannot be read, is no TOML, or has no camera of that name.
    """
    document = _document(path)
    cameras = _cameras(document, path)
    del cameras[cameras.body.index(_camera(document, path, name))]
    if not len(cameras):
        document.remove("camera")
    return tomlkit.dumps(document)


def write(path: Path, text: str) -> None:
    """Let the file at ``path`` say ``text``, readable by its owner only; what it said before is kept beside it for :func:`undo`.

    Raises:
        ConfigError: one of them cannot be written.
    """
    try:
        before = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}", hint="check its path and permissions") from error
    _replace(previous(path), before, mode=PRIVATE)
    _replace(path, text, mode=PRIVATE)


def previous(path: Path) -> Path:
    """Where is kept what the file at ``path`` said before the last change."""
    return path.with_name(path.name + _PREVIOUS)


def _cameras(document: tomlkit.TOMLDocument, path: Path) -> AoT:
    cameras = document.get("camera")
    if cameras is None:
        cameras = tomlkit.aot()
        document.add("camera", cameras)
    if not isinstance(cameras, AoT):
        raise ConfigError(f"{path}: camera is written in a form that cannot be added to", hint="write cameras as [[camera]] tables")
    return cameras


def _camera(document: tomlkit.TOMLDocument, path: Path, name: str) -> Table:
    found = [camera for camera in _cameras(document, path).body if camera.get("name", "camera") == name]
    if len(found) != 1:
        raise ConfigError(f'{path} has no camera "{name}"', hint="it may have been changed by somebody else: load the page anew")
    return found[0]


def _put(table: Table, values: Mapping[str, object]) -> None:
    for name, value in values.items():
        inner = table.get(name)
        if isinstance(value, Mapping):
            if not isinstance(inner, Mapping):
                inner = tomlkit.table()
                table[name] = inner
            _put(table[name], value)
        elif isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
            table.pop(name, None)
            table[name] = _listed(value)
        else:
            table[name] = value


def _listed(values: list[object]) -> Array:
    """Tables among ``values`` as inline ones, a line each."""
    array = tomlkit.array()
    for value in values:
        if isinstance(value, Mapping):
            inline = tomlkit.inline_table()
            inline.update(value)
            array.append(inline)
        else:
            array.append(value)
    return array.multiline(multiline=len(values) > 0)


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
