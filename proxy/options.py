"""The shape of every plugin's settings, and the one way in which secrets enter them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict

from proxy.errors import ConfigError


class Options(BaseModel):
    """Settings of one plugin: frozen, unknown keys are errors, and what was typed is never echoed in an error.

    The docstring below a field is its description in the schema and in docs/settings.md.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True, use_attribute_docstrings=True
    )


SECRET_LIMIT: Final = 1 << 16
"""The most bytes that are read of a secret file."""


def resolve(text: str) -> str:
    """``text`` itself, or what ``env:NAME`` or ``file:PATH`` stands for (``file://…`` is a URL and stays as it is).

    Raises:
        ConfigError: the variable is not set, or the file cannot be read or is not one line of text.
    """
    if text.startswith("env:"):
        name = text.removeprefix("env:")
        value = os.environ.get(name)
        if value is None:
            raise ConfigError(f"environment variable {name} is not set", hint=f"set it, or write the value in place of env:{name}")
        return value.strip()
    if text.startswith("file:") and not text.startswith("file://"):
        path = Path(text.removeprefix("file:"))
        try:
            with path.open("rb") as file:
                return _first_line(file.read(SECRET_LIMIT))
        except OSError as error:
            raise ConfigError(
                f"secret file {path} cannot be read: {error.strerror}",
                hint="check its path and permissions; a video is file://PATH",
            ) from error
        except ValueError:
            raise ConfigError(
                f"{path} holds no secret: not one line of text", hint="a video is file://PATH, or its path alone"
            ) from None
    return text


def _first_line(content: bytes) -> str:
    text = content.decode("utf-8").strip()
    if not text.isprintable():
        raise ValueError("expected one line of text")
    return text
