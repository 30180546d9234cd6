"""An HLS stream is played at the pace of a camera, from a platform's server as from a folder, and every failure is told."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from pathlib import Path

import numpy as np
import pytest

from proxy.encoding.options import Options as EncodingOptions
from proxy.encoding.packet import NAL_CODECS, VideoCodec
from proxy.encoding.programme import SoundTrack
from proxy.errors import ConfigError, SourceRejected, SourceUnreachable, SourceUnsupported
from proxy.sinks import hls as sink
from proxy.sinks._hls.segments import Container
from proxy.sources.hls import HlsSource, Options
from tests.peers.certificates import self_signed
from tests.peers.http_camera import HttpCamera
from tests.peers.platform import Platform
from tests.programmes import STEP, encoded, every, pictures, stream
from tests.sources.peering import decoding_threads, frames, read, sounds


def source_of(url: str, *, sound: bool = True, **more: object) -> HlsSource:
    return HlsSource(Options.model_validate({"url": url, **more}), sound=sound)


async def written(folder: Path, container: Container, *, codec: VideoCodec = VideoCodec.H264, seconds: int = 4) -> None:
    """A recording of our own HLS sink in ``folder``."""
    frames_ = pictures(every(STEP, seconds * 25))
    packets = encoded(frames_, options=EncodingOptions(codec=codec, gop_s=1.0), track=SoundTrack.ALWAYS)
    await sink.HlsSink(sink.Options(path=folder, container=container, segment_s=1.0)).run(stream(packets))


@pytest.mark.parametrize("url", ["http://", "https:///x.m3u8", "http://host:port/x.m3u8", "hls://host/x.m3u8"])
def test_a_url_without_a_host_or_with_a_wrong_port_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="names no host"):
        Options.from_url(url)


def test_neither_name_nor_options_nor_input_show_the_password() -> None:
    options = Options.from_url("https://user:hunter2@host/live.m3u8?key=hunter2")
    what = options.input()
    assert "hunter2" not in f"{HlsSource(options).name} {options!r} {what.name} {what!r}"


@pytest.mark.peer
@pytest.mark.parametrize("container", list(Container))
@pytest.mark.parametrize("codec", list(NAL_CODECS.values()))
async def test_a_recording_comes_picture_for_picture_with_its_sound_at_its_own_pace(
    tmp_path: Path, container: Container, codec: VideoCodec
) -> None:
    with HttpCamera(tmp_path) as camera:
        await written(camera.folder, container, codec=codec, seconds=2)
        source, got = source_of(camera.url("/index.m3u8")), []
        began = time.monotonic()
        with pytest.raises(SourceUnreachable, match="ended the stream"):
            async with aclosing(source.frames()) as items:
                async for item in items:
                    got.append(item)
        took = time.monotonic() - began
    assert len(frames(got)) >= 48
    assert set(np.diff([frame.pts for frame in frames(got)])) == {STEP}
    assert sounds(got)
    assert took > 1.8, "not faster than it was filmed"
    assert source.decoder.startswith(codec.value)
    assert source.damage.packets == 0


@pytest.mark.peer
async def test_a_platforms_own_live_stream_is_followed(tmp_path: Path) -> None:
    with Platform(tmp_path, keys={"k3y"}) as platform:
        command = ["ffmpeg", "-v", "error", "-re", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25", "-c:v", "libx264"]
        command += [
            "-preset",
            "ultrafast",
            "-tune",
            "zerolatency",
            "-g",
            "25",
            "-pix_fmt",
            "yuv420p",
            "-f",
            "flv",
            platform.url("k3y"),
        ]
        process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.DEVNULL)
        try:
            got = await read_when_there(platform.hls("k3y"), pictures=100)
        finally:
            process.kill()
            await process.wait()
    shown = frames(got)
    assert {(frame.format.width, frame.format.height) for frame in shown} == {(320, 240)}
    assert np.median(np.diff([frame.pts for frame in shown])) == pytest.approx(3600, abs=100)
    arrivals = np.diff([frame.arrived_ns for frame in shown]) / 1e6
    assert np.median(arrivals) > 15, "seconds at a time come in, one picture at a time goes on"


async def read_when_there(url: str, *, pictures: int) -> list[object]:
    async with asyncio.timeout(30):
        while True:
            try:
                return list(await read(source_of(url), pictures=pictures, limit_s=20))
            except (SourceRejected, SourceUnsupported):
                await asyncio.sleep(0.3)


@pytest.mark.peer
async def test_segments_over_tls_are_verified_and_credentials_stay_with_their_host(tmp_path: Path) -> None:
    own = self_signed(tmp_path)
    (tmp_path / "other").mkdir()
    with HttpCamera(tmp_path, user="u", password="p", tls=own) as camera, HttpCamera(tmp_path / "other", tls=own) as other:
        await written(camera.folder, Container.TS, seconds=2)
        with pytest.raises(SourceRejected, match="certificate not trusted"):
            await read(source_of(camera.url("/index.m3u8")))
        assert len(frames(await read(source_of(camera.url("/index.m3u8"), ca_file=own), pictures=5))) >= 5
        playlist = (camera.folder / "index.m3u8").read_text()
        (camera.folder / "away.m3u8").write_text(playlist.replace("segment", f"{other.url('/segment')}"))
        with pytest.raises(SourceRejected, match="no such stream"):
            await read(source_of(camera.url("/away.m3u8"), ca_file=own))
        assert other.asked
        assert not any("Basic" in asked for asked in other.asked)
        (camera.folder / "down.m3u8").write_text(playlist.replace("segment", f"http://127.0.0.1:{other.port}/segment"))
        with pytest.raises(SourceRejected, match="from https to http"):
            await read(source_of(camera.url("/down.m3u8"), ca_file=own))
        (camera.folder / "out.m3u8").write_text(playlist.replace("segment", "https://localhost/segment"))
        with pytest.raises(SourceRejected, match="leads to another host, localhost"):
            await read(source_of(camera.url("/out.m3u8"), ca_file=own))


@pytest.mark.peer
async def test_a_stream_that_does_not_go_on_is_given_up_and_a_reader_that_stops_waits_for_nothing(tmp_path: Path) -> None:
    with HttpCamera(tmp_path) as camera:
        await written(camera.folder, Container.TS, seconds=2)
        path = camera.folder / "index.m3u8"
        path.write_text(path.read_text().replace("#EXT-X-ENDLIST\n", ""))
        with pytest.raises(SourceUnreachable, match="no new segment for 2 s"):
            await read(source_of(camera.url("/index.m3u8"), read_timeout_s=2))
        async with aclosing(source_of(camera.url("/index.m3u8"), read_timeout_s=60).frames()) as items:
            async for _ in items:
                break
        assert decoding_threads(within_s=3) == 0


@pytest.mark.peer
async def test_what_is_no_playlist_or_not_there_is_told(tmp_path: Path) -> None:
    with HttpCamera(tmp_path) as camera:
        (camera.folder / "page.m3u8").write_text("<html>")
        with pytest.raises(SourceUnsupported, match="no playlist"):
            await read(source_of(camera.url("/page.m3u8")))
        with pytest.raises(SourceRejected, match="no such stream"):
            await read(source_of(camera.url("/none.m3u8")))
