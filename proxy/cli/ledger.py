"""``veilcast ledger``: whether a gateway's ledger is as it was written."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated, Final

import typer

from proxy.attestation.trust import Trust
from proxy.errors import ConfigError
from proxy.gateway.database import reading
from proxy.gateway.ledger import head
from proxy.gateway.soundness import problems

CHANGED: Final = 55
EPILOG = "\n\n".join(
    (
        "**Examples**",
        "`veilcast ledger verify /var/lib/veilcast-gateway/gateway.sqlite --trust gateway.jwk`",
        "Note the last row's number and hash elsewhere now and then: `--head 1204:6c37…` finds an older copy put in its place.",
    )
)


def register(app: typer.Typer) -> None:
    """Add the verb to ``app``."""
    ledger = typer.Typer(help="Look after a gateway's ledger.", epilog=EPILOG)
    ledger.callback()(_group)
    ledger.command("verify", epilog=EPILOG)(verify)
    app.add_typer(ledger, name="ledger")


def _group() -> None:
    """Look after a gateway's ledger."""


def verify(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="The gateway's database.", show_default=False)],
    trust: Annotated[Path, typer.Option("--trust", help="The public key of the gateway, JSON.")],
    known: Annotated[str, typer.Option("--head", help="A row that was noted before, which must be in it.", metavar="N:HASH")] = "",
) -> int:
    """Say whether any row of a gateway's ledger was changed, added or taken out; exit code 55 where that is so."""
    keys = list(Trust.load(trust).keys.values())
    if len(keys) != 1:
        raise ConfigError(f"{trust} holds {len(keys)} keys", hint="name the gateway's own, as veilcast keys show prints it")
    with closing(reading(path)) as connection:
        connection.execute("BEGIN")
        found = problems(connection, keys[0].key)
        seq, digest = head(connection)
        if known:
            number, _, noted = known.partition(":")
            row = connection.execute("SELECT hash FROM ledger WHERE seq = ?", (number,)).fetchone()
            if row is None or row[0] != noted:
                found.append(f"row {number} is not the one that was noted")
    for problem in found:
        typer.echo(problem)
    typer.echo(f"{'NOT sound' if found else 'sound'}, up to row {seq}: {seq}:{digest}")
    return CHANGED if found else 0
