"""Two ends of a real libsrt on loopback: who may come in, what arrives, and that every wait has an end."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from proxy.srt.address import Address
from proxy.srt.connection import Connection, Listener
from proxy.srt.failures import SrtRejected, SrtUnreachable
from tests.peers.process import free_port

pytestmark = pytest.mark.peer

PASSPHRASE = "correct horse"


def ends(**secrets: str) -> tuple[Address, Address]:
    """The same place for a caller and for a listener."""
    port = free_port()
    return Address("127.0.0.1", port, False, **secrets), Address("127.0.0.1", port, True, **secrets)


@contextmanager
def listening(address: Address) -> Iterator[list[Connection]]:
    """A listener that takes one caller, in a thread of its own."""
    listener, stop, taken = Listener(address), threading.Event(), list[Connection]()

    def take() -> None:
        caller = listener.wait(stop, timeout_s=10)
        if caller:
            taken.append(caller)

    thread = threading.Thread(target=take)
    thread.start()
    try:
        yield taken
    finally:
        stop.set()
        thread.join(5)
        for caller in taken:
            caller.close()
        listener.close()


def until(condition: list[Connection], *, within_s: float = 5.0) -> Connection:
    deadline = time.monotonic() + within_s
    while not condition and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition[0]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_messages_arrive_whole_in_order_and_encrypted(host: str) -> None:
    port = free_port()
    here = Address(host, port, False, "live/door", PASSPHRASE)
    with listening(Address(host, port, True, "", PASSPHRASE)) as taken, closing(Connection.call(here, timeout_s=3)) as caller:
        other = until(taken)
        assert other.streamid == "live/door"
        sent = [bytes([number]) * 1316 for number in range(50)]
        for message in sent:
            caller.send(message, timeout_s=2)
        got: list[bytes] = []
        while len(got) < 50 and (message := other.receive()):
            got.append(message)
        assert got == sent
        assert other.receive() is None


def test_a_wrong_passphrase_is_refused_and_said_to_be_wrong() -> None:
    there, here = ends(passphrase=PASSPHRASE)
    wrong = Address(there.host, there.port, False, passphrase="battery staple")
    with listening(here) as taken:
        with pytest.raises(SrtRejected, match="passphrase"):
            Connection.call(wrong, timeout_s=3)
        assert not taken


def test_a_caller_without_the_passphrase_is_not_let_in() -> None:
    there, here = ends(passphrase=PASSPHRASE)
    with listening(here) as taken:
        with pytest.raises(SrtRejected):
            Connection.call(Address(there.host, there.port, False), timeout_s=3)
        assert not taken


def test_another_stream_id_is_not_taken_and_the_right_one_is() -> None:
    there, here = ends(streamid="live/door")
    with listening(here) as taken:
        with pytest.raises(SrtRejected, match="stream id"):
            Connection.call(Address(there.host, there.port, False, "live/yard"), timeout_s=3)
        assert not taken
        with closing(Connection.call(there, timeout_s=3)):
            assert until(taken).streamid == "live/door"


def test_nobody_there_is_told_in_bounded_time() -> None:
    began = time.monotonic()
    with pytest.raises(SrtUnreachable, match="does not answer"):
        Connection.call(Address("127.0.0.1", free_port(), False), timeout_s=0.5)
    assert time.monotonic() - began < 8
    with pytest.raises(SrtUnreachable, match="no such host"):
        Connection.call(Address("no.such.host.invalid", 9000, False), timeout_s=0.5)


def test_waiting_for_a_caller_heeds_a_stop_and_a_limit() -> None:
    listener, stop = Listener(Address("127.0.0.1", free_port(), True)), threading.Event()
    with closing(listener):
        with pytest.raises(SrtUnreachable, match="nobody calls"):
            listener.wait(stop, timeout_s=0.1)
        stop.set()
        assert listener.wait(stop, timeout_s=100) is None
        assert listener.accept() is None


def test_a_port_in_use_is_told() -> None:
    address = Address("127.0.0.1", free_port(), True)
    with closing(Listener(address)), pytest.raises(SrtUnreachable, match="cannot listen"):
        Listener(Address("127.0.0.1", address.port, True, latency_ms=300))


def test_the_end_of_the_other_side_is_told() -> None:
    there, here = ends()
    with listening(here) as taken, closing(Connection.call(there, timeout_s=3)) as caller:
        until(taken).close()
        deadline = time.monotonic() + 10
        with pytest.raises(SrtUnreachable, match="ended the stream"):
            while time.monotonic() < deadline:
                caller.receive()
