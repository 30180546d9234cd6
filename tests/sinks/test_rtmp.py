"""Publishing to a real platform (nginx-rtmp), to peers that are silent, slow or rude, and over TLS."""

import asyncio
import contextlib
import time

import av
import pytest
import uvloop

from proxy.encoding.options import Options as Encoding
from proxy.encoding.packet import make_packet  # noqa: TID251
from proxy.encoding.programme import SoundTrack
from proxy.errors import ConfigError, SinkRejected, SinkUnreachable
from proxy.media.formats import VideoFormat
from proxy.sinks.rtmp import Options, RtmpSink
from tests.peers.certificates import OUT_OF_DATE, authority
from tests.peers.ffmpeg import recording_rtmp
from tests.peers.platform import Platform
from tests.peers.process import HOST, free_port
from tests.peers.tls import tls_in_front_of
from tests.programmes import STEP, encoded, every, pictures, stream


def packets(count=60, *, codec="h264", first=0):
    options = Encoding(codec=codec, gop_s=0.4)
    return encoded(pictures(every(STEP, count, first=first)), options=options, track=SoundTrack.ALWAYS)


async def paced(items, *, speed=4.0):
    began = None
    for packet in items:
        began = began if began is not None else time.monotonic() - packet.dts / 90_000 / speed
        await asyncio.sleep(max(0.0, began + packet.dts / 90_000 / speed - time.monotonic()))
        yield packet


def sink(url, **more):
    return RtmpSink(Options.from_url(url).model_copy(update=more))


def recorded(platform, key, *, count=1):
    """What the platform recorded, once it has written it all: number of pictures, streams and first time of each session."""
    deadline = time.monotonic() + 10
    written: list[int] = []
    while time.monotonic() < deadline:
        sizes = [path.stat().st_size for path in platform.recordings(key)]
        if len(sizes) >= count and min(sizes) > 0 and sizes == written:
            break
        written = sizes
        time.sleep(0.2)
    made = []
    for path in platform.recordings(key):
        with av.open(str(path)) as recording:
            frames = list(recording.decode(video=0))
            made.append((len(frames), recording.streams.video[0].codec_context.name, frames[0].width, len(recording.streams)))
    return made


def test_an_address_without_host_or_application_is_refused_and_never_repeated():
    for wrong in ("rtmp://host", "http://host/app/secret", "rtmp://user:secret@host/app/key"):
        with pytest.raises(ConfigError) as refusal:
            Options.from_url(wrong)
        assert "secret" not in refusal.value.message


def test_names_and_representations_hold_no_key():
    options = Options.from_url("rtmps://host/app/secret?x=hush")
    assert RtmpSink(options).name == "rtmps://host/app/***"
    assert "secret" not in repr(options)
    assert "hush" not in repr(options)


@pytest.mark.peer
async def test_a_platform_gets_every_picture_and_sound(tmp_path):
    with Platform(tmp_path, keys={"good"}) as platform:
        await sink(platform.url("good")).run(paced(packets()))
        assert recorded(platform, "good") == [(60, "h264", 160, 2)]


@pytest.mark.peer
async def test_times_begin_at_zero_wherever_the_programme_is(tmp_path):
    with Platform(tmp_path, keys={"good"}) as platform:
        await sink(platform.url("good")).run(stream(packets(20, first=10**12)))
        assert recorded(platform, "good")[0][0] == 20
        with av.open(str(platform.recordings("good")[0])) as recording:
            assert [frame.pts for frame in recording.decode(video=0)] == [number * 40 for number in range(20)]


@pytest.mark.peer
async def test_another_programme_is_another_session(tmp_path):
    frames = [*pictures(every(STEP, 30)), *pictures(every(STEP, 20, first=30 * STEP), VideoFormat(96, 64))]
    with Platform(tmp_path, keys={"good"}) as platform:
        await sink(platform.url("good")).run(paced(encoded(frames), speed=1.0))
        assert [(count, width) for count, _, width, _ in recorded(platform, "good", count=2)] == [(30, 160), (20, 96)]
        assert platform.asked == ["good", "good"]


@pytest.mark.peer
async def test_a_wrong_key_is_refused_with_what_to_check_and_without_the_key(tmp_path):
    with Platform(tmp_path, keys={"good"}) as platform:
        with pytest.raises(SinkRejected) as refusal:
            await sink(platform.url("badsecret")).run(paced(packets()))
        assert platform.asked == ["badsecret"]
    assert "stream key" in refusal.value.hint
    assert "badsecret" not in refusal.value.message + refusal.value.hint


@pytest.mark.peer
async def test_a_key_in_use_is_refused(tmp_path):
    with Platform(tmp_path, keys={"good"}) as platform:
        began = asyncio.Event()

        async def first():
            async for packet in paced(packets(200), speed=1.0):
                if packet.dts > 20 * STEP:
                    began.set()
                yield packet

        async with asyncio.TaskGroup() as group:
            holder = group.create_task(sink(platform.url("good")).run(first()))
            await began.wait()
            with pytest.raises(SinkRejected):
                await sink(platform.url("good")).run(paced(packets()))
            holder.cancel()
        assert holder.cancelled()


@pytest.mark.peer
async def test_a_platform_that_dies_in_the_middle_is_noticed_at_once(tmp_path):
    with Platform(tmp_path, keys={"good"}) as platform:
        killed = 0.0

        async def until_killed():
            nonlocal killed
            async for packet in paced(packets(300), speed=1.0):
                if packet.dts > 25 * STEP and not killed:
                    platform.kill()
                    killed = time.monotonic()
                yield packet

        with pytest.raises(SinkUnreachable):
            await sink(platform.url("good")).run(until_killed())
        assert time.monotonic() - killed < 1.5


@pytest.mark.peer
def test_under_uvloop_it_is_noticed_too(tmp_path):
    uvloop.run(test_a_platform_that_dies_in_the_middle_is_noticed_at_once(tmp_path))


@contextlib.asynccontextmanager
async def server(answer, **more):
    """A peer that does ``answer`` with each connection."""
    open_ones = []

    async def tracked(reader, writer):
        open_ones.append(writer)
        await answer(reader, writer)

    made = await asyncio.start_server(tracked, HOST, 0, **more)
    try:
        yield f"rtmp://{HOST}:{made.sockets[0].getsockname()[1]}/app/secret"
    finally:
        made.close()
        for writer in open_ones:
            writer.transport.abort()
        await asyncio.sleep(0.05)


async def silent(reader, writer):
    with contextlib.suppress(OSError):
        await reader.read()
    writer.close()


async def without_end(first, then):
    """Some packets; ``then`` something is done, and more follow than anybody takes."""
    async for packet in stream(first):
        yield packet
    then()
    for number in range(31, 100_000):
        pts = number * STEP
        yield make_packet(first[0].data, pts=pts, dts=pts, duration=STEP, keyframe=True, is_video=True, streams=first[0].streams)


@pytest.mark.peer
async def test_a_silent_peer_is_given_up_in_time():
    async with server(silent) as url:
        began = time.monotonic()
        with pytest.raises(SinkUnreachable, match="no answer"):
            await sink(url, connect_timeout_s=0.3).run(stream(packets(10)))
        assert time.monotonic() - began < 1.0


@pytest.mark.peer
@pytest.mark.parametrize("words", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", bytes([3]) * 3073 + bytes([255]) * 4000])
async def test_a_peer_that_hangs_up_or_speaks_something_else_is_one_clear_error(words):
    async def rude(reader, writer):
        await reader.readexactly(100)
        writer.write(words)
        with contextlib.suppress(OSError):
            await writer.drain()
        writer.close()

    async with server(rude) as url:
        with pytest.raises(SinkUnreachable) as told:
            await sink(url).run(stream(packets(10)))
    assert "secret" not in told.value.message


@pytest.mark.peer
async def test_a_peer_that_takes_nothing_any_more_is_given_up_in_time(tmp_path):
    with Platform(tmp_path, keys={"good"}) as platform:
        began = time.monotonic()
        with pytest.raises(SinkUnreachable, match="took nothing"):
            await sink(platform.url("good"), write_timeout_s=0.5).run(without_end(packets(30), platform.freeze))
        assert time.monotonic() - began < 10
        platform.thaw()


@pytest.mark.peer
async def test_nobody_there_and_no_such_host_are_told_apart_from_a_refusal():
    with pytest.raises(SinkUnreachable):
        await sink(f"rtmp://{HOST}:{free_port()}/app/key").run(stream(packets(10)))
    with pytest.raises(SinkUnreachable):
        await sink("rtmp://no-such-host.invalid/app/key").run(stream(packets(10)))


def over_tls(port):
    """Where to publish, under the name ``localhost``."""
    return f"rtmps://localhost:{port}/live/good"


@pytest.mark.peer
async def test_over_tls_a_trusted_platform_gets_the_stream_and_no_other_does(tmp_path):
    trusted, server_pem = authority(tmp_path, "localhost")
    (tmp_path / "other").mkdir()
    _, foreign_pem = authority(tmp_path / "other", "elsewhere.example")
    with Platform(tmp_path / "platform", keys={"good"}) as platform:
        async with tls_in_front_of(platform.port, server_pem) as port:
            await sink(over_tls(port), ca_file=trusted).run(paced(packets()))
            assert recorded(platform, "good") == [(60, "h264", 160, 2)]
            with pytest.raises(SinkRejected, match="not trusted"):
                await sink(over_tls(port)).run(stream(packets(10)))
        async with tls_in_front_of(platform.port, foreign_pem) as port:
            with pytest.raises(SinkRejected, match="not trusted"):
                await sink(over_tls(port), ca_file=tmp_path / "other" / "ca.pem").run(stream(packets(10)))
        (tmp_path / "old").mkdir()
        expired, expired_pem = authority(tmp_path / "old", "localhost", age=OUT_OF_DATE)
        async with tls_in_front_of(platform.port, expired_pem) as port:
            with pytest.raises(SinkRejected, match="expired"):
                await sink(over_tls(port), ca_file=expired).run(stream(packets(10)))
        assert platform.asked == ["good"]


@pytest.mark.peer
@pytest.mark.parametrize("codec", ["hevc", "av1"])
async def test_newer_codecs_reach_a_server_of_enhanced_rtmp_with_every_picture(tmp_path, codec):
    port, film = free_port(), tmp_path / "film.mkv"
    with recording_rtmp(port, film) as server:
        async with asyncio.timeout(20):
            while True:
                try:
                    await sink(f"rtmp://{HOST}:{port}/live/key").run(paced(packets(50, codec=codec)))
                    break
                except SinkUnreachable:
                    await asyncio.sleep(0.2)
            await asyncio.to_thread(server.wait, 10)
    with av.open(str(film)) as recording:
        assert recording.streams.video[0].codec_context.codec.canonical_name == codec
        assert sum(1 for _ in recording.decode(video=0)) == 50


@pytest.mark.peer
async def test_tls_with_a_peer_that_has_none_is_one_clear_error(tmp_path):
    async def plain(reader, writer):
        await reader.read(100)
        writer.write(b"no TLS here\n")
        writer.close()

    async with server(plain) as url:
        with pytest.raises(SinkUnreachable):
            await sink(url.replace("rtmp://", "rtmps://")).run(stream(packets(10)))
    with pytest.raises(SinkRejected, match="ca_file"):
        await sink("rtmps://localhost/app/key", ca_file=tmp_path / "missing.pem").run(stream(packets(10)))


@pytest.mark.peer
async def test_what_a_connection_that_is_given_up_has_not_sent_is_never_sent(tmp_path):
    """Somebody in front of the platform reads nothing for a while, and finds the connection reset in place of all that waited."""
    stalls, given_up, found = asyncio.Event(), asyncio.Event(), []

    async def in_between(reader, writer):
        upstream, onward = await asyncio.open_connection(HOST, platform.port)

        async def back():
            while data := await upstream.read(65_536):
                writer.write(data)

        async with asyncio.TaskGroup() as group:
            answering = group.create_task(back())
            while not stalls.is_set():
                onward.write(await reader.read(65_536))
            await given_up.wait()
            try:
                while await reader.read(65_536):
                    pass
                found.append("all of it")
            except ConnectionResetError:
                found.append("reset")
            answering.cancel()
        onward.close()

    with Platform(tmp_path, keys={"good"}) as platform:
        async with server(in_between) as url, asyncio.timeout(30):
            with pytest.raises(SinkUnreachable, match="took nothing"):
                await sink(url.replace("/app/secret", "/live/good"), write_timeout_s=0.5).run(without_end(packets(30), stalls.set))
            given_up.set()
            while not found:
                await asyncio.sleep(0.01)
    assert found == ["reset"]
