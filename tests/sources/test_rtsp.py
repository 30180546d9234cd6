"""A camera that speaks RTSP is read for as long as it sends, and every way in which it can fail is told in bounded time."""

from __future__ import annotations

import asyncio
import socket
import time
from contextlib import aclosing
from pathlib import Path

import numpy as np
import pytest

from proxy.errors import ConfigError, SourceRejected, SourceUnreachable
from proxy.media.raw import RawFrame
from proxy.sources.rtsp import Options, RtspSource
from tests.peers.camera import CODECS, Camera
from tests.peers.certificates import OUT_OF_DATE, self_signed
from tests.sources.clips import write
from tests.sources.peering import decoding_threads, frames, read, sounds


def source_of(url: str, **more: object) -> RtspSource:
    return RtspSource(Options.model_validate({"url": url, **more}))


@pytest.mark.parametrize("url", ["rtsp://", "rtsp:///stream", "rtsp://camera:port/x", "rtsp://camera:0/x"])
def test_a_url_without_a_host_or_with_a_wrong_port_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="names no host"):
        Options.from_url(url)


def test_neither_name_nor_options_nor_input_show_the_password() -> None:
    options = Options.from_url("rtsp://user:hunter2@camera/stream?key=hunter2")
    said = f"{RtspSource(options).name} {options!r} {options.input()!r}"
    assert "hunter2" not in said
    assert "camera/stream" in said


@pytest.mark.peer
@pytest.mark.parametrize("codec", CODECS)
async def test_every_codec_of_cameras_becomes_upright_i420_in_time_order(codec: str, tmp_path: Path) -> None:
    with Camera(tmp_path, codec=codec) as camera:
        got = frames(await read(source_of(camera.url), pictures=30))
    assert {(frame.format.width, frame.format.height) for frame in got} == {(320, 240)}
    assert got[0].pts == 0
    steps = np.diff([frame.pts for frame in got])
    assert (steps > 0).all()
    assert np.median(steps) == pytest.approx(3600, abs=100)
    assert max(frame.planes.y.max() for frame in got) > 150


@pytest.mark.peer
@pytest.mark.parametrize("digest", [True, False])
async def test_the_password_opens_and_a_wrong_one_is_told(digest: bool, tmp_path: Path) -> None:
    with Camera(tmp_path, user="admin", password="right", digest=digest) as camera:
        assert frames(await read(source_of(camera.url), pictures=2))
        with pytest.raises(SourceRejected, match="refused the user name or password") as caught:
            await read(source_of(f"rtsp://admin:wrong@{camera.address}"))
        assert "wrong@" not in str(caught.value)
        with pytest.raises(SourceRejected):
            await read(source_of(f"rtsp://{camera.address}"))


@pytest.mark.peer
async def test_a_path_that_the_camera_does_not_have_is_told(tmp_path: Path) -> None:
    with Camera(tmp_path) as camera, pytest.raises(SourceRejected, match="no such stream"):
        await read(source_of(camera.url + "er"))


@pytest.mark.peer
async def test_over_tls_a_camera_is_read_only_when_its_certificate_is_to_be_trusted(tmp_path: Path) -> None:
    pem = self_signed(tmp_path)
    with Camera(tmp_path, tls=pem, user="admin", password="hunter2") as camera:
        assert frames(await read(source_of(camera.url, ca_file=pem), pictures=5))
        assert frames(await read(source_of(camera.url, verify=False), pictures=5))
        with pytest.raises(SourceRejected, match="certificate not trusted: self-signed certificate") as caught:
            await read(source_of(camera.url))
        assert "hunter2" not in f"{caught.value} {caught.value.__cause__}"
        elsewhere = camera.url.replace("127.0.0.1", "localhost")
        with pytest.raises(SourceRejected, match="certificate not trusted: Hostname mismatch"):
            await read(source_of(elsewhere, ca_file=pem))
        assert frames(await read(source_of(elsewhere, ca_file=pem, certificate_name="127.0.0.1"), pictures=5))
        with pytest.raises(SourceRejected, match=r"none\.pem cannot be used"):
            await read(source_of(camera.url, ca_file=tmp_path / "none.pem"))
        camera.kill()
        with pytest.raises(SourceUnreachable, match="refused the connection"):
            await read(source_of(camera.url, ca_file=pem))


@pytest.mark.peer
async def test_a_certificate_that_has_expired_or_is_anothers_is_not_taken(tmp_path: Path) -> None:
    for name, pem, said in (
        ("old", self_signed(folder(tmp_path, "old"), age=OUT_OF_DATE), "certificate has expired"),
        ("other", self_signed(folder(tmp_path, "other"), host="10.1.2.3"), "IP address mismatch"),
    ):
        with Camera(tmp_path / name, tls=pem) as camera, pytest.raises(SourceRejected, match=f"not trusted: {said}"):
            await read(source_of(camera.url, ca_file=pem))


def folder(path: Path, name: str) -> Path:
    (path / name).mkdir()
    return path / name


@pytest.mark.peer
async def test_datagrams_carry_the_picture_too(tmp_path: Path) -> None:
    with Camera(tmp_path) as camera:
        assert len(frames(await read(source_of(camera.url, transport="udp"), pictures=20))) == 20


@pytest.mark.peer
async def test_the_cameras_own_clock_tells_when_a_picture_was_taken(tmp_path: Path) -> None:
    with Camera(tmp_path) as camera:
        async with asyncio.timeout(15), aclosing(source_of(camera.url).frames()) as items:
            async for item in items:
                if isinstance(item, RawFrame) and item.captured_ns is not None:
                    assert -0.5 < time.time() - item.captured_ns / 1e9 < 2
                    break


@pytest.mark.peer
async def test_a_looped_clip_is_a_camera_that_never_ends(tmp_path: Path) -> None:
    clip = write(tmp_path / "clip.mp4", codec="libx264", width=320, height=240, times_ms=range(0, 1000, 40))
    with Camera(tmp_path, clip=clip) as camera:
        got = frames(await read(source_of(camera.url), pictures=40))
    assert np.abs(np.diff([frame.pts for frame in got])[1:] - 3600).max() <= 100


@pytest.mark.peer
async def test_sound_comes_beside_the_picture_and_only_when_asked_for(tmp_path: Path) -> None:
    with Camera(tmp_path, audio=True) as camera:
        got = await read(source_of(camera.url), pictures=40)
        heard = sounds(got)
        assert heard
        assert all(block.samples.dtype == np.float32 and block.samples.shape[0] == block.format.channels == 1 for block in heard)
        assert abs(heard[-1].pts - frames(got)[-1].pts) < 90_000
        silent = RtspSource(Options.from_url(camera.url), sound=False)
        assert not sounds(await read(silent, pictures=20))


@pytest.mark.peer
async def test_a_camera_that_dies_is_told_at_once_and_can_be_read_again(tmp_path: Path) -> None:
    with Camera(tmp_path) as camera:
        source = source_of(camera.url)
        with pytest.raises(SourceUnreachable):
            async with asyncio.timeout(10):
                async for _ in source.frames():
                    camera.kill()
        camera.start()
        assert frames(await read(source_of(camera.url), pictures=2))
    assert decoding_threads() == 0


@pytest.mark.peer
async def test_a_camera_that_falls_silent_is_given_up_within_its_timeout(tmp_path: Path) -> None:
    with Camera(tmp_path) as camera:
        began = 0.0
        with pytest.raises(SourceUnreachable, match="silent for 2 s"):
            async with asyncio.timeout(15):
                async for _ in source_of(camera.url, read_timeout_s=2).frames():
                    camera.freeze()
                    began = began or time.monotonic()
        assert time.monotonic() - began < 6


@pytest.mark.peer
async def test_a_camera_that_hangs_for_a_moment_is_read_on(tmp_path: Path) -> None:
    with Camera(tmp_path) as camera:
        seen = 0
        async with asyncio.timeout(15):
            async for _ in source_of(camera.url).frames():
                seen += 1
                if seen == 5:
                    camera.freeze()
                    asyncio.get_running_loop().call_later(2.5, camera.thaw)
                if seen == 30:
                    break
        assert seen == 30


@pytest.mark.peer
async def test_a_peer_that_accepts_and_says_nothing_is_given_up_in_bounded_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        began = time.monotonic()
        with pytest.raises(SourceUnreachable):
            await read(source_of(f"rtsp://127.0.0.1:{server.getsockname()[1]}/x", open_timeout_s=1))
    assert time.monotonic() - began < 5
    assert decoding_threads() == 0


@pytest.mark.peer
async def test_a_closed_port_and_an_unknown_host_are_told() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(SourceUnreachable, match="refused the connection"):
            await read(source_of(f"rtsp://u:hunter2@127.0.0.1:{closed.getsockname()[1]}/x"))
    with pytest.raises(SourceUnreachable, match="no such host"):
        await read(source_of("rtsp://camera.invalid/x"))


@pytest.mark.peer
async def test_a_cancelled_reader_leaves_no_thread(tmp_path: Path) -> None:
    with Camera(tmp_path) as camera:
        for after_s in (0.0, 0.02, 1.5):
            async with asyncio.TaskGroup() as group:
                reading = group.create_task(read(source_of(camera.url)))
                await asyncio.sleep(after_s)
                reading.cancel()
            assert reading.cancelled()
        assert decoding_threads(within_s=8) == 0
