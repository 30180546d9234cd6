"""SRT out to a real player that is called, and to players that call; each gets every picture, and none harms another."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import av
import pytest

from proxy.encoding.options import Options as Encoding
from proxy.encoding.packet import EncodedPacket
from proxy.encoding.programme import SoundTrack
from proxy.errors import ConfigError, SinkRejected, SinkUnreachable
from proxy.media.formats import VideoFormat
from proxy.sinks.srt import Options, SrtSink
from tests.peers.process import free_port
from tests.peers.srt import recording, sending
from tests.programmes import STEP, encoded, every, pictures, stream

PASSPHRASE = "correct horse"


def packets(count: int = 100, *, codec: str = "h264", first: int = 0) -> list[EncodedPacket]:
    options = Encoding.model_validate({"codec": codec, "gop_s": 0.4})
    return encoded(pictures(every(STEP, count, first=first)), options=options, track=SoundTrack.ALWAYS)


async def paced(items: list[EncodedPacket]) -> AsyncIterator[EncodedPacket]:
    began = time.monotonic() - items[0].dts / 90_000
    for packet in items:
        await asyncio.sleep(max(0.0, began + packet.dts / 90_000 - time.monotonic()))
        yield packet


def sink_of(url: str, **more: object) -> SrtSink:
    return SrtSink(Options.model_validate({"url": url, **more}))


def decoded(path: Path) -> tuple[int, int, str]:
    """Pictures, streams and codec of a recording."""
    with av.open(str(path)) as film:
        count = sum(1 for _ in film.decode(video=0))
        return count, len(film.streams), film.streams.video[0].codec_context.name


@pytest.mark.parametrize("url", ["srt://host", "srt://h:9000?latency=x"])
def test_what_is_no_srt_address_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="srt address"):
        Options.from_url(url)


def test_neither_name_nor_options_show_a_secret() -> None:
    options = Options.from_url("srt://platform:9000?streamid=hunter2&passphrase=hunter2hunter2")
    assert "hunter2" not in f"{SrtSink(options).name} {options!r}"


async def until_taken(sink: SrtSink, items: list[EncodedPacket]) -> None:
    """Send once the player, which takes a moment to start, answers."""
    deadline = time.monotonic() + 12
    while True:
        try:
            await sink.run(paced(items))
        except SinkUnreachable:
            if time.monotonic() > deadline:
                raise
        else:
            return


@pytest.mark.peer
@pytest.mark.timeout(60)
@pytest.mark.parametrize("codec", ["h264", "hevc"])
async def test_a_player_that_is_called_gets_every_picture_and_sound(codec: str, tmp_path: Path) -> None:
    port, film = free_port(), tmp_path / "film.ts"
    url = f"srt://127.0.0.1:{port}?mode=listener&passphrase={PASSPHRASE}"
    with recording(url, film, tmp_path / "log") as player:
        await until_taken(sink_of(f"srt://127.0.0.1:{port}", passphrase=PASSPHRASE, streamid="publish"), packets(60, codec=codec))
        player.wait(10)
    count, streams, name = decoded(film)
    assert (streams, name) == (2, codec)
    assert count >= 58


def size_of(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


async def written(path: Path, *, size: int = 20_000) -> None:
    """Until a player has written so much."""
    async with asyncio.timeout(15):
        while size_of(path) < size:
            await asyncio.sleep(0.05)


@pytest.mark.peer
@pytest.mark.timeout(60)
async def test_several_players_may_call_at_any_time_and_begin_with_a_keyframe(tmp_path: Path) -> None:
    port = free_port()
    sink = sink_of(f"srt://127.0.0.1:{port}?mode=listener", passphrase=PASSPHRASE)
    url, films = f"srt://127.0.0.1:{port}?passphrase={PASSPHRASE}", [tmp_path / f"{name}.ts" for name in "ab"]
    async with asyncio.TaskGroup() as group:
        running = group.create_task(sink.run(paced(packets(500))))
        with recording(url, films[0], tmp_path / "a.log"):
            await written(films[0])
            with recording(url, films[1], tmp_path / "b.log"):
                await written(films[1])
        running.cancel()
    counts = [decoded(film)[0] for film in films]
    assert counts[0] > counts[1] > 5


@pytest.mark.peer
@pytest.mark.timeout(60)
async def test_nobody_has_to_watch() -> None:
    sink = sink_of(f"srt://127.0.0.1:{free_port()}?mode=listener")
    await sink.run(stream(packets(50)))


@pytest.mark.peer
@pytest.mark.timeout(60)
async def test_a_new_programme_goes_on_in_the_same_connection(tmp_path: Path) -> None:
    port, film = free_port(), tmp_path / "film.ts"
    larger = encoded(
        pictures(every(STEP, 40, first=60 * STEP), VideoFormat(320, 192)), options=Encoding(gop_s=0.4), track=SoundTrack.ALWAYS
    )
    with recording(f"srt://127.0.0.1:{port}?mode=listener", film, tmp_path / "log") as player:
        await until_taken(sink_of(f"srt://127.0.0.1:{port}"), packets(60) + larger)
        player.wait(10)
    with av.open(str(film)) as shown:
        widths = [frame.width for frame in shown.decode(video=0)]
    assert {160, 320} <= set(widths)


@pytest.mark.peer
@pytest.mark.timeout(60)
async def test_a_player_that_dies_is_told(tmp_path: Path) -> None:
    port = free_port()
    with recording(f"srt://127.0.0.1:{port}?mode=listener", tmp_path / "film.ts", tmp_path / "log") as player:

        async def kill() -> None:
            await asyncio.sleep(4)
            player.kill()

        async with asyncio.TaskGroup() as group:
            group.create_task(kill())
            with pytest.raises(SinkUnreachable, match=r"ended the connection|does not answer"):
                await until_taken(sink_of(f"srt://127.0.0.1:{port}", connect_timeout_s=1), packets(400))
                raise AssertionError("everything was sent")


@pytest.mark.peer
@pytest.mark.timeout(60)
async def test_a_wrong_passphrase_is_told_as_such(tmp_path: Path) -> None:
    port = free_port()
    camera = sending(f"srt://127.0.0.1:{port}?mode=listener&passphrase={PASSPHRASE}", tmp_path / "log")
    with camera, pytest.raises(SinkRejected, match="wrong passphrase"):
        await until_taken(sink_of(f"srt://127.0.0.1:{port}", passphrase="battery staple"), packets(5))


@pytest.mark.peer
async def test_nobody_there_is_told() -> None:
    with pytest.raises(SinkUnreachable, match="does not answer"):
        await sink_of(f"srt://127.0.0.1:{free_port()}", connect_timeout_s=0.5).run(stream(packets(5)))
