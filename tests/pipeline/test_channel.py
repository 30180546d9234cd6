"""Channels: what each overflow rule promises."""

import asyncio
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.pipeline.channel import Channel, Overflow


async def drain(channel):
    return [item async for item in channel]


async def test_what_is_sent_is_received_in_order():
    channel = Channel(3, Overflow.BLOCK)
    for item in (1, 2, 3):
        await channel.send(item)
    channel.close()
    assert await drain(channel) == [1, 2, 3]


async def test_a_full_blocking_channel_makes_the_producer_wait_until_there_is_room():
    channel = Channel(1, Overflow.BLOCK)
    await channel.send("first")
    async with asyncio.TaskGroup() as group:
        sending = group.create_task(channel.send("second"))
        await asyncio.sleep(0)
        assert not sending.done()
        items = aiter(channel)
        assert await anext(items) == "first"
        assert await anext(items) == "second"
    assert channel.statistics.dropped == 0


async def test_abandoning_wakes_a_waiting_producer_and_drops_everything():
    dropped = []
    channel = Channel(1, Overflow.BLOCK, on_drop=dropped.append)
    await channel.send("first")
    async with asyncio.TaskGroup() as group:
        group.create_task(channel.send("second"))
        await asyncio.sleep(0)
        channel.abandon()
    assert dropped == ["first", "second"]
    assert await drain(channel) == []


async def test_closing_wakes_a_waiting_consumer():
    channel = Channel(1, Overflow.BLOCK)
    async with asyncio.TaskGroup() as group:
        received = group.create_task(drain(channel))
        await asyncio.sleep(0)
        channel.close()
    assert received.result() == []


async def test_drop_oldest_keeps_the_newest_and_tells_of_each_dropped_item():
    dropped = []
    channel = Channel(2, Overflow.DROP_OLDEST, on_drop=dropped.append)
    for item in range(5):
        await channel.send(item)
    channel.close()
    assert await drain(channel) == [3, 4]
    assert dropped == [0, 1, 2]
    assert (channel.statistics.sent, channel.statistics.received, channel.statistics.dropped) == (5, 2, 3)


@given(st.lists(st.booleans(), max_size=60), st.integers(1, 5), st.lists(st.integers(0, 60), max_size=20))
def test_a_gap_in_delivered_packets_comes_only_before_a_keyframe(keyframes, capacity, reads):
    """Whatever is read when: an item follows its predecessor, or it is one on which a stream can start."""

    async def play():
        channel = Channel(capacity, Overflow.DROP_TO_KEYFRAME, is_start=lambda item: item[1])
        items, got, due = aiter(channel), [], sorted(reads)
        for index, keyframe in enumerate(keyframes):
            await channel.send((index, keyframe))
            while due and due[0] <= index:
                due.pop(0)
                if len(channel):
                    got.append(await anext(items))
        channel.close()
        got += [item async for item in items]
        return got

    got = asyncio.run(play())
    for before, after in itertools.pairwise(got):
        assert after[0] == before[0] + 1 or after[1]


async def test_after_skipping_nothing_is_delivered_before_the_next_start():
    channel = Channel(9, Overflow.DROP_TO_KEYFRAME, is_start=lambda item: item == "key")
    for item in ("key", "delta"):
        await channel.send(item)
    channel.skip_to_start()
    for item in ("delta", "key", "delta"):
        await channel.send(item)
    channel.close()
    assert await drain(channel) == ["key", "delta"]


def test_a_channel_without_room_is_refused():
    with pytest.raises(ValueError, match="capacity"):
        Channel(0, Overflow.BLOCK)
