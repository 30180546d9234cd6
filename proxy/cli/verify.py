"""``veilcast verify``: which parts of a recording or stream somebody signed, who, and under which policy."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Annotated, Final

import typer

from proxy.attestation.findings import Span, Verdict, exit_code, spans
from proxy.attestation.framing import Framing
from proxy.attestation.judging import Rules
from proxy.attestation.minimum import Minimum
from proxy.attestation.trust import Trust
from proxy.attestation.verification import Verifier
from proxy.encoding.packet import NAL_CODECS
from proxy.errors import SourceUnsupported
from proxy.media.redact import redact
from proxy.media.time import TICKS_PER_SECOND
from proxy.options import resolve
from proxy.sources.packets import Packets, open_packets

CODES: Final = (
    "Exit codes, the gravest first: `51` removed, repeated, reordered, altered or spliced; `52` a forged claim, or an unknown or "
    "revoked key; `53` a weaker policy; `54` signed at a time out of range; `50` not all of it is proven; `0` all of it is."
)
EPILOG = "\n\n".join(
    (
        "**Examples**",
        "`veilcast verify recording.mp4 --trust device.jwk`",
        "`veilcast verify recording.mkv --trust keys.json --policy minimum.toml --camera entrance`",
        "`veilcast verify https://live.example.org/hls/entrance.m3u8 --trust keys.json --for 30 --max-age 60`",
        CODES,
    )
)
_STEP: Final = TICKS_PER_SECOND // 25
"""Between pictures of an input that does not say when they are shown."""


def register(app: typer.Typer) -> None:
    """Add the verb to ``app``."""
    app.command("verify", epilog=EPILOG)(verify)


def verify(
    source: Annotated[str, typer.Argument(metavar="INPUT", help="A file, or a URL that is played.", show_default=False)],
    trust: Annotated[Path, typer.Option("--trust", help="The public keys that are trusted, JSON.")],
    policy: Annotated[Path | None, typer.Option("--policy", help="The least policy that is taken, TOML.")] = None,
    camera: Annotated[str | None, typer.Option("--camera", help="The camera that this must be.", metavar="NAME")] = None,
    max_age_s: Annotated[
        float | None, typer.Option("--max-age", help="How long ago it may have been signed, in seconds.", min=0, metavar="S")
    ] = None,
    for_s: Annotated[
        float | None, typer.Option("--for", help="Watch a live input for so many seconds; else until Ctrl-C.", min=0, metavar="S")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> int:
    """Say which parts of a recording or stream are proven, by whom and under which policy, and what was done to the others."""
    minimum = Minimum() if policy is None else Minimum.load(policy)
    max_age_ms = None if max_age_s is None else round(max_age_s * 1000)
    rules = Rules(Trust.load(trust), minimum, camera, max_age_ms)
    url = resolve(source)
    with open_packets(url) as packets, _until(for_s) as patience:
        result = watched(packets, rules, patience)
    verdicts = result.verdicts
    if as_json:
        typer.echo(json.dumps(document(redact(url), result), indent=2))
    else:
        for line in told(result):
            typer.echo(line)
    return exit_code(verdicts)


@dataclass(slots=True)
class Patience:
    """Whether to go on watching."""

    deadline: float | None
    interrupted: bool = False

    def over(self) -> bool:
        """Whether it is enough."""
        return self.interrupted or (self.deadline is not None and time.monotonic() > self.deadline)


@dataclass(slots=True)
class Watched:
    """What came of watching an input."""

    verdicts: list[Verdict] = field(default_factory=list)
    unsigned_bytes: int = 0
    origin: int = 0


def watched(packets: Packets, rules: Rules, patience: Patience) -> Watched:
    """Verify ``packets`` to their end, or until ``patience`` is over.

    Raises:
        SourceUnsupported: the codec is none of those that are signed.
    """
    codec = NAL_CODECS.get(packets.codec)
    if codec is None:
        raise SourceUnsupported(f"{packets.codec} carries no claims", hint="veilcast signs H.264 and HEVC")
    live = packets.live
    verifier = Verifier(codec, Framing.of(packets.extradata, codec), rules, now_ms=lambda: time.time_ns() // 1_000_000, live=live)
    result, last = Watched(), None
    for packet in packets.read(patience.over):
        pts = packet.pts if packet.pts is not None else (0 if last is None else last + _STEP)
        if last is None:
            result.origin = pts
        last = pts
        result.verdicts += verifier.add(packet.data, pts=pts)
    result.verdicts += verifier.finish()
    result.unsigned_bytes = verifier.unsigned_bytes
    return result


@contextmanager
def _until(for_s: float | None) -> Iterator[Patience]:
    """Watching that ends after ``for_s`` seconds, or in order with Ctrl-C; a second one ends it at once."""
    patience = Patience(None if for_s is None else time.monotonic() + for_s)

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        if patience.interrupted:
            raise KeyboardInterrupt
        patience.interrupted = True

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield patience
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def told(result: Watched) -> Iterator[str]:
    """The result in words, a line for each span and each finding."""
    for span in spans(result.verdicts):
        begin, end = (_clock(ticks - result.origin) for ticks in (span.verdicts[0].begin, span.verdicts[-1].end))
        yield f"{begin} – {end}  {_summary(span)}"
        for finding in span.findings:
            yield f"    {finding.kind}: {finding.detail}"
    proven = sum(verdict.frames for verdict in result.verdicts if verdict.proven)
    every = sum(verdict.frames for verdict in result.verdicts)
    yield f"{proven} of {every} pictures are proven" if every else "no pictures that begin with a keyframe"
    if result.unsigned_bytes:
        yield f"beside the pictures, {result.unsigned_bytes} bytes of messages that nobody signed"


def _summary(span: Span) -> str:
    frames = sum(verdict.frames for verdict in span.verdicts)
    first = span.verdicts[0]
    if first.claim is None or first.key is None or not span.proven:
        return f"NOT PROVEN, {frames} pictures"
    claims = span.claims
    policy = first.claim.policy
    targets = policy.get("targets")
    hidden = ", ".join(map(str, targets)) if isinstance(targets, list) else "?"
    return (
        f"proven by {first.key.told}: camera {first.claim.camera}, run {first.claim.run}, "
        f"groups {claims[0].seq} to {claims[-1].seq}, {frames} pictures, "
        f"{hidden} hidden by {policy.get('method')}, policy {first.claim.policy_sha256[:8]}, "
        f"covered whole {sum(claim.frames.covered for claim in claims)}, "
        f"at most {max(claim.hidden.people for claim in claims)} people, "
        f"looks at most {max(claim.age_ms for claim in claims)} ms old, {first.claim.software}"
    )


def document(source: str, result: Watched) -> dict[str, object]:
    """The result for programs."""
    return {
        "input": source,
        "exit_code": exit_code(result.verdicts),
        "frames": sum(verdict.frames for verdict in result.verdicts),
        "frames_proven": sum(verdict.frames for verdict in result.verdicts if verdict.proven),
        "unsigned_bytes": result.unsigned_bytes,
        "spans": [_row(span, result.origin) for span in spans(result.verdicts)],
    }


def _row(span: Span, origin: int) -> dict[str, object]:
    first, last = span.verdicts[0], span.verdicts[-1]
    row: dict[str, object] = {
        "begin_s": round((first.begin - origin) / TICKS_PER_SECOND, 3),
        "end_s": round((last.end - origin) / TICKS_PER_SECOND, 3),
        "frames": sum(verdict.frames for verdict in span.verdicts),
        "proven": span.proven,
        "findings": [{"kind": str(finding.kind), "detail": finding.detail} for finding in span.findings],
    }
    if span.proven and first.claim is not None and first.key is not None:
        row["key"] = {"id": first.key.key.id, "name": first.key.name}
        row["claims"] = [claim.model_dump(mode="json") for claim in span.claims]
    return row


def _clock(ticks: int) -> str:
    minutes, seconds = divmod(max(0, ticks) / TICKS_PER_SECOND, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours:d}:{minutes:02d}:{seconds:06.3f}"
