"""``veilcast report``: what a gateway's ledger says of one camera, as a page for people who were not there."""

from __future__ import annotations

import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from proxy.attestation.trust import Trust
from proxy.cli.console import say
from proxy.cli.ledger import CHANGED
from proxy.errors import ConfigError, SinkUnwritable
from proxy.gateway.database import reading
from proxy.gateway.evidence import gathered
from proxy.gateway.ledger import entries, problems
from proxy.gateway.report import page
from proxy.telemetry.wholefile import WholeFile

EPILOG = "\n\n".join(
    (
        "**Example**",
        "`veilcast report gateway.sqlite --trust gateway.jwk --camera door --from 2026-11-01 --to 2026-12-01 -o report.html`",
        "Print it from a browser where a PDF is wanted.",
    )
)


def register(app: typer.Typer) -> None:
    """Add the verb to ``app``."""
    app.command("report", epilog=EPILOG)(report)


def report(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="The gateway's database.", show_default=False)],
    trust: Annotated[Path, typer.Option("--trust", help="The public key of the gateway, JSON.")],
    camera: Annotated[str, typer.Option("--camera", help="The camera.")],
    begin: Annotated[str, typer.Option("--from", help="From when on: a date, or a date and time, UTC unless it says otherwise.")],
    end: Annotated[str, typer.Option("--to", help="Up to when.")],
    out: Annotated[Path, typer.Option("--output", "-o", help="The page to write, HTML.")],
    overwrite: Annotated[bool, typer.Option("--overwrite", "-y", help="Replace a page that exists.")] = False,
) -> int:
    """Write uptime, admission, coverage, findings, operators' actions and policy of a camera; exit code 55 for a changed ledger."""
    from_ms, to_ms = _ms(begin, "--from"), _ms(end, "--to")
    if to_ms <= from_ms:
        raise ConfigError("--to is not after --from", hint="for example --from 2026-11-01 --to 2026-12-01")
    keys = list(Trust.load(trust).keys.values())
    if len(keys) != 1:
        raise ConfigError(f"{trust} holds {len(keys)} keys", hint="name the gateway's own, as veilcast keys show prints it")
    if out.exists() and not overwrite:
        raise SinkUnwritable(f"{out} exists", hint="add -y to replace it")
    with closing(reading(path)) as connection:
        connection.execute("BEGIN")
        found = problems(connection, keys[0].key)
        row = connection.execute("SELECT publisher FROM camera WHERE name = ?", (camera,)).fetchone()
        publisher = "" if row is None else str(row[0])
        try:
            evidence = gathered(entries(connection), camera=camera, publisher=publisher, from_ms=from_ms, to_ms=to_ms)
        except (ValueError, TypeError) as error:
            raise ConfigError("the ledger holds rows that cannot be read", hint="veilcast ledger verify names them") from error
    text = page(evidence, publisher=publisher, problems=found, made_ms=time.time_ns() // 1_000_000, key_id=keys[0].key.id)
    with WholeFile(out) as file:
        file.write(text)
    say(f"{out}: {evidence.frames} pictures, {len(evidence.findings)} findings, ledger {'NOT sound' if found else 'sound'}")
    return CHANGED if found else 0


def _ms(text: str, option: str) -> int:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(
            f"{option}: no date", hint="2026-11-24, or 2026-11-24T08:30, or with a zone 2026-11-24T08:30+01:00"
        ) from None
    return round((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() * 1000)
