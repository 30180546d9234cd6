"""A camera that sends JPEG over HTTP is read for as long as it sends, and every failure is told in bounded time."""

from __future__ import annotations

import asyncio
import socket
import time
from contextlib import aclosing
from pathlib import Path

import numpy as np
import pytest

from proxy.errors import ConfigError, SourceRejected, SourceUnreachable
from proxy.sources.mjpeg import MjpegSource, Options
from tests.peers.certificates import self_signed
from tests.peers.http_camera import RATE, HttpCamera
from tests.peers.process import free_port
from tests.sources.peering import decoding_threads, frames, read


def source_of(url: str, **more: object) -> MjpegSource:
    return MjpegSource(Options.model_validate({"url": url, **more}))


@pytest.mark.parametrize("url", ["http://", "https:///video", "http://camera:port/x", "http://camera:0/x", "ftp://camera/x"])
def test_a_url_without_a_host_or_with_a_wrong_port_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="names no host"):
        Options.from_url(url)


def test_neither_name_nor_options_nor_input_show_the_password() -> None:
    options = Options.from_url("http://user:hunter2@camera/video?key=hunter2")
    what = options.input()
    assert "hunter2" not in f"{MjpegSource(options).name} {options!r} {what.name} {what!r}"
    assert "user" not in what.url
    assert "camera/video" in what.name


@pytest.mark.peer
async def test_pictures_come_upright_in_the_time_in_which_they_arrive(tmp_path: Path) -> None:
    with HttpCamera(tmp_path) as camera:
        got = frames(await read(source_of(camera.url("/video")), pictures=30))
    assert {(frame.format.width, frame.format.height) for frame in got} == {(320, 240)}
    steps = np.diff([frame.pts for frame in got])
    assert (steps > 0).all()
    passed = (got[-1].arrived_ns - got[5].arrived_ns) / 1e9
    assert (got[-1].pts - got[5].pts) / 90_000 == pytest.approx(passed, abs=0.3), "time is when they came, not a rate"
    assert passed > 20 / RATE
    assert len({int(frame.planes.y.mean()) for frame in got}) > 10


@pytest.mark.peer
async def test_ffmpeg_is_such_a_camera(tmp_path: Path) -> None:
    port = free_port()
    command = ["ffmpeg", "-v", "error", "-re", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25", "-f", "mpjpeg", "-listen", "1"]
    process = await asyncio.create_subprocess_exec(*command, f"http://127.0.0.1:{port}/video", stdin=asyncio.subprocess.DEVNULL)
    try:
        async with asyncio.timeout(10):
            while True:
                try:
                    got = frames(await read(source_of(f"http://127.0.0.1:{port}/video"), pictures=20))
                    break
                except SourceUnreachable:
                    await asyncio.sleep(0.1)
    finally:
        process.kill()
        await process.wait()
    assert len(got) == 20


@pytest.mark.peer
@pytest.mark.parametrize("digest", [True, False])
async def test_the_password_opens_and_a_wrong_one_is_told(digest: bool, tmp_path: Path) -> None:
    with HttpCamera(tmp_path, user="admin", password="r:ght/", digest=digest) as camera:
        url = camera.url("/video").replace("r:ght/", "r%3Aght%2F")
        assert frames(await read(source_of(url), pictures=2))
        with pytest.raises(SourceRejected, match="refused the user name or password") as caught:
            await read(source_of(camera.url("/video", user="admin", password="wr0ng")))
        assert "wr0ng" not in str(caught.value)
        with pytest.raises(SourceRejected):
            await read(source_of(f"http://127.0.0.1:{camera.port}/video"))


@pytest.mark.peer
async def test_a_password_stays_where_it_was_given_for(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with HttpCamera(tmp_path, user="admin", password="secret") as camera, HttpCamera(tmp_path / "other") as other:
        other.credentials = ("somebody", "else")
        camera.redirect = f"http://127.0.0.1:{other.port}/video"
        with pytest.raises(SourceRejected):
            await read(source_of(camera.url("/moved")))
    assert other.asked == ["/video"], "asked once, without credentials"


@pytest.mark.peer
async def test_a_redirect_leads_to_a_host_that_is_named_and_to_no_other(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with HttpCamera(tmp_path) as camera, HttpCamera(tmp_path / "other") as other:
        camera.redirect = other.url("/video").replace("127.0.0.1", "localhost")
        with pytest.raises(SourceRejected, match="leads to another host, localhost"):
            await read(source_of(camera.url("/moved")))
        assert other.asked == []
        assert frames(await read(source_of(camera.url("/moved"), hosts=["localhost"]), pictures=2))


@pytest.mark.peer
async def test_over_tls_only_a_trusted_camera_is_read_and_nobody_is_led_away_from_it(tmp_path: Path) -> None:
    own = self_signed(tmp_path)
    (tmp_path / "other").mkdir()
    with HttpCamera(tmp_path, tls=own) as camera, HttpCamera(tmp_path / "other") as plain:
        with pytest.raises(SourceRejected, match="certificate not trusted"):
            await read(source_of(camera.url("/video")))
        with pytest.raises(SourceRejected, match="cannot be used"):
            await read(source_of(camera.url("/video"), ca_file=tmp_path / "none.pem"))
        assert camera.asked == []
        assert frames(await read(source_of(camera.url("/video"), ca_file=own), pictures=2))
        camera.redirect = plain.url("/video")
        with pytest.raises(SourceRejected, match="leads from https to http"):
            await read(source_of(camera.url("/moved"), ca_file=own))
        assert plain.asked == []
        with pytest.raises(SourceUnreachable, match="no TLS"):
            await read(source_of(plain.url("/video").replace("http:", "https:")))


@pytest.mark.peer
async def test_what_is_not_there_or_is_something_else_is_told(tmp_path: Path) -> None:
    with HttpCamera(tmp_path) as camera:
        (camera.folder / "page.html").write_text("<html>log in here</html>" * 100)
        for path, error, words in (
            ("/none", SourceRejected, "no such stream"),
            ("/broken", SourceUnreachable, "answered 503"),
            ("/page.html", SourceUnreachable, "does not answer as a camera does"),
        ):
            with pytest.raises(error, match=words):
                await read(source_of(camera.url(path)))


@pytest.mark.peer
async def test_a_camera_that_falls_silent_or_says_nothing_is_given_up_within_its_timeout(tmp_path: Path) -> None:
    with HttpCamera(tmp_path) as camera:
        began = time.monotonic()
        with pytest.raises(SourceUnreachable, match="is silent"):
            await read(source_of(camera.url("/silent"), open_timeout_s=1))
        assert time.monotonic() - began < 5
        with pytest.raises(SourceUnreachable, match="is silent"):
            async with aclosing(source_of(camera.url("/video"), read_timeout_s=2).frames()) as items:
                async for _ in items:
                    camera.freeze()
                    began = time.monotonic()
        assert time.monotonic() - began < 8


@pytest.mark.peer
async def test_a_closed_port_and_an_unknown_host_are_told() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(SourceUnreachable, match="refused the connection"):
            await read(source_of(f"http://u:hunter2@127.0.0.1:{closed.getsockname()[1]}/x"))
    with pytest.raises(SourceUnreachable, match="no such host"):
        await read(source_of("http://camera.invalid/x"))


@pytest.mark.peer
async def test_who_stops_reading_a_silent_camera_waits_for_nothing(tmp_path: Path) -> None:
    with HttpCamera(tmp_path) as camera:
        async with aclosing(source_of(camera.url("/video"), read_timeout_s=60).frames()) as items:
            async for _ in items:
                camera.freeze()
                break
        assert decoding_threads(within_s=3) == 0
