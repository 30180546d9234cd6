"""Players of low-latency HLS are answered when what they wait for is there, and not before."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from proxy.control.blocking import Wanted, awaited, reached, wanted
from proxy.control.server import Control
from proxy.sinks._hls.playlist import Coming, Part, Playlist, Segment
from proxy.telemetry.status import StatusBoard


def text(segments: int, parts: int, *, window: int = 3, ended: bool = False) -> str:
    playlist = Playlist(window=window, target_s=2, part_s=0.5)
    for number in range(segments):
        playlist.add(Segment(f"s{number}.m4s", 2.0, "i.mp4", discontinuity=False, parts=(Part(f"p{number}.m4s", 0.5, True),)))
    made = tuple(Part(f"c{number}.m4s", 0.5, independent=not number) for number in range(parts))
    return playlist.text(Coming(made, "i.mp4", discontinuity=False, hint="next.m4s"), ended=ended)


@pytest.mark.parametrize(
    ("query", "what"),
    [({}, None), ({"_HLS_msn": "7"}, Wanted(7, None)), ({"_HLS_msn": "7", "_HLS_part": "0", "x": "y"}, Wanted(7, 0))],
)
def test_the_query_says_what_is_wanted(query: dict[str, str], what: Wanted | None) -> None:
    assert wanted(query) == what


@pytest.mark.parametrize(
    "query", [{"_HLS_part": "1"}, {"_HLS_msn": "-1"}, {"_HLS_msn": "x"}, {"_HLS_msn": "1", "_HLS_part": "1.5"}]
)
def test_nonsense_is_an_error(query: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="whole numbers"):
        wanted(query)


def test_a_state_is_reached_by_segments_and_by_parts_of_the_one_that_is_made() -> None:
    now = text(5, 2)
    assert [reached(now, Wanted(sequence, None)) for sequence in (0, 4, 5, 6)] == [True, True, False, False]
    assert [reached(now, Wanted(5, part)) for part in (0, 1, 2)] == [True, True, False]
    assert reached(now, Wanted(4, 99)), "a part of a whole segment is there"
    assert not reached(now, Wanted(6, 0))
    assert reached(text(5, 0, ended=True), Wanted(6, 0)), "nothing more will come"
    with pytest.raises(ValueError, match="too far"):
        reached(now, Wanted(8, None))


async def test_who_waits_for_a_file_gets_it_when_it_is_there_and_nothing_when_it_never_is(tmp_path: Path) -> None:
    path = tmp_path / "file"
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(awaited(path, lambda body: body == b"whole"))
        await asyncio.sleep(0.05)
        path.write_bytes(b"part")
        await asyncio.sleep(0.05)
        assert not waiting.done()
        path.write_bytes(b"whole")
    assert waiting.result() == b"whole"
    assert await awaited(tmp_path / "none", lambda _: True, within_s=0.05) is None


async def test_the_server_holds_playlists_and_parts_back_until_they_are_there(tmp_path: Path) -> None:
    playlist = tmp_path / "index.m3u8"
    playlist.write_text(text(1, 0))
    (tmp_path / "s0.m4s").write_bytes(b"segment")
    control = Control(StatusBoard(("door",)), {"door": tmp_path}, lambda: b"")
    async with TestClient(TestServer(control.application())) as client, asyncio.TaskGroup() as group:
        began = time.monotonic()
        assert (await client.get("/live/door/index.m3u8")).status == 200
        assert (await client.get("/live/door/index.m3u8?_HLS_msn=0")).status == 200
        assert (await client.get("/live/door/index.m3u8?_HLS_msn=99")).status == 400
        assert (await client.get("/live/door/other.m4s")).status == 404
        assert time.monotonic() - began < 4, "nobody waited"
        part = group.create_task(client.get("/live/door/part-c0.m4s"))
        coming = group.create_task(client.get("/live/door/index.m3u8?_HLS_msn=1&_HLS_part=0"))
        await asyncio.sleep(0.1)
        assert not part.done()
        assert not coming.done()
        (tmp_path / "part-c0.m4s").write_bytes(b"part")
        playlist.write_text(text(1, 1))
        assert await (await part).read() == b"part"
        assert "c0.m4s" in await (await coming).text()


async def test_who_waits_in_vain_is_told_to_ask_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proxy.control.blocking.WAIT_S", 0.05)
    monkeypatch.setattr("proxy.control.blocking.awaited.__kwdefaults__", {"within_s": 0.05})
    (tmp_path / "index.m3u8").write_text(text(1, 0))
    control = Control(StatusBoard(("door",)), {"door": tmp_path}, lambda: b"")
    async with TestClient(TestServer(control.application())) as client:
        assert (await client.get("/live/door/index.m3u8?_HLS_msn=1")).status == 503
        assert (await client.get("/live/door/part-x.m4s")).status == 404
