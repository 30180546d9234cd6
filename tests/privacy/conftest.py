"""Where outcomes are written down: with ``VEILCAST_FAULTS=FILE`` the rows of every fault become a table for docs/reliability.md."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.privacy.canary import SEEN
from tests.privacy.outcome import Outcome

Note = Callable[[str, Outcome], None]
HEAD: Final = "| fault | given | sent | covered whole | longest without a normal picture |\n|---|---|---|---|---|\n"


@pytest.fixture(scope="session")
def _rows() -> Iterator[dict[str, str]]:
    rows: dict[str, str] = {}
    yield rows
    if "VEILCAST_FAULTS" in os.environ:
        Path(os.environ["VEILCAST_FAULTS"]).write_text(HEAD + "".join(rows[fault] + "\n" for fault in sorted(rows)))


@pytest.fixture
def note(_rows: dict[str, str]) -> Note:
    """A function that holds a fault's outcome against the promise, and writes it down."""

    def hold(fault: str, outcome: Outcome) -> None:
        covered = ", ".join(f"{count} {reason}" for reason, count in sorted(outcome.covered.items())) or "none"
        longest = "as long as it lasted" if outcome.until_normal_ms is None else f"{outcome.until_normal_ms} ms"
        _rows[fault] = f"| {fault} | {outcome.given} | {outcome.sent} | {covered} | {longest} |"
        assert outcome.seen < SEEN, f"{fault}: the canary was sent"

    return hold
