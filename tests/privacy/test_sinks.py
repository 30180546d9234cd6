"""Sinks that are gone, refuse, stay silent, are slow or hang up: all at once beside one that works, which loses nothing by it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from proxy.encoding.options import Options as EncodingOptions
from proxy.encoding.programme import Programme, SoundTrack
from proxy.pipeline.backoff import Backoff
from proxy.pipeline.camera import Camera
from proxy.sinks.rtmp import Options, RtmpSink
from proxy.telemetry.events import Connection, SinkChanged
from tests.peers.platform import Platform
from tests.peers.process import HOST, free_port
from tests.pipeline.walks import Given, Kept, Looking, Walk
from tests.privacy.canary import SEEN, decoded, likeness
from tests.privacy.test_faults import canaries, finds

FRAMES = 120
Peer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

pytestmark = [pytest.mark.peer, pytest.mark.timeout(60)]


@contextlib.asynccontextmanager
async def listening(peer: Peer) -> AsyncIterator[str]:
    """An ingest that does what ``peer`` does with each connection."""
    held: list[asyncio.StreamWriter] = []

    async def kept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.append(writer)
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await peer(reader, writer)

    server = await asyncio.start_server(kept, HOST, 0, limit=2048)
    try:
        yield f"{HOST}:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for writer in held:
            writer.transport.abort()
        await asyncio.sleep(0.05)


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


def before(platform: Platform, *, bytes_a_second: int = 0, hangs_up_after_s: float = 0.0) -> Peer:
    """A link to ``platform`` that is slow, or breaks in the middle of a packet."""

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection(HOST, platform.port)

        async def answers() -> None:
            while data := await inner_reader.read(4096):
                writer.write(data)

        passed, began = 0, time.monotonic()
        async with asyncio.TaskGroup() as group:
            answering = group.create_task(answers())
            try:
                while data := await reader.read(100):
                    inner_writer.write(data)
                    passed += len(data)
                    if hangs_up_after_s and time.monotonic() - began > hangs_up_after_s:
                        writer.transport.abort()
                        return
                    if bytes_a_second and passed > 4000:
                        await asyncio.sleep(len(data) / bytes_a_second)
            finally:
                answering.cancel()
                inner_writer.transport.abort()

    return relay


async def test_bad_sinks_are_bounded_retried_and_harm_only_themselves(tmp_path: Path) -> None:
    with Platform(tmp_path, keys={"slow", "rude"}) as platform:
        async with (
            listening(silent) as quiet,
            listening(before(platform, bytes_a_second=3000)) as slow,
            listening(before(platform, hangs_up_after_s=1.0)) as rude,
        ):
            urls = {
                "gone": f"rtmp://{HOST}:{free_port()}/gone/key",
                "refusing": platform.url("wrong"),
                "silent": f"rtmp://{quiet}/silent/key",
                "slow": f"rtmp://{slow}/live/slow",
                "rude": f"rtmp://{rude}/live/rude",
            }
            good = Kept()
            bad = {
                name: RtmpSink(Options.from_url(url).model_copy(update={"connect_timeout_s": 1.0})) for name, url in urls.items()
            }
            source = Given(canaries(FRAMES), live=True)
            source.pause_s = 0.04
            walk = Walk([source], [good, *bad.values()], live=True, detector=Looking(finds), change=impatient)  # type: ignore[list-item]
            camera = walk.camera()
            async with asyncio.timeout(30):
                await camera.run(asyncio.Event())
            held = {name: publisher.channel.statistics for name, publisher in zip(urls, camera.publishers[1:], strict=True)}

    assert len(good.times) > FRAMES // 2
    assert good.times == sorted(set(good.times))
    assert max(likeness(luma) for luma in decoded(good.packets)) < SEEN
    assert max(statistics.peak for statistics in held.values()) <= 512
    states = {
        name: [event.state for event in walk.events if isinstance(event, SinkChanged) and event.sink == sink.name]
        for name, sink in bad.items()
    }
    for name in ("gone", "refusing", "silent", "rude"):
        waited = states[name].index(Connection.WAITING)
        assert Connection.CONNECTING in states[name][waited:], f"{name} is tried again"
    changes = [event for event in walk.events if isinstance(event, SinkChanged)]
    details = {event.sink: event.detail for event in changes if event.state is Connection.WAITING}
    assert "Connect call failed" in details[bad["gone"].name]
    assert "no answer" in details[bad["silent"].name]
    assert not [text for text in details.values() if "key" in text and "wrong" in text]


def impatient(camera: Camera) -> None:
    """The same backoff, in a hurry, and a programme that waits for no sound."""
    camera.encode.programme = Programme(EncodingOptions(), live=True, sound=SoundTrack.NEVER)
    for publisher in camera.publishers:
        publisher._link.backoff = Backoff(first_s=0.2, limit_s=0.4)
