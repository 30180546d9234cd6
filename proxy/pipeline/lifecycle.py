"""A connection's states, as a table. Pure.

::

    CONNECTING ──opened──▶ RUNNING ──failed──▶ WAITING ──retried──▶ CONNECTING
        │  └────failed────────────────────────────▲  └──stopped──▶ ENDED
        ├──refused──▶ FAILED ◀──refused── RUNNING ──ended──▶ ENDED

``failed`` is what a retry can mend, ``refused`` what it cannot.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from proxy.telemetry.events import Connection


class Turn(StrEnum):
    """What happens to a connection."""

    OPENED = "opened"
    FAILED = "failed"
    RETRIED = "retried"
    REFUSED = "refused"
    ENDED = "ended"


TURNS: Final[dict[tuple[Connection, Turn], Connection]] = {
    (Connection.CONNECTING, Turn.OPENED): Connection.RUNNING,
    (Connection.CONNECTING, Turn.FAILED): Connection.WAITING,
    (Connection.CONNECTING, Turn.REFUSED): Connection.FAILED,
    (Connection.CONNECTING, Turn.ENDED): Connection.ENDED,
    (Connection.RUNNING, Turn.OPENED): Connection.RUNNING,
    (Connection.RUNNING, Turn.FAILED): Connection.WAITING,
    (Connection.RUNNING, Turn.REFUSED): Connection.FAILED,
    (Connection.RUNNING, Turn.ENDED): Connection.ENDED,
    (Connection.WAITING, Turn.RETRIED): Connection.CONNECTING,
    (Connection.WAITING, Turn.ENDED): Connection.ENDED,
}


def turn(state: Connection, what: Turn) -> Connection:
    """The state after ``what`` happens in ``state``.

    Raises:
        AssertionError: the table has no such turn, so the caller's belief about the connection is wrong.
    """
    after = TURNS.get((state, what))
    if after is None:
        raise AssertionError(f"a connection that is {state} cannot have {what}")
    return after
