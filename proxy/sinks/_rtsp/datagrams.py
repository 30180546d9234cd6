"""A session's packets as UDP datagrams: a pair of ports for each track, ours and the server's (RFC 2326, 12.39).

1. Media goes to the host of the connection and nowhere else, whatever the server says.
2. Nothing waits: what the system does not take at once is lost, as datagrams are.
3. What the server sends back is not read; the system keeps little of it, and then none.
"""

from __future__ import annotations

import errno
import re
import socket
from typing import Final

PAIRS_TRIED: Final = 50
SEND_BUFFER: Final = 1 << 20
"""Bytes of a large keyframe that wait in the system; it may allow less."""

_SERVER_PORTS: Final = re.compile(r"(?:^|;)\s*server_port=(\d{1,5})-(\d{1,5})\s*(?:;|$)")
_LOST: Final = frozenset({errno.EAGAIN, errno.EWOULDBLOCK, errno.ENOBUFS})


def server_ports(transport: str) -> tuple[int, int] | None:
    """The ports for packets and for reports that a Transport header of the server names, ``None`` where it names none."""
    if not transport.strip().upper().startswith("RTP/AVP") or "/TCP" in transport.partition(";")[0].upper():
        return None
    found = _SERVER_PORTS.search(transport)
    ports = (int(found[1]), int(found[2])) if found else (0, 0)
    return ports if all(0 < port < 1 << 16 for port in ports) else None


class Pair:
    """Two sockets of neighbouring numbers, the even one for packets and the odd one for reports.

    Args:
        host: our own address, on which they are bound.

    Raises:
        OSError: there are no two ports.
    """

    def __init__(self, host: str) -> None:
        self._sockets = _bound(host)

    @property
    def ports(self) -> tuple[int, int]:
        """Our ports."""
        packets, reports = (int(one.getsockname()[1]) for one in self._sockets)
        return packets, reports

    def connect(self, host: str, ports: tuple[int, int]) -> None:
        """Send to ``ports`` of ``host`` from now on.

        Raises:
            OSError: no way leads there.
        """
        for one, port in zip(self._sockets, ports, strict=True):
            one.connect((host, port))

    def send(self, packet: bytes, *, report: bool) -> None:
        """Send one datagram; what finds no room is lost.

        Raises:
                OSError: nobody listens there any more, or no way leads there.
        """
        try:
            self._sockets[report].send(packet)
        except OSError as error:
            # who does not want reports says so in this way
            if error.errno not in _LOST and not (report and error.errno == errno.ECONNREFUSED):
                raise

    def close(self) -> None:
        """Let the ports go."""
        for one in self._sockets:
            one.close()


def _bound(host: str) -> tuple[socket.socket, socket.socket]:
    for _ in range(PAIRS_TRIED):
        first = _socket(host, 0)
        port = int(first.getsockname()[1])
        try:
            if port % 2 == 0:
                return first, _socket(host, port + 1)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                first.close()
                raise
        first.close()
    raise OSError(errno.EADDRINUSE, "no two neighbouring ports are free")


def _socket(host: str, port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    try:
        made.setblocking(False)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        made.bind((host, port))
    except BaseException:
        made.close()
        raise
    return made
