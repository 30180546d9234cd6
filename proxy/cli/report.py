"""``veilcast report``: what a gateway's ledger says of one camera, as a page or PDF for people who were not there."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from proxy.attestation.trust import Trust
from proxy.cli.console import say
from proxy.cli.ledger import CHANGED
from proxy.errors import ConfigError, SinkUnwritable
from proxy.gateway.database import reading
from proxy.gateway.evidence import gathered, publisher_of
from proxy.gateway.ledger import entries, remembered
from proxy.gateway.pages import html
from proxy.gateway.registry import Registry
from proxy.gateway.report import Block, Origin, document
from proxy.gateway.soundness import problems
from proxy.telemetry.wholefile import WholeFile


def _pdf(blocks: Sequence[Block]) -> bytes:
    """The PDF; its library takes half a second to load, which other verbs need not wait for."""
    from proxy.gateway.pages import pdf

    return pdf.page(blocks)


WRITERS: Final[Mapping[str, Callable[[Sequence[Block]], str | bytes]]] = {".html": html.page, ".pdf": _pdf}
EPILOG = "\n\n".join(
    (
        "**Example**",
        "`veilcast report gateway.sqlite --trust gateway.jwk --camera door --from 2026-11-01 --to 2026-12-01 -o report.html`",
        "`-o report.pdf` writes a PDF.",
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
    out: Annotated[Path, typer.Option("--output", "-o", help="The file to write: `.html`, or `.pdf`.")],
    overwrite: Annotated[bool, typer.Option("--overwrite", "-y", help="Replace a file that exists.")] = False,
) -> int:
    """Write uptime, admission, coverage, findings, operators' actions and policy of a camera; exit code 55 for a changed ledger."""
    from_ms, to_ms = _ms(begin, "--from"), _ms(end, "--to")
    if to_ms <= from_ms:
        raise ConfigError("--to is not after --from", hint="for example --from 2026-11-01 --to 2026-12-01")
    written = WRITERS.get(out.suffix.lower())
    if written is None:
        raise ConfigError(f"{out.name}: neither HTML nor PDF", hint=f"let the name end in {' or '.join(WRITERS)}")
    keys = list(Trust.load(trust).keys.values())
    if len(keys) != 1:
        raise ConfigError(f"{trust} holds {len(keys)} keys", hint="name the gateway's own, as veilcast keys show prints it")
    if out.exists() and not overwrite:
        raise SinkUnwritable(f"{out} exists", hint="add -y to replace it")
    with closing(reading(path)) as connection:
        connection.execute("BEGIN")
        found = problems(connection, keys[0].key)
        try:
            publisher = Registry(connection).owner(camera)
            if publisher is None:
                publisher = publisher_of(remembered(connection), camera=camera)
            if publisher is None:
                hint = "GET /api/cameras names those that are registered; of an older one, rows may have been let go"
                raise ConfigError(f"no camera {camera} is registered, and no row of the ledger is about one", hint=hint)
            evidence = gathered(remembered(connection), camera=camera, publisher=publisher, from_ms=from_ms, to_ms=to_ms)
            begins_ms = next((entry.at_ms for entry in entries(connection, limit=1) if entry.seq > 1), None)
        except (ValueError, TypeError) as error:
            raise ConfigError("the ledger holds rows that cannot be read", hint="veilcast ledger verify names them") from error
    origin = Origin(publisher, found, time.time_ns() // 1_000_000, keys[0].key.id, begins_ms)
    with WholeFile(out) as file:
        file.write(written(document(evidence, origin)))
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
