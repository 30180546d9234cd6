"""Calling an address: what it means, and to whom a token goes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from fractions import Fraction

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from proxy.errors import ConfigError
from proxy.sinks._webrtc.tracks import PacketTrack
from proxy.webrtc.endpoint import Endpoint
from proxy.webrtc.peer import Peer, send
from proxy.webrtc.signalling import Address, CallerOptions, Declined, Unanswered, agreed, reaching
from tests.peers.webrtc import LOOPBACK
from tests.webrtc.test_endpoint import OnlyPeer


def options(url: str, **more: object) -> CallerOptions:
    return CallerOptions.model_validate({"url": url, "addresses": ["127.0.0.1"], **more})


@pytest.mark.parametrize(
    ("text", "url", "name"),
    [
        ("whip://host/app/key", "http://host/app/key", "whip://host/app/***"),
        ("whips://host:8443/app/key?token=x", "https://host:8443/app/key?token=x", "whips://host:8443/app/***?***"),
        ("wheps://user:pass@host/cam#x", "https://user:pass@host/cam", "wheps://***@host/cam#x"),
    ],
)
def test_the_scheme_says_whether_there_is_tls_and_the_name_hides_secrets(text: str, url: str, name: str) -> None:
    address = Address.parse(text)
    assert address.url == url
    assert address.name.startswith(name.partition("#")[0])
    assert "pass" not in repr(address)


@pytest.mark.parametrize("text", ["whip://", "whip:", "whep://host:x/", "whep://host:0/"])
def test_an_address_without_a_host_or_with_a_wrong_port_is_none(text: str) -> None:
    with pytest.raises(ConfigError):
        Address.parse(text)


@pytest.mark.parametrize(
    ("host", "met"),
    [("127.0.0.1", ("127.0.0.1",)), ("localhost", ("127.0.0.1",)), ("::1", ("::1",)), ("192.0.2.1", ()), ("host", ())],
)
def test_this_machine_itself_is_met_by_its_loopback_address(host: str, met: tuple[str, ...]) -> None:
    assert reaching(CallerOptions.model_validate({"url": f"whip://{host}/"}), host).addresses == met
    own = CallerOptions.model_validate({"url": "whip://x/", "addresses": ["192.0.2.5"]})
    assert reaching(own, host).addresses == ("192.0.2.5",)


class Other:
    """The other side, whose answers can be bent; it notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []
        self.location = ""
        self.answer: web.Response | None = None
        self.endpoint = Endpoint(lambda _offer: OnlyPeer(Peer(LOOPBACK)), LOOPBACK, 5)

    @web.middleware
    async def note(self, request: web.Request, handler: object) -> web.StreamResponse:
        self.asked.append((request.method, request.path, request.headers.get("Authorization", "")))
        if self.answer is not None:
            told = {"Location": self.answer.headers["Location"]} if "Location" in self.answer.headers else {}
            return web.Response(status=self.answer.status, text=self.answer.text, headers=told)
        response: web.StreamResponse = await handler(request)  # type: ignore[operator]
        if self.location:
            response.headers["Location"] = self.location
        return response


@asynccontextmanager
async def other_side() -> AsyncIterator[tuple[Other, str]]:
    other = Other()
    app = other.endpoint.application()
    app.middlewares.append(other.note)
    async with TestServer(app) as server:
        yield other, f"whip://127.0.0.1:{server.port}/"
        await other.endpoint.close()


def caller() -> Peer:
    peer = Peer(LOOPBACK)
    send(peer, PacketTrack("video", Fraction(1, 90_000)), ["video/H264"])
    return peer


@pytest.mark.peer
async def test_a_session_is_connected_while_it_lasts_and_ended_with_the_same_token() -> None:
    async with other_side() as (other, url):
        peer = caller()
        async with agreed(peer, options(url, token="t0ken")):
            assert peer.connected
        assert peer.gone
    (post, delete) = other.asked
    assert post == ("POST", "/", "Bearer t0ken")
    assert (delete[0], delete[2]) == ("DELETE", "Bearer t0ken")


@pytest.mark.peer
async def test_a_token_does_not_follow_a_location_to_another_place() -> None:
    async with other_side() as (elsewhere, url), other_side() as (other, address):
        other.location = url.replace("whip:", "http:") + "session"
        async with agreed(caller(), options(address, token="t0ken")):
            pass
    assert elsewhere.asked == [("DELETE", "/session", "")]


@pytest.mark.peer
async def test_a_redirect_or_a_location_leads_to_no_host_that_is_not_named() -> None:
    async with other_side() as (elsewhere, url), other_side() as (other, address):
        other.answer = web.Response(status=307, headers={"Location": url.replace("whip://127.0.0.1", "http://localhost")})
        with pytest.raises(Declined, match="sends us to localhost"):
            async with agreed(caller(), options(address)):
                pass
        assert elsewhere.asked == []
        async with agreed(caller(), options(address, token="t0ken", hosts=["localhost"])):
            pass
        assert [(method, token) for method, _, token in elsewhere.asked] == [("POST", ""), ("DELETE", "")]
        elsewhere.location = "http://elsewhere.example/session"
        async with agreed(caller(), options(url)):
            pass
        assert [method for method, _, _ in elsewhere.asked] == ["POST", "DELETE", "POST"], "which ends by itself"


@pytest.mark.peer
async def test_a_redirect_that_never_ends_is_given_up() -> None:
    async with other_side() as (other, url):
        other.answer = web.Response(status=308, headers={"Location": "/again"})
        with pytest.raises(Declined, match="on and on"):
            async with agreed(caller(), options(url)):
                pass
    assert len(other.asked) == 4


@pytest.mark.peer
@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (lambda: web.Response(status=201, text="v=0 nonsense"), Declined, "cannot be read|does not fit"),
        (lambda: web.Response(status=200, text="v=0"), Declined, "answered 200"),
        (
            lambda: web.Response(status=503, text="rtmp://host/app/secret is full\nmore"),
            Unanswered,
            "answered 503 rtmp://host/app/",
        ),
    ],
)
async def test_odd_answers_are_told_in_one_line_without_secrets(answer: object, error: type[Exception], words: str) -> None:
    async with other_side() as (other, url):
        other.answer = answer()  # type: ignore[operator]
        peer = caller()
        with pytest.raises(error, match=words) as caught:
            async with agreed(peer, options(url)):
                pass
    assert "secret" not in str(caught.value)
    assert "more" not in str(caught.value)
    assert peer.gone


@pytest.mark.peer
async def test_a_failure_inside_ends_the_session_and_comes_through() -> None:
    async with other_side() as (other, url):
        with pytest.raises(KeyError):
            async with agreed(caller(), options(url)):
                raise KeyError
    assert [method for method, _, _ in other.asked] == ["POST", "DELETE"]


@pytest.mark.peer
async def test_an_answer_without_a_way_for_media_is_given_up_and_ended() -> None:
    async with other_side() as (other, url):
        blind = CallerOptions.model_validate({"url": url, "addresses": ["127.0.0.1"], "connect_timeout_s": 0.5})
        other.endpoint.begin = lambda _offer: OnlyPeer(Peer(LOOPBACK.model_copy(update={"addresses": ("127.0.0.2",)})))
        peer = caller()

        async def deaf(_answer: str) -> None:
            """Take no answer, so that media finds no way."""

        peer.accept = deaf  # type: ignore[method-assign]
        with pytest.raises(Unanswered, match=r"no way to it within 0\.5 s"):
            async with agreed(peer, blind):
                pass
    assert [method for method, _, _ in other.asked] == ["POST", "DELETE"]
