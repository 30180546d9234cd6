"""The HTTP of WHIP and WHEP, word for word: what is made, changed, ended and refused, and why."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from fractions import Fraction

import pytest
from aiohttp.test_utils import TestClient, TestServer

from proxy.sinks._webrtc.tracks import PacketTrack
from proxy.webrtc.endpoint import Endpoint, NotNow
from proxy.webrtc.options import PeerOptions
from proxy.webrtc.peer import Peer, sections, send
from proxy.webrtc.sdp import LIMIT
from tests.peers.webrtc import SDP, offered

OPTIONS = PeerOptions.model_validate(
    {"addresses": ["127.0.0.1"], "ice_servers": [{"url": "turn:192.0.2.1?transport=tcp", "username": "u", "credential": "p"}]}
)
"""With a TURN server that is told to clients; our own peers in these tests do not use it."""

TRICKLE = {"Content-Type": "application/trickle-ice-sdpfrag"}
pytestmark = pytest.mark.peer


@dataclass(frozen=True, slots=True)
class OnlyPeer:
    peer: Peer


def begin(offer: str) -> OnlyPeer:
    peer = Peer(PeerOptions(addresses=OPTIONS.addresses))
    sections(offer, "recvonly")
    send(peer, PacketTrack("video", Fraction(1, 90_000)), ["video/H264"])
    return OnlyPeer(peer)


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint[OnlyPeer]]:
    made = Endpoint(begin, OPTIONS, 2)
    yield made
    await made.close()


@pytest.fixture
async def client(endpoint: Endpoint[OnlyPeer]) -> AsyncIterator[TestClient]:
    client = TestClient(TestServer(endpoint.application()))
    await client.start_server()
    yield client
    await client.close()


async def test_an_offer_makes_a_session_with_an_address_a_tag_and_servers(client: TestClient) -> None:
    answer = await client.post("/", data=await offered("video"), headers=SDP)
    assert (answer.status, answer.content_type) == (201, "application/sdp")
    assert "m=video" in await answer.text()
    assert answer.headers["ETag"].startswith('"')
    assert answer.headers["Accept-Patch"] == "application/trickle-ice-sdpfrag"
    assert answer.headers["Link"].startswith('<turn:192.0.2.1?transport=tcp>; rel="ice-server"; username="u"')
    assert (await client.delete(answer.headers["Location"])).status == 200
    assert (await client.delete(answer.headers["Location"])).status == 404


async def test_what_is_wrong_with_an_offer_is_told(client: TestClient) -> None:
    plain = await client.post("/", data="v=0")
    assert (plain.status, await plain.text()) == (415, "expected Content-Type: application/sdp\n")
    assert (await client.post("/", data="v=0", headers=SDP)).status == 422
    no_codec = await client.post("/", data=(await offered("video")).replace("H264", "H999"), headers=SDP)
    assert (no_codec.status, "no codec" in await no_codec.text()) == (422, True)
    assert (await client.post("/", data="x" * (LIMIT + 1), headers=SDP)).status == 413


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
async def test_nothing_else_is_allowed_where_sessions_begin(client: TestClient, method: str) -> None:
    assert (await client.request(method, "/")).status == 405


async def test_places_are_limited_and_free_again_after_the_end(client: TestClient, endpoint: Endpoint[OnlyPeer]) -> None:
    offer = await offered("video")
    answers = [await client.post("/", data=offer, headers=SDP) for _ in range(3)]
    assert [answer.status for answer in answers] == [201, 201, 503]
    assert answers[2].headers["Retry-After"] == "10"
    assert (await client.delete(answers[0].headers["Location"])).status == 200
    assert (await client.post("/", data=offer, headers=SDP)).status == 201
    await endpoint.close()
    assert endpoint.sessions == []


async def test_candidates_may_trickle_in_with_the_sessions_tag_and_a_restart_is_refused(client: TestClient) -> None:
    offer = await offered("video")
    session = await client.post("/", data=offer, headers=SDP)
    path, tag = session.headers["Location"], {"If-Match": session.headers["ETag"]}
    username = next(line for line in offer.splitlines() if line.startswith("a=ice-ufrag:"))
    candidate = "m=video 9 X 0\r\na=mid:0\r\na=candidate:1 1 udp 1 127.0.0.1 9 typ host\r\n"
    assert (await client.patch(path, data=f"{username}\r\n{candidate}", headers=TRICKLE | tag)).status == 204
    assert (await client.patch(path, data=candidate, headers=TRICKLE)).status == 428
    assert (await client.patch(path, data=candidate, headers=TRICKLE | {"If-Match": '"other"'})).status == 412
    assert (await client.patch(path, data=candidate, headers=SDP | tag)).status == 415
    assert (await client.patch(path, data="a=candidate:1 2 3 4 127.0.0.1", headers=TRICKLE | tag)).status == 400
    assert (await client.patch("/nobody", data=candidate, headers=TRICKLE | tag)).status == 404
    for restart in ({"If-Match": "*"}, tag):
        refused = await client.patch(path, data=f"a=ice-ufrag:another\r\n{candidate}", headers=TRICKLE | restart)
        assert (refused.status, "restarts" in await refused.text()) == (422, True)


async def test_when_nobody_may_begin_it_says_when_to_ask_again() -> None:
    def not_yet(_offer: str) -> OnlyPeer:
        raise NotNow("there is no picture yet", retry_s=1)

    client = TestClient(TestServer(Endpoint(not_yet, OPTIONS, 1).application()))
    await client.start_server()
    answer = await client.post("/", data="v=0", headers=SDP)
    assert (answer.status, answer.headers["Retry-After"], await answer.text()) == (503, "1", "there is no picture yet\n")
    await client.close()


async def test_sweeping_closes_who_never_connects_and_who_is_gone(client: TestClient, endpoint: Endpoint[OnlyPeer]) -> None:
    offer = await offered("video")
    assert (await client.post("/", data=offer, headers=SDP)).status == 201
    await endpoint.sweep()
    assert len(endpoint.sessions) == 1, "there is still time"
    await endpoint.sessions[0].peer.close()
    await endpoint.sweep()
    assert endpoint.sessions == []
    hasty = Endpoint(begin, OPTIONS.model_copy(update={"connect_timeout_s": 0.0}), 1)
    await hasty._begun(offer)
    await hasty.sweep()
    assert hasty.sessions == []
