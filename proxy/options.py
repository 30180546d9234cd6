"""The shape of every plugin's settings, and the one way in which secrets enter them."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from proxy.errors import ConfigError


class Options(BaseModel):
    """Settings of one plugin: frozen, unknown keys are errors, and what was typed is never echoed in an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True)


def resolve(text: str) -> str:
    """``text`` itself, or what ``env:NAME`` or ``file:PATH`` stands for (``file://…`` is a URL and stays as it is).

    Raises:
        ConfigError: the variable is not set, or the file cannot be read.
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
            return path.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigError(
                f"secret file {path} cannot be read: {error.strerror}", hint="check its path and permissions"
            ) from error
    return text
