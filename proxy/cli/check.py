"""``veilcast check``: everything wrong with a settings file, before anything starts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from proxy.attestation.keys import DeviceKey
from proxy.cli.console import complain, say, warn
from proxy.detectors.weights import ModelStore
from proxy.errors import ConfigError, ModelError, VeilcastError
from proxy.settings.service import Settings, load
from proxy.settings.weaknesses import warnings
from proxy.signs.board import Board

EPILOG = "**Example**\n\n`veilcast check -c veilcast.toml && systemctl restart veilcast`"


def register(app: typer.Typer) -> None:
    """Add the verb to ``app``."""
    app.command("check", epilog=EPILOG)(check)


def check(config: Annotated[Path, typer.Option("--config", "-c", help="The settings file.")]) -> int:
    """Name every problem of a settings file, its fonts and images, and every altered model; nothing is started or contacted."""
    found: list[VeilcastError] = []
    try:
        settings = load(config)
    except ConfigError as error:
        found.append(error)
    else:
        warn(warnings(settings))
        found += key_problems(settings)
        found += sign_problems(settings)
    found += model_problems()
    for problem in found:
        complain(problem)
    if not found:
        sinks = sum(len(camera.sinks) for camera in settings.cameras)
        say(f"{config} is sound: cameras {len(settings.cameras)}, sinks {sinks}")
    return found[0].exit_code if found else 0


def key_problems(settings: Settings) -> list[ConfigError]:
    """What is wrong with the device keys that the cameras sign with."""
    found = []
    for path in sorted({camera.attestation.key for camera in settings.cameras if camera.attestation.key}):
        try:
            DeviceKey.load(path)
        except ConfigError as error:
            found.append(error)
    return found


def sign_problems(settings: Settings) -> list[ConfigError]:
    """What keeps signs from being made: fonts, images, characters that no font has."""
    found = []
    for camera in settings.cameras:
        try:
            Board(camera.signs)
        except ConfigError as error:
            found.append(ConfigError(f"{camera.name}: {error.message}", hint=error.hint))
    return found


def model_problems() -> list[ModelError]:
    """What is wrong with the models that the proxy carries."""
    try:
        store = ModelStore.open()
    except ModelError as error:
        return [error]
    found = []
    for model in store.models:
        try:
            store.load(model.name)
        except ModelError as error:
            found.append(error)
    return found
