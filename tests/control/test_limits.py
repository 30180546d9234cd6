"""What one visitor may use, and what all of them may."""

import asyncio

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from proxy.control import limits
from proxy.control.limits import Allowance, Doorkeeper, Visitors
from proxy.control.server import Control
from proxy.telemetry.status import StatusBoard


@given(st.lists(st.floats(0, 5), min_size=1, max_size=200))
def test_nobody_gets_more_than_a_burst_and_then_the_steady_rate(pauses):
    allowance, now, allowed = Allowance(a_second=2, at_once=5), 0.0, 0
    for pause in pauses:
        now += pause
        allowed += allowance.take(now)
    assert allowed <= 5 + 2 * now + 1


def test_a_wrong_token_costs_more_and_rest_restores():
    allowance = Allowance(a_second=1, at_once=20)
    assert allowance.take(0.0, cost=10)
    assert allowance.take(0.0, cost=10)
    assert not allowance.take(0.0)
    assert allowance.take(5.0)


def test_visitors_do_not_spend_each_others_allowance_and_are_forgotten_in_the_end():
    visitors = Visitors()
    for _ in range(int(limits.REQUESTS_AT_ONCE)):
        assert visitors.take("192.0.2.1", 0.0)
    assert not visitors.take("192.0.2.1", 0.0)
    assert visitors.take("192.0.2.2", 0.0)
    for number in range(limits.VISITORS_KEPT + 10):
        visitors.take(f"2001:db8::{number:x}", 0.0)
    assert len(visitors._known) == limits.VISITORS_KEPT


@pytest.fixture
async def address(monkeypatch):
    """A control server behind its doorkeeper, with small limits; where it listens."""
    monkeypatch.setattr(limits, "CONNECTIONS_OF_ONE", 3)
    monkeypatch.setattr(limits, "FIRST_REQUEST_S", 0.2)
    control = Control(StatusBoard(("door",)), {}, lambda: b"")
    runner = web.AppRunner(control.application(), max_line_size=limits.LINE_BYTES, max_field_size=limits.FIELD_BYTES)
    await runner.setup()
    assert runner.server is not None
    server = await asyncio.get_running_loop().create_server(Doorkeeper(runner.server, control.unheard), "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[:2]
    server.close()
    await runner.cleanup()


async def asked(address, request, *, more=b""):
    reader, writer = await asyncio.open_connection(*address)
    writer.write(request + more)
    answer = await asyncio.wait_for(reader.read(4096), 5)
    writer.close()
    return answer


async def test_a_connection_that_asks_nothing_is_cut_off_and_one_that_asked_is_not(address):
    reader, writer = await asyncio.open_connection(*address)
    writer.write(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
    asking, asker = await asyncio.open_connection(*address)
    for _ in range(2):
        asker.write(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert b"200 OK" in await asyncio.wait_for(asking.readuntil(b"ok\n"), 5)
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await asyncio.wait_for(reader.readexactly(1), 5)
    writer.close()
    asker.close()


async def test_one_connection_too_many_is_refused_and_a_later_one_is_not(address):
    held = [await asyncio.open_connection(*address) for _ in range(3)]
    for _, writer in held:
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    for reader, _ in held:
        await asyncio.wait_for(reader.readuntil(b"ok\n"), 5)
    try:
        refused = await asked(address, b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    except ConnectionError:
        refused = b""
    assert refused == b""
    for _, writer in held:
        writer.close()
        await writer.wait_closed()
    for _ in range(100):
        if b"200 OK" in await asked_or_nothing(address):
            return
        await asyncio.sleep(0.02)
    raise AssertionError("the closed connections still count")


async def asked_or_nothing(address):
    try:
        return await asked(address, b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    except ConnectionError:
        return b""


@pytest.mark.parametrize(
    "request_head",
    [
        b"GET /" + b"x" * 10_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: " + b"x" * 20_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"X-Many: x\r\n" * 2000 + b"\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -5\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    ],
)
async def test_what_is_too_long_or_no_request_is_refused(address, request_head):
    try:
        answer = await asked(address, request_head)
    except (ConnectionError, TimeoutError):
        return
    assert answer == b"" or answer.split()[1] in (b"400", b"405", b"413", b"431")
