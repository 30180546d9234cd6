"""One line for each peer: it begins with a keyframe, is bounded, and a slow peer loses pictures and nothing else."""

from __future__ import annotations

import asyncio
from fractions import Fraction

import pytest

from proxy.media.time import TICK
from proxy.sinks._webrtc.tracks import WAITING, PacketTrack


def track() -> tuple[PacketTrack, list[int]]:
    asked: list[int] = []
    return PacketTrack("video", TICK, lambda: asked.append(1)), asked


async def first_wanted(made: PacketTrack) -> None:
    """Ask for a packet, as aiortc does once the peer is connected, and give up."""
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await made.recv()


async def test_nothing_waits_before_the_peer_asks_and_then_a_keyframe_comes_first() -> None:
    made, asked = track()
    made.put(b"early", 0, start=True)
    assert (made.wanted, asked) == (False, [])
    await first_wanted(made)
    assert (made.wanted, asked) == (True, [1])
    made.put(b"undecodable", 1, start=False)
    made.put(b"key", 2, start=True)
    made.put(b"next", 3, start=False)
    got = [await made.recv(), await made.recv()]
    assert [(bytes(packet), packet.pts, packet.time_base) for packet in got] == [(b"key", 2, TICK), (b"next", 3, TICK)]


async def test_a_peer_that_takes_nothing_has_a_bounded_line_that_begins_anew_with_a_keyframe() -> None:
    made, asked = track()
    await first_wanted(made)
    for number in range(WAITING):
        made.put(b"old", number, start=number == 0)
    assert made.dropped == 0
    made.put(b"too much", WAITING, start=False)
    assert (made.dropped, len(asked)) == (WAITING, 2)
    made.put(b"key", WAITING + 1, start=True)
    assert (await made.recv()).pts == WAITING + 1


async def test_who_waits_gets_the_next_packet_at_once() -> None:
    made, _ = track()
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(made.recv())
        await asyncio.sleep(0)
        made.put(b"key", 7, start=True)
    assert waiting.result().pts == 7


async def test_a_stopped_track_takes_nothing() -> None:
    made = PacketTrack("audio", Fraction(1, 48_000))
    await first_wanted(made)
    made.stop()
    assert not made.wanted
    made.put(b"late", 1, start=True)
    await first_wanted(made)
