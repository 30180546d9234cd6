"""A stream that is played over WebRTC is read for as long as it comes, and every failure is told in bounded time."""

from __future__ import annotations

import socket
import time
from contextlib import aclosing
from pathlib import Path

import numpy as np
import pytest

from proxy.errors import ConfigError, SourceRejected, SourceUnreachable
from proxy.sources.whep import Options, WhepSource
from tests.peers.webrtc_platform import WebRtcPlatform
from tests.sources.peering import frames, read, sounds


def source_of(url: str, *, sound: bool = True, **more: object) -> WhepSource:
    return WhepSource(Options.model_validate({"url": url, **more}), sound=sound)


@pytest.mark.parametrize("url", ["whep://", "wheps:///live", "whep://host:port/x", "whep:"])
def test_a_url_without_a_host_or_with_a_wrong_port_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="names no host"):
        Options.from_url(url)


def test_neither_name_nor_options_show_key_or_token() -> None:
    options = Options.model_validate({"url": "wheps://user:hunter2@live.example/app?key=hunter2", "token": "hunter2"})
    assert "hunter2" not in f"{WhepSource(options).name} {options!r}"
    assert "live.example/app" in WhepSource(options).name


@pytest.mark.peer
async def test_what_is_played_becomes_pictures_in_time_order_and_sound_beside_them(tmp_path: Path) -> None:
    with WebRtcPlatform(tmp_path, token="right") as platform:
        got = await read(source_of(platform.watch, token="right"), pictures=50)
        silent = await read(source_of(platform.watch, token="right", sound=False), pictures=10)
        stats = platform.stats()
    assert stats["ended"] == stats["begun"] == 2, "who leaves says so"
    assert {(frame.format.width, frame.format.height) for frame in frames(got)} == {(320, 240)}
    steps = np.diff([frame.pts for frame in frames(got)])
    assert (steps > 0).all()
    assert np.median(steps) == 3600
    assert sounds(got)
    assert abs(sounds(got)[-1].pts - frames(got)[-1].pts) < 90_000 // 4
    assert not sounds(silent)


@pytest.mark.peer
async def test_a_wrong_token_and_a_wrong_path_are_told(tmp_path: Path) -> None:
    with WebRtcPlatform(tmp_path, token="right") as platform:
        with pytest.raises(SourceRejected, match="refused the token") as caught:
            await read(source_of(platform.watch, token="wr0ng"))
        assert "wr0ng" not in str(caught.value)
        with pytest.raises(SourceRejected, match="no such stream"):
            await read(source_of(platform.watch + "er", token="right"))


@pytest.mark.peer
async def test_a_stream_that_freezes_is_given_up_within_its_timeout(tmp_path: Path) -> None:
    with WebRtcPlatform(tmp_path) as platform:
        began = 0.0
        with pytest.raises(SourceUnreachable, match="no picture for 2 s"):
            async with aclosing(source_of(platform.watch, read_timeout_s=2).frames()) as items:
                async for _ in items:
                    platform.freeze()
                    began = began or time.monotonic()
        assert time.monotonic() - began < 10
        platform.thaw()


@pytest.mark.peer
async def test_who_cannot_be_reached_or_says_nothing_is_given_up_in_bounded_time() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(SourceUnreachable, match="refused"):
            await read(source_of(f"whep://127.0.0.1:{closed.getsockname()[1]}/x"))
    with pytest.raises(SourceUnreachable, match=r"camera\.invalid"):
        await read(source_of("whep://camera.invalid/x"))
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(SourceUnreachable, match="no way to it within 1 s"):
        await read(source_of(f"whep://127.0.0.1:{silent.getsockname()[1]}/x", connect_timeout_s=1))
