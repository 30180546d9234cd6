"""Where outcomes are written down: with ``VEILCAST_FAULTS=FILE`` the rows of every fault become tables for docs/reliability.md."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.privacy.canary import SEEN
from tests.privacy.outcome import Outcome

Note = Callable[[str, Outcome], None]
FAULTS: Final = "| fault | given | sent | covered whole | longest without a normal picture |\n|---|---|---|---|---|\n"
PROCESSES: Final = "| process | sent | sent after the fault | noticed after | normal after |\n|---|---|---|---|---|\n"


@pytest.fixture(scope="session")
def _tables() -> Iterator[dict[str, dict[str, str]]]:
    tables: dict[str, dict[str, str]] = {FAULTS: {}, PROCESSES: {}}
    yield tables
    if "VEILCAST_FAULTS" in os.environ:
        texts = [head + "".join(f"{rows[fault]}\n" for fault in sorted(rows)) for head, rows in tables.items()]
        Path(os.environ["VEILCAST_FAULTS"]).write_text("\n".join(texts))


@pytest.fixture
def note(_tables: dict[str, dict[str, str]]) -> Note:
    """A function that holds a fault's outcome against the promise, and writes it down."""

    def hold(fault: str, outcome: Outcome) -> None:
        covered = ", ".join(f"{count} {reason}" for reason, count in sorted(outcome.covered.items())) or "none"
        longest = "as long as it lasted" if outcome.until_normal_ms is None else f"{outcome.until_normal_ms} ms"
        _tables[FAULTS][fault] = f"| {fault} | {outcome.given} | {outcome.sent} | {covered} | {longest} |"
        assert outcome.seen < SEEN, f"{fault}: the canary was sent"

    return hold


@pytest.fixture(scope="session")
def note_processes(_tables: dict[str, dict[str, str]]) -> Callable[[dict[str, str]], None]:
    """A function that writes down what became of processes."""
    return _tables[PROCESSES].update
