"""One programme for many peers: sound is turned once, and only where somebody hears it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from proxy.encoding.programme import SoundTrack
from proxy.media.formats import VideoFormat
from proxy.sinks._webrtc.feed import Feed, Receiver, receiver
from proxy.webrtc.peer import Peer
from tests.peers.webrtc import LOOPBACK
from tests.programmes import STEP, encoded, every, pictures


@pytest.fixture
async def peers() -> AsyncIterator[list[Receiver]]:
    made = [receiver(Peer(LOOPBACK), kinds, lambda: None) for kinds in (["video", "audio"], ["", "video"])]
    yield made
    for one in made:
        await one.peer.close()


async def wants(*tracks: object) -> None:
    """Ask each track for a packet, as aiortc does once the peer is connected, and give up."""
    for track in tracks:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await track.recv()  # type: ignore[attr-defined]


async def test_each_kind_gets_its_transceiver_in_its_place(peers: list[Receiver]) -> None:
    directions = [[(one.kind, one.direction) for one in peer.peer.connection.getTransceivers()] for peer in peers]
    assert directions == [[("video", "sendonly"), ("audio", "sendonly")], [("audio", "inactive"), ("video", "sendonly")]]


async def test_pictures_go_to_everybody_and_sound_to_whoever_hears_it(peers: list[Receiver]) -> None:
    packets = encoded(pictures(every(STEP, 50)), track=SoundTrack.ALWAYS)
    feed = Feed()
    await wants(peers[0].picture, peers[0].sound, peers[1].picture)
    for packet in packets:
        await feed.give(packet, peers)
    shown = [packet for packet in packets if packet.is_video]
    for peer in peers:
        assert [bytes(packet) for packet in peer.picture._line] == [packet.data for packet in shown]
        assert [packet.pts for packet in peer.picture._line] == [packet.pts for packet in shown]
    assert len(peers[0].sound._line) > 80
    assert not peers[1].sound._line
    feed.close()


async def test_while_nobody_hears_it_no_sound_is_turned(peers: list[Receiver]) -> None:
    feed = Feed()
    for packet in encoded(pictures(every(STEP, 20)), track=SoundTrack.ALWAYS):
        await feed.give(packet, peers)
    assert feed._opus is None
    assert feed.streams is not None
    feed.close()


async def test_a_programme_of_another_size_goes_on_with_its_sound(peers: list[Receiver]) -> None:
    frames = [*pictures(every(STEP, 25)), *pictures(every(STEP, 25, first=25 * STEP), VideoFormat(96, 64))]
    feed = Feed()
    await wants(peers[0].picture, peers[0].sound)
    for packet in encoded(frames, track=SoundTrack.ALWAYS):
        await feed.give(packet, peers)
    assert len(peers[0].picture._line) == 50
    times = [packet.pts for packet in peers[0].sound._line]
    assert times == sorted(times)
    feed.close()
