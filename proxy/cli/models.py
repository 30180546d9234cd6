"""``veilcast models``: the weight files that came with the proxy, and whether they are the right ones."""

from __future__ import annotations

from typing import Final

import typer

from proxy.detectors.weights import ModelFile, ModelStore
from proxy.errors import ModelError

EPILOG = "**Example**\n\n`veilcast models`; the exit code is 3 where a file is missing or altered"

HEADINGS: Final = ("model", "state", "sha256", "file", "licence")


def register(app: typer.Typer) -> None:
    """Add the verb to ``app``."""
    app.command("models", epilog=EPILOG)(models)


def models() -> int:
    """Show every model, where it comes from, and whether its hash is the manifest's."""
    store = ModelStore.open()
    rows = [(model.name, state_of(store, model), model.sha256[:16], model.file, _short(model.licence)) for model in store.models]
    widths = [max(map(len, column)) for column in zip(HEADINGS, *rows, strict=True)]
    for row in (HEADINGS, *rows):
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    return 0 if all(state == "ok" for _, state, *_ in rows) else ModelError.exit_code


def _short(licence: str) -> str:
    """The licence without the path of its text."""
    return licence.partition(":")[0]


def state_of(store: ModelStore, model: ModelFile) -> str:
    """``ok``, ``missing`` or ``altered``."""
    try:
        store.load(model.name)
    except ModelError:
        return "altered" if (store.folder / model.file).exists() else "missing"
    return "ok"
