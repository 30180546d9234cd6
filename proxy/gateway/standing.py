"""What still counts of what was written: rows that later ones did not take back, by what they are about. Pure.

Rows that are let go take nothing with them that still counts: a ``state`` row, written with it, holds those as they were. Whoever
reads the ledger begins with them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from proxy.gateway.entry import Entry

STATE: Final = "state"
FACE_FOUND: Final = "a face was found in it"
"""Why proof is lost where it counts for nothing from then on, until people say otherwise."""
LIFTED: Final = "lifted"
Standing = dict[tuple[str, ...], Entry]
"""Rows by what they are about: ``("switch", "camera:door")``."""


_SETS: Final = {
    "publisher": "publisher",
    "publisher-revoked": "revoked",
    "token": "token",
    "pull": "pull",
    "policy": "policy",
    "admitted": "stream",
    "proof-lost": "proof-lost",
    "switch": "switch",
    "finding": "switch",
}
"""What a kind of row tells, which stands until it is told anew or taken back."""
_TAKES_BACK: Final = {
    "publisher": ("revoked",),
    "token-revoked": ("token",),
    "admitted": ("proof-lost",),
    "ended": ("stream", "proof-lost"),
    "trusted-again": ("distrusted",),
}


def after(standing: Standing, entry: Entry) -> None:
    """Let ``entry`` add to ``standing``, take its place there, or take away from it."""
    for what in _TAKES_BACK.get(entry.kind, ()):
        standing.pop(_about(what, entry), None)
    if entry.kind in _SETS:
        standing[_about(_SETS[entry.kind], entry)] = entry
    if entry.kind == "switch" and action_of(entry) == LIFTED:
        standing.pop(_about("switch", entry))
    if entry.kind == "proof-lost" and entry.detail.get("why") == FACE_FOUND:
        standing[_about("distrusted", entry)] = entry


def _about(what: str, entry: Entry) -> tuple[str, ...]:
    if what == "token":
        return what, entry.subject, str(entry.detail.get("token"))
    return what, f"camera:{entry.subject}" if entry.kind == "finding" else entry.subject


def carried(state: Entry) -> list[Entry]:
    """The rows that a ``state`` row holds, in order.

    Raises:
        ValueError, TypeError: it holds none that can be read.
    """
    rows = state.detail.get("rows")
    if not isinstance(rows, list):
        raise TypeError("a state row holds rows")
    return [Entry.told(row) for row in rows]


def kept(standing: Standing) -> list[Entry]:
    """Its rows, each once, in order."""
    return sorted({entry.seq: entry for entry in standing.values()}.values(), key=lambda entry: entry.seq)


def standing_after(entries: Iterable[Entry]) -> Standing:
    """What counts after ``entries``, in order."""
    found: Standing = {}
    for entry in entries:
        after(found, entry)
    return found


def action_of(entry: Entry) -> str:
    """What a row that sets a switch does: a finding covers."""
    return "cover" if entry.kind == "finding" else str(entry.detail.get("action", ""))
