"""One SRT socket: called or called up, read and written in bounded time. Blocking; each is used from one thread."""

from __future__ import annotations

import ctypes
import errno
import hmac
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final, Self

from proxy.srt import library
from proxy.srt.address import Address
from proxy.srt.failures import SrtRejected, SrtUnreachable
from proxy.srt.library import FAILED, REASONS, TIMED_OUT, last_error, srt

PAYLOAD: Final = 1316
"""Seven packets of a transport stream: what live SRT carries in a message."""

_MESSAGE: Final = 1456
_TURN_MS: Final = 200
_BACKLOG: Final = 8
_DRAIN_S: Final = 0.5
_LINGER_LIMIT_S: Final = 1.2
_STREAMID_BYTES: Final = 513


class Connection:
    """A connected socket. ``peer`` names the other end, for errors."""

    def __init__(self, handle: int, peer: str) -> None:
        self._handle = handle
        self._peer = peer
        self._buffer = ctypes.create_string_buffer(_MESSAGE)

    @classmethod
    def call(cls, address: Address, *, timeout_s: float) -> Self:
        """Call a listener.

        Raises:
            SrtMissing, SrtRejected, SrtUnreachable: there is no connection.
        """
        where = _resolved(address.host, address.port, address.name)
        handle = _socket(address)
        try:
            _set(handle, library.CONNTIMEO, round(timeout_s * 1000))
            if address.streamid:
                _set_text(handle, library.STREAMID, address.streamid)
            if srt().srt_connect(handle, where, len(where)) == FAILED:
                raise _refusal(handle, address.name)
        except BaseException:
            srt().srt_close(handle)
            raise
        return cls(handle, address.name)

    @property
    def streamid(self) -> str:
        """What the caller asked for."""
        text, size = ctypes.create_string_buffer(_STREAMID_BYTES), ctypes.c_int(_STREAMID_BYTES)
        srt().srt_getsockflag(self._handle, library.STREAMID, text, ctypes.byref(size))
        return text.raw[: size.value].decode("utf-8", "replace")

    def receive(self) -> bytes | None:
        """The next message; ``None`` when none came for a fifth of a second.

        Raises:
            SrtUnreachable: the connection is over.
        """
        size = srt().srt_recvmsg(self._handle, self._buffer, _MESSAGE)
        if size > 0:
            return self._buffer.raw[:size]
        if size == FAILED and last_error()[0] in TIMED_OUT:
            return None
        raise SrtUnreachable(f"{self._peer} ended the stream", hint="check the peer and the network")

    def send(self, message: bytes, *, timeout_s: float) -> None:
        """Send ``message`` of at most ``PAYLOAD`` bytes.

        Raises:
            SrtUnreachable: the connection is over, or the network took nothing for so long.
        """
        deadline = time.monotonic() + timeout_s
        while srt().srt_sendmsg2(self._handle, message, len(message), None) == FAILED:
            number, _ = last_error()
            if number not in TIMED_OUT:
                raise SrtUnreachable(f"{self._peer} ended the connection", hint="check the peer and the network")
            if time.monotonic() >= deadline:
                raise SrtUnreachable(f"{self._peer} took nothing for {timeout_s:g} s", hint="check the peer and the network")

    @property
    def drained(self) -> bool:
        """Whether the peer has everything that was sent."""
        left, size = ctypes.c_int(0), ctypes.c_int(4)
        failed = srt().srt_getsockflag(self._handle, library.SNDDATA, ctypes.byref(left), ctypes.byref(size)) == FAILED
        return failed or left.value == 0

    def close(self) -> None:
        """Hang up at once; again is harmless."""
        if self._handle != FAILED:
            srt().srt_close(self._handle)
            self._handle = FAILED


def hang_up(connections: Sequence[Connection], *, latency_ms: int) -> None:
    """Close, once the peers have everything and had the time to show it: whoever is hung up on forgets what still waits there."""
    deadline = time.monotonic() + _DRAIN_S
    while not all(connection.drained for connection in connections) and time.monotonic() < deadline:
        time.sleep(0.01)
    if connections:
        time.sleep(min(_LINGER_LIMIT_S, latency_ms / 1000 + 0.1))
    for connection in connections:
        connection.close()


class Listener:
    """A port at which callers are taken. Callers without the passphrase, or with another stream id where one is set, are not.

    Args:
        address: where to listen.
        asked: decides on a caller by its stream id in place of that: 0 lets it in, anything else is told it as the reason. It is
            asked by a thread of the library's, which takes no other caller meanwhile.
    """

    def __init__(self, address: Address, asked: Callable[[str], int] | None = None) -> None:
        where = _resolved(address.host or "0.0.0.0", address.port, address.name)  # noqa: S104 - the user left the host out
        self._address = address
        self._asked = asked
        self._handle = _socket(address)
        try:
            _set(self._handle, library.RCVSYN, 0)
            # kept here: the library calls it for as long as it listens
            self._admission = library.ADMISSION(self._admits)
            srt().srt_listen_callback(self._handle, self._admission, None)
            if srt().srt_bind(self._handle, where, len(where)) == FAILED or srt().srt_listen(self._handle, _BACKLOG) == FAILED:
                raise SrtUnreachable(f"cannot listen at {address.name}: {last_error()[1]}", hint="another program uses the port")
            self._poll = srt().srt_epoll_create()
            events = ctypes.c_int(library.READABLE)
            srt().srt_epoll_add_usock(self._poll, self._handle, ctypes.byref(events))
        except BaseException:
            srt().srt_close(self._handle)
            raise

    def accept(self) -> Connection | None:
        """A caller that waits; ``None`` when there is none now."""
        handle = srt().srt_accept(self._handle, None, None)
        if handle == FAILED:
            return None
        caller = Connection(handle, f"the caller at {self._address.name}")
        _set(handle, library.RCVSYN, 1)
        _set(handle, library.RCVTIMEO, _TURN_MS)
        return caller

    def _admits(self, _context: int | None, handle: int, _version: int, _peer: int | None, streamid: bytes | None) -> int:
        """Asked by a thread of the library's about each caller, before there is a connection."""
        if self._asked is not None:
            reason = self._asked((streamid or b"").decode("utf-8", "replace"))
            if reason:
                srt().srt_setrejectreason(handle, reason)
            return FAILED if reason else 0
        wanted = self._address.streamid.encode()
        if not wanted or hmac.compare_digest(streamid or b"", wanted):
            return 0
        srt().srt_setrejectreason(handle, library.FORBIDDEN)
        return FAILED

    def wait(self, stop: threading.Event, *, timeout_s: float) -> Connection | None:
        """The next caller; ``None`` when told to stop.

        Raises:
            SrtUnreachable: nobody called in time.
        """
        deadline = time.monotonic() + timeout_s
        ready, count = (ctypes.c_int * 1)(), ctypes.c_int(1)
        while not stop.is_set():
            count.value = 1
            if srt().srt_epoll_wait(self._poll, ready, ctypes.byref(count), None, None, _TURN_MS, None, None, None, None) > 0:
                caller = self.accept()
                if caller:
                    return caller
            if time.monotonic() >= deadline:
                raise SrtUnreachable(f"nobody calls {self._address.name}", hint="check address, stream id and passphrase there")
        return None

    def close(self) -> None:
        """Stop listening; again is harmless."""
        if self._handle != FAILED:
            srt().srt_epoll_release(self._poll)
            srt().srt_close(self._handle)
            self._handle = FAILED


def _socket(address: Address) -> int:
    """A socket with everything that is agreed on before a connection; live mode, messages of one payload."""
    handle = int(srt().srt_create_socket())
    if handle == FAILED:
        raise SrtUnreachable(f"{address.name}: no socket: {last_error()[1]}", hint="too many connections may be open")
    for option, value in (
        (library.RCVTIMEO, _TURN_MS),
        (library.SNDTIMEO, _TURN_MS),
        (library.LATENCY, address.latency_ms),
        (library.PAYLOADSIZE, PAYLOAD),
        *(((library.PBKEYLEN, address.key_bytes),) if address.key_bytes else ()),
    ):
        _set(handle, option, value)
    if address.passphrase:
        _set_text(handle, library.PASSPHRASE, address.passphrase)
    return handle


def _set(handle: int, option: int, value: int) -> None:
    srt().srt_setsockflag(handle, option, ctypes.byref(ctypes.c_int(value)), 4)


def _set_text(handle: int, option: int, text: str) -> None:
    if srt().srt_setsockflag(handle, option, text.encode(), len(text.encode())) == FAILED:
        raise SrtRejected("libsrt does not take the passphrase or stream id", hint="a passphrase has 10 to 79 bytes")


def _resolved(host: str, port: int, name: str) -> bytes:
    """The ``sockaddr`` of ``host``."""
    try:
        family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    except OSError as error:
        raise SrtUnreachable(f"{name}: no such host", hint="check the address") from error
    if family == socket.AF_INET:
        return struct.pack("=HH4s8x", family, socket.htons(port), socket.inet_aton(str(place[0])))
    scope = int(place[3]) if len(place) > 3 else 0
    return struct.pack("=HHI16sI", family, socket.htons(port), 0, socket.inet_pton(family, str(place[0]).partition("%")[0]), scope)


def _refusal(handle: int, name: str) -> SrtRejected | SrtUnreachable:
    number, text = last_error()
    reason = int(srt().srt_getrejectreason(handle))
    if number == library.REFUSED and reason in REASONS and reason != 16:
        return SrtRejected(f"{name} refused: {REASONS[reason]}", hint="check passphrase and stream id, here and there")
    if number == library.REFUSED and reason >= 1000:
        return SrtRejected(f"{name} refused with {reason}", hint="check the stream id")
    return SrtUnreachable(f"{name} does not answer: {text or os.strerror(errno.ETIMEDOUT)}", hint="check the address and the port")
