"""``veilcast gateway``: the platform's side, between its ingest and its viewers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from proxy.platform import service
from proxy.platform.settings import load
from proxy.telemetry.logs import silence_libraries

EPILOG = "\n\n".join(
    (
        "**Examples**",
        "`veilcast keys init /etc/veilcast/gateway.pem > gateway.jwk` once: it signs the ledger",
        "`veilcast gateway -c gateway.toml`; docs/gateway.md has such a file, and the nginx configuration that goes with it",
    )
)


def register(app: typer.Typer) -> None:
    """Add the verb to ``app``."""
    app.command("gateway", epilog=EPILOG)(gateway)


def gateway(config: Annotated[Path, typer.Option("--config", "-c", help="The settings file.")]) -> int:
    """Let registered publishers in, anonymise what they send, and send that on; until stopped with Ctrl-C."""
    silence_libraries()
    return service.run(load(config))
