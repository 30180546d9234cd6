"""Offers and fragments that are almost right, to a real WHIP endpoint: an answer or a refusal, and nothing left open."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp.test_utils import TestClient, TestServer

from proxy.webrtc.endpoint import Endpoint
from tests.fuzz.mutants import SECONDS, mutants
from tests.peers.webrtc import SDP, offered
from tests.webrtc.test_endpoint import OPTIONS, TRICKLE, OnlyPeer, begin

pytestmark = [pytest.mark.peer, pytest.mark.timeout(int(SECONDS * 4) + 120)]
FRAGMENT = b"a=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdef01234567\r\nm=video 9 RTP/AVP 0\r\na=mid:0\r\n\
a=candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host\r\na=end-of-candidates\r\n"


async def test_whip_bodies() -> None:
    endpoint: Endpoint[OnlyPeer] = Endpoint(begin, OPTIONS, 100)
    async with TestClient(TestServer(endpoint.application())) as client:
        offer = (await offered("video")).encode()
        opened = await client.post("/", data=offer, headers=SDP)
        address = opened.headers["Location"]
        for name, body in mutants([offer], seconds=SECONDS):
            async with asyncio.timeout(20):
                answer = await client.post("/", data=body, headers=SDP)
            assert answer.status < 500 or answer.status == 503, f"{name}: {answer.status} {await answer.text()}"
            if answer.status == 201:
                await client.delete(answer.headers["Location"])
        for name, body in mutants([FRAGMENT], seconds=SECONDS):
            answer = await client.patch(address, data=body, headers=TRICKLE)
            assert answer.status < 500, f"{name}: {answer.status} {await answer.text()}"
    await endpoint.close()
    assert endpoint.sessions == []
