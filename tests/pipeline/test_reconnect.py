"""A link: tried, retried, given up."""

import asyncio

import pytest

from proxy.errors import SinkUnreachable, SinkUnwritable, SourceDamaged, SourceVacant
from proxy.pipeline.backoff import Backoff
from proxy.pipeline.reconnect import Link
from proxy.telemetry.events import Connection

AT_ONCE = Backoff(first_s=0.0, limit_s=0.0)


class Log(list):
    def __call__(self, state, error, delay):
        self.append((state, error.message if error else ""))


def connecting(outcomes, link):
    async def connect():
        outcome = outcomes.pop(0)
        if outcome == "works":
            link.opened()
        elif isinstance(outcome, Exception):
            raise outcome

    return connect


async def test_a_failure_that_a_retry_can_mend_is_retried_until_it_works():
    log = Log()
    link = Link(log, AT_ONCE)
    await link.keep(connecting([SinkUnreachable("gone"), SinkUnreachable("still"), "works"], link), stop=asyncio.Event())
    assert [state for state, _ in log] == [
        Connection.CONNECTING,
        Connection.WAITING,
        Connection.CONNECTING,
        Connection.WAITING,
        Connection.CONNECTING,
        Connection.RUNNING,
        Connection.ENDED,
    ]
    assert log[1] == (Connection.WAITING, "gone")


async def test_who_waits_for_others_to_come_is_there_again_without_a_delay():
    link = Link(Log(), Backoff(first_s=60.0, limit_s=60.0))
    async with asyncio.timeout(5):
        await link.keep(connecting([SourceVacant("left"), SourceVacant("left"), "works"], link), stop=asyncio.Event())


async def test_a_failure_that_no_retry_can_mend_is_raised_at_once():
    log = Log()
    link = Link(log, AT_ONCE)
    with pytest.raises(SinkUnwritable):
        await link.keep(connecting([SinkUnwritable("full")], link), stop=asyncio.Event())
    assert log[-1] == (Connection.FAILED, "full")


async def test_a_source_that_gave_pictures_is_tried_again_whatever_it_says():
    link = Link(Log(), AT_ONCE)
    with pytest.raises(SourceDamaged):
        await link.keep(connecting([SourceDamaged("nothing could be decoded")], link), stop=asyncio.Event())

    log = Log()
    link = Link(log, AT_ONCE)
    link.opened()
    await link.keep(connecting([SourceDamaged("nothing could be decoded"), "works"], link), stop=asyncio.Event())
    assert log[-1] == (Connection.ENDED, "")

    link = Link(Log(), AT_ONCE)
    link.opened()
    with pytest.raises(SinkUnwritable):
        await link.keep(connecting([SinkUnwritable("full"), "works"], link), stop=asyncio.Event())


async def test_giving_up_at_first_raises_only_as_long_as_nothing_ever_worked():
    link = Link(Log(), AT_ONCE)
    with pytest.raises(SinkUnreachable):
        await link.keep(connecting([SinkUnreachable("gone")], link), stop=asyncio.Event(), give_up_at_first=True)

    link = Link(Log(), AT_ONCE)
    tries = 0

    async def works_once_then_fails_once():
        nonlocal tries
        tries += 1
        if tries == 1:
            link.opened()
            raise SinkUnreachable("cut")

    await link.keep(works_once_then_fails_once, stop=asyncio.Event(), give_up_at_first=True)
    assert tries == 2


async def test_stop_ends_the_wait_between_two_tries():
    link = Link(Log(), Backoff(first_s=3600, limit_s=3600))
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        keeping = group.create_task(link.keep(connecting([SinkUnreachable("gone")], link), stop=stop))
        await asyncio.sleep(0)
        stop.set()
    assert keeping.done()
    assert link.state is Connection.ENDED


async def test_cancellation_is_never_swallowed():
    link = Link(Log(), AT_ONCE)

    async def forever():
        await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await link.keep(forever, stop=asyncio.Event())


async def test_who_is_hurried_does_not_wait_for_the_rest_of_a_delay():
    link = Link(Log(), Backoff(first_s=60.0, limit_s=60.0))
    link.hurry()
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(link.keep(connecting([SinkUnreachable("name in use"), "works"], link), stop=asyncio.Event()))
        while link.state is not Connection.WAITING:
            await asyncio.sleep(0)
        link.hurry()
    assert link.state is Connection.ENDED
    link.hurry()
