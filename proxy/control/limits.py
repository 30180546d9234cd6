"""How much of the proxy's own HTTP one visitor, and all together, may use: connections, requests, and time for each.

1. What is beyond a limit is refused at once and costs next to nothing; a camera never waits for a visitor.
2. Nothing is remembered of more than a bounded number of visitors.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

CONNECTIONS: Final = 128
CONNECTIONS_OF_ONE: Final = 32
FIRST_REQUEST_S: Final = 10.0
HANDLER_S: Final = 30.0
KEEP_ALIVE_S: Final = 30.0
LINGER_S: Final = 0.02
"""How long what is left of a body that was refused is still taken, so that its sender reads the answer."""
LINE_BYTES: Final = 4096
FIELD_BYTES: Final = 8190

REQUESTS_A_SECOND: Final = 50.0
REQUESTS_AT_ONCE: Final = 200.0
WRONG_TOKEN_COSTS: Final = 10.0
VISITORS_KEPT: Final = 1024


@dataclass(slots=True)
class Allowance:
    """Requests that a visitor may still make: refilled steadily, up to a limit. Pure: time is an input, in seconds."""

    a_second: float = REQUESTS_A_SECOND
    at_once: float = REQUESTS_AT_ONCE
    _left: float = field(default=0.0)
    _since: float | None = None

    def take(self, now: float, *, cost: float = 1.0) -> bool:
        """Spend ``cost``; false when there is less than one request left, and then nothing is spent."""
        if self._since is None:
            self._left = self.at_once
        else:
            self._left = min(self.at_once, self._left + max(0.0, now - self._since) * self.a_second)
        self._since = now
        if self._left < 1.0:
            return False
        self._left -= cost
        return True


@dataclass(slots=True)
class Visitors:
    """The allowance of each visitor, by address; those seen longest ago are forgotten first."""

    _known: OrderedDict[str, Allowance] = field(default_factory=OrderedDict)

    def take(self, address: str, now: float, *, cost: float = 1.0) -> bool:
        """Whether the visitor at ``address`` may go on."""
        allowance = self._known.setdefault(address, Allowance())
        self._known.move_to_end(address)
        while len(self._known) > VISITORS_KEPT:
            self._known.popitem(last=False)
        return allowance.take(now, cost=cost)


class Doorkeeper:
    """Makes the protocol of each new connection: aiohttp's own, or none for one too many.

    Args:
        server: aiohttp's.
        unheard: the addresses of connections from which no whole request has come; after a while these are cut off.
    """

    def __init__(self, server: web.Server, unheard: set[object]) -> None:
        self._server = server
        self._unheard = unheard

    def __call__(self) -> asyncio.Protocol:
        """A protocol that decides once it sees who connects."""
        return _Newcomer(self)

    def admit(self, transport: asyncio.Transport) -> None:
        """Hand the connection on to aiohttp, or cut it off."""
        address = _address(transport)
        known = [_address(handler.transport) for handler in self._server.connections if handler.transport is not None]
        if len(known) >= CONNECTIONS or known.count(address) >= CONNECTIONS_OF_ONE:
            transport.abort()
            return
        handler = self._server()
        transport.set_protocol(handler)
        handler.connection_made(transport)
        peer = transport.get_extra_info("peername")
        self._unheard.add(peer)
        asyncio.get_running_loop().call_later(FIRST_REQUEST_S, self._cut_off_when_silent, peer, transport)

    def _cut_off_when_silent(self, peer: object, transport: asyncio.Transport) -> None:
        if peer in self._unheard and not transport.is_closing():
            transport.abort()
        self._unheard.discard(peer)


class _Newcomer(asyncio.Protocol):
    def __init__(self, keeper: Doorkeeper) -> None:
        self._keeper = keeper

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not isinstance(transport, asyncio.Transport) and not hasattr(transport, "abort"):
            raise AssertionError("a TCP connection can be written to and cut off")
        self._keeper.admit(transport)  # type: ignore[arg-type]


def _address(transport: asyncio.BaseTransport) -> str:
    peer = transport.get_extra_info("peername")
    return str(peer[0]) if isinstance(peer, tuple) else ""
