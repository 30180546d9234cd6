"""Two peers on loopback meet on the addresses they were given, and every wait has an end."""

from __future__ import annotations

import asyncio
import re
import time
from fractions import Fraction
from pathlib import Path
from unittest.mock import patch

import pytest

from proxy.sinks._webrtc.tracks import PacketTrack
from proxy.webrtc.options import PeerOptions
from proxy.webrtc.peer import Peer, Refused, sections, send
from tests.peers.turn import Turn
from tests.peers.webrtc import LOOPBACK, offered


def test_a_connection_asks_no_server_that_is_not_named() -> None:
    """aiortc would ask a public one when it is given nothing."""

    async def servers(options: PeerOptions) -> tuple[object, object]:
        peer = Peer(options)
        peer.connection.addTransceiver("video")
        ice = peer.connection.getTransceivers()[0].receiver.transport.transport._connection
        await peer.close()
        return ice.stun_server, ice.turn_server

    assert asyncio.run(servers(PeerOptions())) == (None, None)
    named = PeerOptions.model_validate({"ice_servers": [{"url": "stun:192.0.2.9:3478"}]})
    assert asyncio.run(servers(named)) == (("192.0.2.9", 3478), None)


@pytest.mark.peer
async def test_only_the_addresses_of_the_settings_are_offered() -> None:
    offer = await offered("video")
    assert set(re.findall(r"a=candidate:\S+ \d udp \d+ (\S+) ", offer)) == {"127.0.0.1"}


@pytest.mark.peer
async def test_two_connections_at_once_offer_each_their_own_addresses() -> None:
    async def addresses(options: PeerOptions) -> set[str]:
        peer = Peer(options)
        peer.connection.addTransceiver("video", direction="recvonly")
        offer = await peer.offer()
        await peer.close()
        return set(re.findall(r"a=candidate:\S+ \d udp \d+ (\S+) ", offer))

    both = await asyncio.gather(addresses(LOOPBACK), addresses(PeerOptions(addresses=("127.0.0.2",))))
    assert both == [{"127.0.0.1"}, {"127.0.0.2"}]


@pytest.mark.peer
async def test_peers_connect_and_each_learns_that_the_other_left() -> None:
    caller, called = Peer(LOOPBACK), Peer(LOOPBACK)
    caller.connection.addTransceiver("video", direction="recvonly")
    send(called, PacketTrack("video", Fraction(1, 90_000)), ["video/H264"])
    with patch("aioice.mdns.create_mdns_protocol", side_effect=AssertionError("nobody is asked about a name")):
        offer = (await caller.offer()).replace("a=end-of-candidates", "a=candidate:9 1 udp 1 hidden.local 9 typ host")
        await caller.accept(await called.answer(offer))
    await asyncio.gather(caller.until_connected(10), called.until_connected(10))
    assert caller.connected
    await caller.close()
    async with asyncio.timeout(5):
        await called.until_gone()
    await called.close()
    await called.close()


@pytest.mark.peer
@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_where_only_a_turn_server_leads_media_goes_through_it(tmp_path: Path, transport: str) -> None:
    """The other side is told of nothing but the server's address, as behind a NAT that lets nothing in."""
    with Turn(tmp_path) as turn:
        relayed = PeerOptions.model_validate({"addresses": ["127.0.0.1"], "ice_servers": [turn.server(transport=transport)]})
        caller, called = Peer(LOOPBACK), Peer(relayed)
        caller.connection.addTransceiver("video", direction="recvonly")
        send(called, PacketTrack("video", Fraction(1, 90_000)), ["video/H264"])
        answer = await called.answer(await caller.offer())
        assert " typ relay " in answer
        only = [line for line in answer.split("\r\n") if not line.startswith("a=candidate:") or " typ relay " in line]
        await caller.accept("\r\n".join(only))
        await asyncio.gather(caller.until_connected(15), called.until_connected(15))
        await caller.close()
        await called.close()
        assert "user <viewer>" in turn.log()


@pytest.mark.peer
async def test_a_turn_server_that_refuses_us_costs_no_more_than_its_way(tmp_path: Path) -> None:
    with Turn(tmp_path) as turn:
        wrong = turn.server(credential="wr0ng")
        peer = Peer(PeerOptions.model_validate({"addresses": ["127.0.0.1"], "ice_servers": [wrong]}))
        peer.connection.addTransceiver("video", direction="recvonly")
        began = time.monotonic()
        offer = await peer.offer()
        await peer.close()
    assert time.monotonic() - began < 12
    assert "127.0.0.1" in offer
    assert " typ relay " not in offer


@pytest.mark.peer
async def test_a_peer_that_nobody_answers_is_given_up() -> None:
    peer = Peer(LOOPBACK)
    send(peer, PacketTrack("video", Fraction(1, 90_000)), ["video/H264"])
    await peer.answer(await offered("video"))
    began = time.monotonic()
    with pytest.raises((TimeoutError, ConnectionError)):
        await peer.until_connected(0.3)
    assert time.monotonic() - began < 5
    await peer.close()


@pytest.mark.peer
async def test_an_offer_without_a_common_codec_says_so() -> None:
    peer = Peer(LOOPBACK)
    send(peer, PacketTrack("video", Fraction(1, 90_000)), ["video/H264"])
    with pytest.raises(Refused, match="no codec"):
        await peer.answer((await offered("video")).replace("H264", "H999"))
    await peer.close()


@pytest.mark.parametrize("text", ["", "v=0", "hello", "v=0\r\nm=video x y z\r\n", "v=0\r\no=- 1 1 IN IP4 0\r\nm=video 9 A 96\r\n"])
async def test_what_is_no_offer_is_refused(text: str) -> None:
    peer = Peer(LOOPBACK)
    send(peer, PacketTrack("video", Fraction(1, 90_000)), ["video/H264"])
    with pytest.raises(Refused):
        await peer.answer(text)
    await peer.close()


@pytest.mark.parametrize("kinds", [[], ["audio"], ["video", "video"], ["video", "application"], ["audio", "audio", "video"]])
def test_one_picture_and_at_most_one_sound_are_agreed_on(kinds: list[str]) -> None:
    with pytest.raises(Refused):
        sections("v=0\r\n" + "".join(f"m={kind} 9 X 0\r\n" for kind in kinds), "sendonly")
    assert sections("v=0\r\nm=audio 9 X 0\r\nm=video 9 X 0\r\n", "sendonly") == ("audio", "video")


@pytest.mark.parametrize(
    ("offers", "serves"), [("sendonly", "sendonly"), ("recvonly", "recvonly"), ("sendrecv", ""), ("inactive", None)]
)
def test_a_picture_must_flow_the_way_that_the_address_is_for(offers: str, serves: str | None) -> None:
    offer = f"v=0\r\nm=audio 9 X 0\r\na=sendrecv\r\nm=video 9 X 0\r\na={offers}\r\n"
    for way in ("sendonly", "recvonly"):
        if serves in ("", way):
            assert sections(offer, way) == ("audio", "video")
        else:
            with pytest.raises(Refused, match=f"expected the video section to be {way}, and it is {offers}"):
                sections(offer, way)
