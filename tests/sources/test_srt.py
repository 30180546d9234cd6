"""SRT cameras, called and calling, are read for as long as they send, and every failure is told in bounded time."""

from __future__ import annotations

import asyncio
import signal
import time
from pathlib import Path

import pytest

from proxy.errors import ConfigError, SourceError, SourceRejected, SourceUnreachable
from proxy.media.raw import RawAudio, RawFrame
from proxy.sources.srt import Options, SrtSource
from tests.peers.process import free_port
from tests.peers.srt import sending
from tests.sources.peering import decoding_threads, frames, read, sounds

PASSPHRASE = "correct horse"


def source_of(url: str, **more: object) -> SrtSource:
    return SrtSource(Options.model_validate({"url": url, **more}))


async def first(url: str, *, pictures: int = 20, **more: object) -> tuple[SrtSource, list[RawFrame | RawAudio]]:
    """What comes of a sender that may still be starting, and the source that gave it."""
    deadline = time.monotonic() + 12
    while True:
        source = source_of(url, **more)
        try:
            return source, await read(source, pictures=pictures)
        except SourceUnreachable:
            if time.monotonic() > deadline:
                raise


@pytest.mark.parametrize("url", ["srt://host", "srt://host:9000/x", "srt://h:9000?passphrase=short", "srt://h:9000?x=1"])
def test_what_is_no_srt_address_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="srt address"):
        Options.from_url(url)


def test_neither_name_nor_options_nor_input_show_a_secret() -> None:
    options = Options.from_url("srt://camera:9000?streamid=hunter2&passphrase=hunter2hunter2")
    said = f"{SrtSource(options).name} {options!r} {options.input()!r}"
    assert "hunter2" not in said
    assert "srt://camera:9000" in said


@pytest.mark.peer
@pytest.mark.timeout(60)
async def test_a_camera_that_is_called_is_read_with_its_sound(tmp_path: Path) -> None:
    port = free_port()
    with sending(f"srt://127.0.0.1:{port}?mode=listener&passphrase={PASSPHRASE}", tmp_path / "log"):
        source, got = await first(f"srt://127.0.0.1:{port}", passphrase=PASSPHRASE)
    assert {(frame.format.width, frame.format.height) for frame in frames(got)} == {(320, 240)}
    assert frames(got)[0].pts == 0
    assert sounds(got)
    assert source.live
    assert "h264" in source.decoder
    assert decoding_threads() == 0


@pytest.mark.peer
@pytest.mark.timeout(60)
async def test_a_camera_that_calls_is_let_in_by_stream_id_and_passphrase(tmp_path: Path) -> None:
    port = free_port()
    url = f"srt://127.0.0.1:{port}?mode=caller&streamid=live/door&passphrase={PASSPHRASE}"
    source = source_of(f"srt://127.0.0.1:{port}?mode=listener", streamid="live/door", passphrase=PASSPHRASE)

    async def call() -> None:
        await asyncio.sleep(1)
        with sending(url, tmp_path / "log"):
            await asyncio.Event().wait()

    async with asyncio.TaskGroup() as group:
        calling = group.create_task(call())
        got = await read(source, pictures=20, limit_s=30)
        calling.cancel()
    assert len(frames(got)) == 20


@pytest.mark.peer
@pytest.mark.timeout(60)
async def test_a_wrong_passphrase_is_told_as_such(tmp_path: Path) -> None:
    port = free_port()
    with sending(f"srt://127.0.0.1:{port}?mode=listener&passphrase={PASSPHRASE}", tmp_path / "log"):
        deadline = time.monotonic() + 15
        with pytest.raises(SourceRejected, match="wrong passphrase"):
            while time.monotonic() < deadline:
                try:
                    await read(source_of(f"srt://127.0.0.1:{port}", passphrase="battery staple"))
                except SourceUnreachable:
                    continue


@pytest.mark.peer
@pytest.mark.timeout(60)
@pytest.mark.parametrize("signal", [signal.SIGKILL, signal.SIGSTOP])
async def test_a_camera_that_dies_or_falls_silent_is_told(signal: int, tmp_path: Path) -> None:
    url = f"srt://127.0.0.1:{free_port()}"
    with sending(f"{url}?mode=listener", tmp_path / "log") as camera:
        seen, deadline = 0, time.monotonic() + 20
        while seen < 10 and time.monotonic() < deadline:
            with pytest.raises(SourceUnreachable, match=r"ended the stream|silent|does not answer"):
                async with asyncio.timeout(25):
                    async for _ in source_of(url, read_timeout_s=2).frames():
                        seen += 1
                        if seen == 10:
                            camera.send_signal(signal)
        assert seen >= 10


@pytest.mark.peer
async def test_nobody_there_is_told() -> None:
    with pytest.raises(SourceUnreachable, match="does not answer"):
        await read(source_of(f"srt://127.0.0.1:{free_port()}", connect_timeout_s=0.5))


@pytest.mark.peer
async def test_waiting_for_a_caller_ends_when_it_is_cancelled() -> None:
    source = source_of(f"srt://127.0.0.1:{free_port()}?mode=listener")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await read(source)
    assert decoding_threads() == 0


@pytest.mark.peer
async def test_a_machine_without_libsrt_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from proxy.srt import connection
    from proxy.srt.failures import SrtMissing

    def missing() -> None:
        raise SrtMissing("no libsrt", hint="install it")

    monkeypatch.setattr(connection, "srt", missing)
    with pytest.raises(SourceError, match="no libsrt") as told:
        await read(source_of("srt://127.0.0.1:9000"))
    assert not told.value.retryable
