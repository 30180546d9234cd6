"""Publishing to a real RTSP server (GStreamer's), and to peers that refuse, are silent, die or speak something else."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator
from pathlib import Path

import av
import numpy as np
import pytest

from proxy.encoding.options import Options as Encoding
from proxy.encoding.packet import EncodedPacket
from proxy.encoding.programme import SoundTrack
from proxy.errors import ConfigError, SinkRejected, SinkUnreachable
from proxy.media.formats import VideoFormat
from proxy.sinks.rtsp import Options, RtspSink
from tests.peers.certificates import OUT_OF_DATE, self_signed
from tests.peers.process import HOST, free_port
from tests.peers.recorder import Recorder
from tests.programmes import STEP, encoded, every, pictures, stream


def packets(count: int = 75, *, codec: str = "h264", track: SoundTrack = SoundTrack.ALWAYS, first: int = 0) -> list[EncodedPacket]:
    options = Encoding.model_validate({"codec": codec, "gop_s": 0.4})
    shown = pictures(every(STEP, count, first=first), VideoFormat(640, 352))
    return encoded(shown, options=options, track=track)


async def paced(items: list[EncodedPacket], *, speed: float = 2.0) -> AsyncIterator[EncodedPacket]:
    began = time.monotonic() - items[0].dts / 90_000 / speed
    for packet in items:
        await asyncio.sleep(max(0.0, began + packet.dts / 90_000 / speed - time.monotonic()))
        yield packet


def sink(url: str, **more: object) -> RtspSink:
    return RtspSink(Options.model_validate({"url": url, **more}))


def recorded(path: Path) -> tuple[str, int, int, list[int]]:
    """Codec, pictures, streams and steps between pictures of a recording, in milliseconds."""
    with av.open(str(path)) as film:
        times = [float(frame.time) for frame in film.decode(video=0)]
        return (
            film.streams.video[0].codec_context.name,
            len(times),
            len(film.streams),
            [round(1000 * step) for step in np.diff(times)],
        )


async def settled(path: Path) -> None:
    """Until a recording grows no more."""
    size = -1
    async with asyncio.timeout(10):
        while size_of(path) != size or size <= 0:
            size = size_of(path)
            await asyncio.sleep(0.5)


def size_of(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


@pytest.mark.parametrize(
    "url", ["rtsp://host", "rtsp:///path", "rtsp://host:port/x", "rtsp://host:0/x", "http://h/x", "rtsp://h/a b"]
)
def test_what_is_no_place_to_publish_to_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="rtsp address"):
        Options.from_url(url)


def test_neither_name_nor_options_show_a_secret() -> None:
    options = Options.from_url("rtsp://user:hunter2@server/live/door?key=hunter2")
    assert "hunter2" not in f"{RtspSink(options).name} {options!r} {options.place()!r}".replace(options.place().url, "")
    assert options.place().url == "rtsp://server/live/door?key=hunter2"


@pytest.mark.peer
@pytest.mark.timeout(60)
@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize("codec", ["h264", "hevc"])
async def test_a_server_gets_every_picture_at_its_time_and_sound(codec: str, transport: str, tmp_path: Path) -> None:
    with Recorder(tmp_path, codec=codec) as server:
        await sink(server.url, transport=transport).run(paced(packets(codec=codec), speed=1))
        await settled(server.film)
    name, count, streams, steps = recorded(server.film)
    assert (name, streams) == (codec, 2)
    assert count >= 70
    assert np.median(steps) == pytest.approx(40, abs=12)


@pytest.mark.peer
@pytest.mark.timeout(60)
async def test_a_programme_without_sound_announces_none(tmp_path: Path) -> None:
    with Recorder(tmp_path, audio=False) as server:
        await sink(server.url).run(paced(packets(50, track=SoundTrack.NEVER)))
        await settled(server.film)
    assert recorded(server.film)[2] == 1


@pytest.mark.peer
@pytest.mark.timeout(60)
@pytest.mark.parametrize("digest", [True, False])
async def test_a_user_is_let_in_with_the_right_password_only(digest: bool, tmp_path: Path) -> None:
    with Recorder(tmp_path, user="door", password="sesame", digest=digest) as server:
        place = server.url.removeprefix("rtsp://")
        await sink(f"rtsp://door:sesame@{place}").run(paced(packets(50)))
        await settled(server.film)
        assert recorded(server.film)[1] > 40
        for user in ("door:wrong@", ""):
            with pytest.raises(SinkRejected, match="user name or password"):
                await sink(f"rtsp://{user}{place}").run(stream(packets(5)))


@pytest.mark.peer
async def test_a_server_that_takes_no_datagrams_is_told(tmp_path: Path) -> None:
    with Recorder(tmp_path, udp=False) as server, pytest.raises(SinkRejected, match="does not take transport = udp"):
        await sink(server.url, transport="udp").run(stream(packets(5)))


@pytest.mark.peer
async def test_a_server_that_names_no_ports_for_datagrams_is_told() -> None:
    async with peer_that_says(b"RTSP/1.0 200 OK\r\nSession: 1\r\nTransport: RTP/AVP;unicast\r\n\r\n") as url:
        with pytest.raises(SinkRejected, match="names no ports"):
            await sink(url, transport="udp").run(stream(packets(3)))


def test_datagrams_and_tls_do_not_go_together() -> None:
    with pytest.raises(ConfigError, match="in clear"):
        sink("rtsps://host/path", transport="udp")


@pytest.mark.peer
@pytest.mark.timeout(60)
@pytest.mark.parametrize("end", ["kill", "freeze"])
async def test_a_server_of_datagrams_that_dies_or_freezes_is_told_in_bounded_time(end: str, tmp_path: Path) -> None:
    """Datagrams to a frozen server go nowhere without a word: it is asked, and does not answer."""
    with Recorder(tmp_path) as server:

        async def until_it_ends() -> AsyncIterator[EncodedPacket]:
            async for number, packet in numbered(paced(packets(1000), speed=1)):
                if number == 50:
                    getattr(server, end)()
                yield packet

        with pytest.raises(SinkUnreachable, match=r"answers no more|closed the connection|[Rr]eset|refused|lost|Broken"):
            await sink(server.url, transport="udp", write_timeout_s=2).run(until_it_ends())


async def numbered(items: AsyncIterator[EncodedPacket]) -> AsyncIterator[tuple[int, EncodedPacket]]:
    number = 0
    async for item in items:
        yield number, item
        number += 1


@pytest.mark.peer
async def test_a_path_that_does_not_exist_is_told(tmp_path: Path) -> None:
    with Recorder(tmp_path) as server, pytest.raises(SinkRejected, match=r"does not take the stream: \w+ answered \d+"):
        await sink(f"rtsp://{HOST}:{server.port}/other").run(stream(packets(5)))


@pytest.mark.peer
@pytest.mark.timeout(60)
async def test_a_server_that_dies_is_told(tmp_path: Path) -> None:
    with Recorder(tmp_path) as server:
        async with asyncio.TaskGroup() as group:

            async def kill() -> None:
                await asyncio.sleep(1)
                server.kill()

            group.create_task(kill())
            with pytest.raises(SinkUnreachable, match=r"closed the connection|[Rr]eset|lost|Broken"):
                await sink(server.url).run(paced(packets(400), speed=1))


@pytest.mark.peer
@pytest.mark.timeout(60)
async def test_a_server_that_takes_nothing_more_is_told_in_bounded_time(tmp_path: Path) -> None:
    many = packets(50)

    async def endless(server: Recorder) -> AsyncIterator[EncodedPacket]:
        for number in itertools.count():
            if number == 100:
                server.freeze()
            yield many[number % len(many)]

    with Recorder(tmp_path) as server, pytest.raises(SinkUnreachable, match="took nothing"):
        await sink(server.url, write_timeout_s=1).run(endless(server))


@contextlib.asynccontextmanager
async def peer_that_says(answer: bytes | None) -> AsyncIterator[str]:
    """A made-up server for what no real one says: it answers everything with ``answer``, or nothing."""

    served: list[asyncio.Task[object] | None] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(asyncio.current_task())
        with contextlib.suppress(OSError):
            while await reader.read(65_536):
                if answer is not None:
                    writer.write(answer)
                    await writer.drain()
        writer.transport.abort()

    port = free_port()
    server = await asyncio.start_server(handle, HOST, port)
    try:
        yield f"rtsp://{HOST}:{port}/x"
    finally:
        server.close()
        await asyncio.gather(*(task for task in served if task))
        await asyncio.sleep(0)


@pytest.mark.peer
@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (None, SinkUnreachable, "no answer within"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", SinkUnreachable, "does not speak RTSP"),
        (b"RTSP/1.0 401 Unauthorized\r\n\r\n", SinkRejected, "user name or password"),
        (b"RTSP/1.0 401 Unauthorized\r\nWWW-Authenticate: Digest realm=x, nonce=y\r\n\r\n", SinkRejected, "user name or password"),
        (b"RTSP/1.0 405 Method Not Allowed\r\n\r\n", SinkRejected, "ANNOUNCE answered 405"),
    ],
)
async def test_a_peer_that_refuses_or_is_none_is_told(answer: bytes | None, kind: type[Exception], said: str) -> None:
    async with peer_that_says(answer) as url:
        with pytest.raises(kind, match=said):
            await sink(url.replace("rtsp://", "rtsp://user:word@"), connect_timeout_s=0.5).run(stream(packets(3)))


@pytest.mark.peer
@pytest.mark.timeout(60)
async def test_over_tls_a_trusted_server_gets_the_stream_and_no_other_does(tmp_path: Path) -> None:
    pem = self_signed(tmp_path)
    with Recorder(tmp_path, tls=pem) as server:
        with pytest.raises(SinkRejected, match="certificate not trusted: self-signed"):
            await sink(server.url).run(stream(packets(5)))
        with pytest.raises(SinkRejected, match="certificate not trusted: Hostname mismatch"):
            await sink(server.url.replace(HOST, "localhost"), ca_file=pem).run(stream(packets(5)))
        await sink(server.url, ca_file=pem).run(paced(packets(75), speed=1))
        await settled(server.film)
    assert recorded(server.film)[1] >= 70
    (tmp_path / "old").mkdir()
    old = self_signed(tmp_path / "old", age=OUT_OF_DATE)
    with Recorder(tmp_path / "old", tls=old) as server, pytest.raises(SinkRejected, match="certificate has expired"):
        await sink(server.url, ca_file=old).run(stream(packets(5)))


@pytest.mark.peer
async def test_nobody_there_and_no_tls_are_told() -> None:
    with pytest.raises(SinkUnreachable):
        await sink(f"rtsp://{HOST}:{free_port()}/x").run(stream(packets(3)))
    async with peer_that_says(b"RTSP/1.0 200 OK\r\n\r\n") as url:
        with pytest.raises(SinkUnreachable, match=r"no TLS|no answer"):
            await sink(url.replace("rtsp://", "rtsps://"), connect_timeout_s=1).run(stream(packets(3)))


@pytest.mark.peer
@pytest.mark.timeout(60)
async def test_picture_and_sound_stay_together(tmp_path: Path) -> None:
    """The recording's sound begins with its pictures: reports tie both clocks to one."""
    with Recorder(tmp_path) as server:
        await sink(server.url).run(paced(packets(100), speed=1))
        await settled(server.film)
    with av.open(str(server.film)) as film:
        starts = [float(item.start_time * item.time_base) for item in film.streams]
    assert abs(starts[0] - starts[1]) < 0.1
