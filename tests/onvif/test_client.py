"""A camera's services are asked, and one that lies is not followed. The camera here is made up, to say what no real one would say;
``tests/cli/test_discover.py`` asks ipycam.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from proxy.errors import SourceRejected, SourceUnreachable, SourceUnsupported
from proxy.onvif.client import Camera, service_of
from proxy.onvif.soap import Credentials
from tests.peers.process import HOST, free_port

pytestmark = pytest.mark.peer

Answer = Callable[[str, str], web.Response]


def told(body: str) -> web.Response:
    return web.Response(text=f'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>{body}</s:Body></s:Envelope>')


@asynccontextmanager
async def camera_that(answers: Answer) -> AsyncIterator[tuple[str, list[tuple[str, str]]]]:
    """A service, and what it was asked: path and body."""
    asked: list[tuple[str, str]] = []

    async def handle(request: web.Request) -> web.Response:
        body = await request.text()
        asked.append((request.path, body))
        return answers(request.path, body)

    application = web.Application()
    application.router.add_post("/{anything:.*}", handle)
    runner, port = web.AppRunner(application), free_port()
    await runner.setup()
    await web.TCPSite(runner, HOST, port).start()
    try:
        yield f"http://{HOST}:{port}/onvif/device_service", asked
    finally:
        await runner.cleanup()


def usual(_path: str, body: str) -> web.Response:
    if "GetSystemDateAndTime" in body:
        moment = "<Year>2020</Year><Month>2</Month><Day>29</Day><Hour>1</Hour><Minute>2</Minute><Second>3</Second>"
        return told(f"<UTCDateTime>{moment}</UTCDateTime>")
    if "GetCapabilities" in body:
        return told("<Media><XAddr>http://evil.example/onvif/media?x=1</XAddr></Media>")
    if "GetDeviceInformation" in body:
        return told("<Manufacturer>M</Manufacturer><Model>T\x7f</Model><FirmwareVersion>1</FirmwareVersion>")
    if "GetProfiles" in body:
        encoder = "<VideoEncoderConfiguration><Encoding>H264</Encoding></VideoEncoderConfiguration>"
        return told(f'<Profiles token="a&amp;b"><Name>n</Name>{encoder}</Profiles>')
    assert "<trt:ProfileToken>a&amp;b</trt:ProfileToken>" in body
    return told("<Uri>rtsp://10.0.0.1/x?a=1&amp;b=2</Uri>")


async def test_a_camera_is_met_listed_and_never_followed_elsewhere() -> None:
    async with camera_that(usual) as (service, asked), Camera(service, Credentials("admin", "hush")) as camera:
        await camera.meet()
        assert (await camera.about()).model == "T"
        (profile,) = await camera.profiles()
        assert await camera.stream_uri(profile) == "rtsp://10.0.0.1/x?a=1&b=2"
    assert [path for path, _ in asked] == ["/onvif/device_service"] * 3 + ["/onvif/media"] * 2
    assert not any("hush" in body for _, body in asked)
    assert "<u:Created>2020-02-29T01:02:0" in asked[-1][1]


async def test_a_camera_that_asks_for_a_user_says_so() -> None:
    async with camera_that(lambda *_: web.Response(status=401)) as (service, _):
        for credentials, said in ((None, "asks for a user"), (Credentials("a", "b"), "refused the user name or password")):
            async with Camera(service, credentials) as camera:
                with pytest.raises(SourceRejected, match=said):
                    await camera.about()


async def test_what_is_no_camera_is_told_and_an_endless_answer_ends() -> None:
    for text in ("<html>", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "<a>" + "x" * (2 << 20)):
        async with camera_that(lambda *_, said=text: web.Response(text=said)) as (service, _), Camera(service) as camera:
            with pytest.raises(SourceUnsupported, match="not answer as an ONVIF camera"):
                await camera.about()


async def test_nobody_there_is_told() -> None:
    async with Camera(f"http://{HOST}:{free_port()}/x", timeout_s=1) as camera:
        with pytest.raises(SourceUnreachable):
            await camera.about()


async def test_a_camera_is_not_followed_to_another_place() -> None:
    elsewhere = camera_that(lambda *_: web.Response(status=302, headers={"Location": "http://evil.example/"}))
    async with elsewhere as (service, asked), Camera(service) as camera:
        with pytest.raises(SourceUnsupported):
            await camera.about()
        assert len(asked) == 1


def test_a_host_is_enough() -> None:
    assert service_of("192.168.1.20") == "http://192.168.1.20/onvif/device_service"
    assert service_of("h:8080") == "http://h:8080/onvif/device_service"
    assert service_of("https://h/other") == "https://h/other"
    for wrong in ("", "ftp://h", "http://", "user:pw@h", "h:port"):
        with pytest.raises(ValueError, match=r"expected|Port"):
            service_of(wrong)
