"""A platform over WebRTC gets the programme's own packets, and everything it may do to us is told in bounded time."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from proxy.encoding.options import Options as EncodingOptions
from proxy.encoding.packet import EncodedPacket, VideoCodec
from proxy.encoding.programme import SoundTrack
from proxy.errors import ConfigError, SinkRejected, SinkUnreachable, SinkUnwritable
from proxy.sinks.whip import Options, WhipSink
from tests.peers.certificates import self_signed
from tests.peers.webrtc_platform import WebRtcPlatform
from tests.programmes import STEP, encoded, every, pictures, stream

RATE = 25


def programme(seconds: int = 20, *, track: SoundTrack = SoundTrack.ALWAYS) -> list[EncodedPacket]:
    return encoded(pictures(every(STEP, seconds * RATE)), options=EncodingOptions(gop_s=1.0), track=track)


async def paced(packets: list[EncodedPacket]) -> AsyncIterator[EncodedPacket]:
    """The packets about as fast as a camera makes them."""
    for packet in packets:
        yield packet
        if packet.is_video:
            await asyncio.sleep(1 / RATE)


def sink_to(url: str, **more: object) -> WhipSink:
    return WhipSink(Options.model_validate({"url": url, **more}))


async def seen(platform: WebRtcPlatform, condition: Callable[[dict[str, int]], bool], within_s: float = 15) -> dict[str, int]:
    async with asyncio.timeout(within_s):
        while not condition(stats := await asyncio.to_thread(platform.stats)):
            await asyncio.sleep(0.1)
    return stats


@pytest.mark.parametrize("url", ["whip://", "whips:///live", "whip://host:port/x", "whip://host:0/x", "whip:"])
def test_a_url_without_a_host_or_with_a_wrong_port_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="names no host"):
        Options.from_url(url)


def test_neither_name_nor_options_show_key_or_token() -> None:
    options = Options.model_validate({"url": "whips://live.example/app/hunter2?key=hunter2", "token": "hunter2"})
    assert "hunter2" not in f"{WhipSink(options).name} {options!r}"
    assert "live.example/app" in WhipSink(options).name


async def test_no_packets_are_no_call() -> None:
    await sink_to("whip://127.0.0.1:1/live/key").run(stream([]))


async def test_hevc_is_told_before_anybody_is_called() -> None:
    packets = encoded(pictures(every(STEP, 8)), options=EncodingOptions(codec=VideoCodec.HEVC))
    with pytest.raises(SinkUnwritable, match=r"H\.264 only"):
        await sink_to("whip://127.0.0.1:1/live/key").run(stream(packets))


@pytest.mark.peer
@pytest.mark.parametrize("track", [SoundTrack.ALWAYS, SoundTrack.NEVER])
async def test_the_platform_decodes_the_programme_and_is_told_its_end(tmp_path: Path, track: SoundTrack) -> None:
    with WebRtcPlatform(tmp_path, token="right") as platform:
        await sink_to(platform.ingest("key"), token="right").run(paced(programme(4, track=track)))
        stats = await seen(platform, lambda stats: stats["ended"] == 1)
    assert stats["pictures"] > 40
    assert stats["size"] == [160, 96]
    assert "H264" in stats["codec"]
    assert (stats["sounds"] > 40) is (track is SoundTrack.ALWAYS)
    assert stats["loudest"] < 50, "the sound that was released is silence"


@pytest.mark.peer
async def test_a_redirect_is_followed(tmp_path: Path) -> None:
    with WebRtcPlatform(tmp_path) as platform:
        await sink_to(platform.ingest("moved")).run(paced(programme(2)))
        assert (await seen(platform, lambda stats: stats["ended"] == 1))["pictures"] > 10


@pytest.mark.peer
@pytest.mark.parametrize(
    ("key", "error", "words"),
    [
        ("forbidden", SinkRejected, "refused the token"),
        ("missing", SinkRejected, "no such stream"),
        ("taken", SinkRejected, "is taken: said the platform"),
        ("odd", SinkRejected, "answered 422 said the platform"),
        ("broken", SinkUnreachable, "answered 500"),
    ],
)
async def test_what_the_platform_refuses_is_told(tmp_path: Path, key: str, error: type[Exception], words: str) -> None:
    with WebRtcPlatform(tmp_path) as platform:
        with pytest.raises(error, match=words) as caught:
            await sink_to(platform.ingest(key)).run(paced(programme(2)))
        assert f"/{key}" not in str(caught.value)


@pytest.mark.peer
async def test_a_wrong_token_is_told_and_not_repeated(tmp_path: Path) -> None:
    with WebRtcPlatform(tmp_path, token="right") as platform:
        with pytest.raises(SinkRejected, match="refused the token") as caught:
            await sink_to(platform.ingest("key"), token="wr0ng").run(paced(programme(2)))
        assert "wr0ng" not in str(caught.value)


@pytest.mark.peer
async def test_a_platform_that_dies_is_noticed_and_can_be_had_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A killed process says nothing; the checks of consent are five seconds apart outside of this test."""
    monkeypatch.setattr("aioice.ice.CONSENT_INTERVAL", 0.1)
    with WebRtcPlatform(tmp_path) as platform:
        async with asyncio.TaskGroup() as group:
            running = group.create_task(outcome(sink_to(platform.ingest("key")).run(paced(programme()))))
            await seen(platform, lambda stats: stats["pictures"] > 10)
            platform.kill()
            error = await running
        assert isinstance(error, SinkUnreachable)
        assert "ended the session" in error.message
        platform.start()
        await sink_to(platform.ingest("key")).run(paced(programme(2)))
        assert platform.stats()["ended"] == 1


async def outcome(run: object) -> Exception | None:
    try:
        await run  # type: ignore[misc]
    except SinkUnreachable as error:
        return error
    return None


@pytest.mark.peer
async def test_who_cannot_be_reached_or_says_nothing_is_given_up_in_bounded_time() -> None:
    packets = programme(2)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(SinkUnreachable, match="refused"):
            await sink_to(f"whip://127.0.0.1:{closed.getsockname()[1]}/live/k").run(stream(packets))
    with pytest.raises(SinkUnreachable, match=r"platform\.invalid"):
        await sink_to("whip://platform.invalid/live/k").run(stream(packets))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        with pytest.raises(SinkUnreachable, match="no way to it within 1 s"):
            await sink_to(f"whip://127.0.0.1:{silent.getsockname()[1]}/live/k", connect_timeout_s=1).run(stream(packets))
        assert time.monotonic() - began < 5


@pytest.mark.peer
async def test_over_tls_a_trusted_platform_gets_the_stream_and_no_other_does(tmp_path: Path) -> None:
    own = self_signed(tmp_path)
    with WebRtcPlatform(tmp_path, tls=own) as platform:
        with pytest.raises(SinkRejected, match="certificate not trusted"):
            await sink_to(platform.ingest("key")).run(paced(programme(2)))
        with pytest.raises(SinkRejected, match="cannot be used"):
            await sink_to(platform.ingest("key"), ca_file=tmp_path / "none.pem").run(paced(programme(2)))
        with pytest.raises(SinkRejected, match="certificate not trusted"):
            await sink_to(platform.ingest("key").replace("127.0.0.1", "localhost"), ca_file=own).run(paced(programme(2)))
        assert platform.stats()["begun"] == 0
        await sink_to(platform.ingest("key"), ca_file=own).run(paced(programme(2)))
        assert (await seen(platform, lambda stats: stats["ended"] == 1))["pictures"] > 10
