"""Settings that may stand elsewhere: ``env:NAME`` and ``file:PATH``, looked up while the settings are read."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, SecretStr

from proxy.errors import ConfigError
from proxy.options import resolve
from proxy.settings.problems import refusal, told


def resolved(value: object, *, field: str = "") -> object:
    """``value``, with ``env:`` and ``file:`` looked up where it is text."""
    if not isinstance(value, str):
        return value
    try:
        return resolve(value)
    except ConfigError as error:
        raise refusal(told(error), field=field) from error


Secret = Annotated[SecretStr, BeforeValidator(resolved)]
