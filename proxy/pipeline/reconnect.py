"""The one place that applies the delay between two tries of a connection."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from proxy.errors import SourceError, VeilcastError
from proxy.pipeline.backoff import Backoff
from proxy.pipeline.lifecycle import Turn, turn
from proxy.telemetry.events import Connection

Report = Callable[[Connection, VeilcastError | None, float], None]
"""Told of each new state, with the error that led to it and the seconds until the next try."""


@dataclass(slots=True)
class Link:
    """A connection that is kept up: tried, retried after a delay, given up only when a retry cannot help.

    A source that once gave pictures is never given up: whatever it says now, it may be mended as it was before.

    Args:
        report: told of every change of state.
        backoff: decides the delays.
        chance: uniform random numbers in 0..1.
    """

    report: Report
    backoff: Backoff = field(default_factory=Backoff)
    chance: Callable[[], float] = random.random
    state: Connection = Connection.CONNECTING
    established: bool = False
    _delay: asyncio.Timeout | None = None

    def opened(self) -> None:
        """Data flows; called by whoever sees the first of it. Again is harmless."""
        if self.state is not Connection.RUNNING:
            self.established = True
            self._turn(Turn.OPENED)

    def hurry(self) -> None:
        """Let the next try begin now, where a delay is being waited for: what it failed on is over."""
        if self._delay is not None and not self._delay.expired():
            self._delay.reschedule(asyncio.get_running_loop().time())

    async def keep(self, connect: Callable[[], Awaitable[None]], *, stop: asyncio.Event, give_up_at_first: bool = False) -> None:
        """Await ``connect`` again and again until it returns, ``stop`` is set, or an error cannot be mended by trying again.

        Args:
            connect: opens, works and returns when it is done for good.
            stop: ends the wait between two tries; ``connect`` itself must heed it on its own.
            give_up_at_first: raise a retryable error too as long as no try has ever succeeded.

        Raises:
            VeilcastError: the error that ended it.
        """
        attempt = 0
        self.report(self.state, None, 0.0)
        while True:
            began = time.monotonic()
            try:
                await connect()
            except VeilcastError as error:
                known = self.established and isinstance(error, SourceError)
                if not (error.retryable or known) or (give_up_at_first and not self.established and not stop.is_set()):
                    self._turn(Turn.REFUSED, error)
                    raise
                if stop.is_set():
                    break
                attempt = self.backoff.attempt(attempt, lived_s=time.monotonic() - began if self._ran() else 0.0)
                delay = 0.0 if error.at_once else self.backoff.delay_s(attempt, chance=self.chance())
                self._turn(Turn.FAILED, error, delay)
                if await self._stopped_within(stop, delay):
                    break
                self._turn(Turn.RETRIED)
            else:
                break
        self._turn(Turn.ENDED)

    def _ran(self) -> bool:
        return self.state is Connection.RUNNING

    async def _stopped_within(self, stop: asyncio.Event, delay_s: float) -> bool:
        try:
            async with asyncio.timeout(delay_s) as self._delay:
                await stop.wait()
        except TimeoutError:
            return False
        finally:
            self._delay = None
        return True

    def _turn(self, what: Turn, error: VeilcastError | None = None, delay_s: float = 0.0) -> None:
        self.state = turn(self.state, what)
        self.report(self.state, error, delay_s)
