"""A file is read to its end, every picture at its own time, and damage costs no more than what it hit."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import time
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from proxy.errors import SourceDamaged, SourceError, SourceUnreachable, SourceUnsupported
from proxy.media.raw import RawFrame
from proxy.sources.file import FileSource, Options
from tests.sources.clips import level, noise, rotate, vandalise, write
from tests.sources.peering import decoding_threads, frames, read, sounds


def source_of(path: Path, **more: object) -> FileSource:
    return FileSource(Options.model_validate({"path": path, **more}))


async def pictures(path: Path) -> list[RawFrame]:
    return frames(await read(source_of(path)))


def middle(frame: RawFrame) -> tuple[int, int, int]:
    planes = frame.planes
    y, u, v = (plane[plane.shape[0] // 2, plane.shape[1] // 2] for plane in (planes.y, planes.u, planes.v))
    return int(y), int(u), int(v)


async def test_every_picture_of_a_variable_frame_rate_comes_at_its_own_time(tmp_path: Path) -> None:
    got = await pictures(write(tmp_path / "a.mkv", times_ms=(0, 40, 55, 300, 2000, 20_000)))
    assert [frame.pts for frame in got] == [0, 3600, 4950, 27_000, 180_000, 1_800_000]
    assert [middle(frame)[0] for frame in got] == [40, 41, 42, 43, 44, 45]


async def test_a_file_that_begins_late_begins_at_zero_and_keeps_sound_beside_the_picture(tmp_path: Path) -> None:
    got = await read(source_of(write(tmp_path / "a.mkv", times_ms=(200, 240, 280), sound_rate=8000)))
    assert [frame.pts for frame in frames(got)] == [0, 3600, 7200]
    heard = sounds(got)
    assert 0 <= heard[0].pts < 90_000 // 8000 + 1
    assert heard[-1].pts + heard[-1].samples.shape[1] * 90_000 // 8000 == pytest.approx((320 - 200) * 90, abs=100)


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "yuv422p10le", "yuva420p"])
async def test_every_format_of_yuv_becomes_i420_of_the_same_colour(pix_fmt: str, tmp_path: Path) -> None:
    (frame, *_) = await pictures(write(tmp_path / "a.mkv", pix_fmt=pix_fmt, paint=level(100, 90, 160)))
    assert np.abs(np.subtract(middle(frame), (100, 90, 160))).max() <= 1


async def test_full_range_is_kept_and_tagged_where_the_format_is_i420_already(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mkv", codec="mjpeg", pix_fmt="yuvj420p", paint=level(255))
    (frame, *_) = await pictures(path)
    assert frame.format.colour.range == 2
    assert middle(frame)[0] >= 253


async def test_full_range_is_made_limited_where_pixels_are_converted_anyway(tmp_path: Path) -> None:
    (frame, *_) = await pictures(write(tmp_path / "a.mkv", pix_fmt="yuv444p", paint=level(255), full_range=True))
    assert frame.format.colour.range == 1
    assert middle(frame)[0] == pytest.approx(235, abs=1)


async def test_rgb_is_tagged_with_what_it_was_converted_to(tmp_path: Path) -> None:
    (frame, *_) = await pictures(write(tmp_path / "a.mkv", pix_fmt="bgr0", paint=level(255)))
    assert middle(frame) == (pytest.approx(235, abs=1), 128, 128)
    assert (frame.format.colour.range, frame.format.colour.space) == (1, 6)


async def test_odd_sizes_lose_their_last_row_and_column(tmp_path: Path) -> None:
    (frame, *_) = await pictures(write(tmp_path / "a.mkv", width=67, height=49))
    assert (frame.format.width, frame.format.height) == (66, 48)


@pytest.mark.parametrize(("turns", "bright"), [(0, (0, 0)), (1, (0, 1)), (2, (1, 1)), (3, (1, 0))])
async def test_pictures_are_turned_upright(turns: int, bright: tuple[int, int], tmp_path: Path) -> None:
    def corner(frame: av.VideoFrame, _number: int) -> None:
        luma = np.full((48, frame.planes[0].line_size), 30, np.uint8)
        luma[:24, :32] = 200
        frame.planes[0].update(luma.tobytes())
        for plane in frame.planes[1:]:
            plane.update(bytes([128]) * plane.buffer_size)

    path = rotate(write(tmp_path / "a.mp4", codec="libx264", paint=corner, options={"qp": "1"}), turns)
    (frame, *_) = await pictures(path)
    assert (frame.format.width, frame.format.height) == ((48, 64) if turns % 2 else (64, 48))
    corners = {(0, 0): (4, 4), (0, 1): (4, -4), (1, 0): (-4, 4), (1, 1): (-4, -4)}
    assert {where for where, at in corners.items() if frame.planes.y[at] > 120} == {bright}


async def test_planes_are_read_only_views_of_memory_that_lives_as_long_as_they_do(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4", codec="libx264", times_ms=range(0, 4000, 40), options={"preset": "ultrafast"})
    luma = [frame.planes.y for frame in await pictures(path)]
    before = [plane.copy() for plane in luma]
    gc.collect()
    await pictures(path)
    assert all(not plane.flags.writeable and plane.base is not None for plane in luma)
    assert all(np.array_equal(plane, copy) for plane, copy in zip(luma, before, strict=True))


async def test_two_channels_stay_two_and_more_become_two(tmp_path: Path) -> None:
    for layout, channels in (("mono", 1), ("stereo", 2), ("5.1", 2)):
        path = write(tmp_path / f"{layout}.mkv", sound_rate=16_000, layout=layout)
        heard = sounds(await read(source_of(path)))
        assert {(block.samples.shape[0], block.format.channels, block.format.sample_rate) for block in heard} == {
            (channels, channels, 16_000)
        }
        assert np.concatenate([block.samples[0] for block in heard]).std() > 0.05


async def test_sound_is_not_decoded_when_nobody_wants_it(tmp_path: Path) -> None:
    options = Options(path=write(tmp_path / "a.mkv", sound_rate=8000))
    assert not sounds(await read(FileSource(options, sound=False)))


async def test_what_decodes_of_a_damaged_file_is_given_and_the_damage_is_counted(tmp_path: Path) -> None:
    options = {"preset": "ultrafast", "g": "10"}
    path = write(tmp_path / "a.ts", codec="libx264", times_ms=range(0, 2000, 40), paint=noise, options=options)
    source = source_of(vandalise(path))
    got = frames(await read(source))
    assert 10 < len(got) <= 50
    assert all(later.pts > earlier.pts for earlier, later in pairwise(got))
    assert source.damage.packets > 0
    assert source.damage.detail


async def test_a_truncated_file_gives_what_is_there(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mkv", codec="libx264", times_ms=range(0, 2000, 40), paint=noise)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert 15 < len(await pictures(path)) < 35


@pytest.mark.parametrize("content", [b"", b"no film at all " * 500])
async def test_what_is_no_film_is_damaged(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(content)
    with pytest.raises(SourceDamaged, match=r"a\.mp4"):
        await pictures(tmp_path / "a.mp4")


async def test_a_film_of_which_nothing_decodes_is_damaged(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mkv", codec="libx264", times_ms=(0,), paint=noise)
    content = bytearray(path.read_bytes())
    middle_of_it = slice(len(content) // 4, len(content) * 3 // 4)
    content[middle_of_it] = bytes(len(content[middle_of_it]))
    path.write_bytes(content)
    with pytest.raises(SourceDamaged):
        await pictures(path)


async def test_what_is_not_there_and_what_is_a_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreachable, match=r"a\.mp4 does not exist"):
        await pictures(tmp_path / "a.mp4")
    with pytest.raises(SourceError, match="is a folder"):
        await pictures(tmp_path)


async def test_sound_alone_is_not_supported(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.wav"), "w") as out:
        stream = out.add_stream("pcm_s16le", rate=8000, layout="mono")
        block = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        block.sample_rate = 8000
        out.mux(stream.encode(block))
    with pytest.raises(SourceUnsupported, match="has no video"):
        await pictures(tmp_path / "a.wav")


async def test_a_playlist_does_not_lead_to_the_network(tmp_path: Path) -> None:
    (tmp_path / "a.m3u8").write_text("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n")
    with pytest.raises(SourceError) as caught:
        await pictures(tmp_path / "a.m3u8")
    assert "refused" not in str(caught.value)


async def test_a_loop_goes_on_in_time(tmp_path: Path) -> None:
    got = frames(await read(source_of(write(tmp_path / "a.mkv"), loop=True), pictures=12))
    assert [frame.pts for frame in got] == [number * 3600 for number in range(12)]
    assert [middle(frame)[0] for frame in got][:7] == [40, 41, 42, 43, 44, 40, 41]


async def test_real_time_is_kept(tmp_path: Path) -> None:
    source = source_of(write(tmp_path / "a.mkv", times_ms=(0, 100, 300)), realtime=True)
    assert source.live
    began = time.monotonic()
    got = frames(await read(source))
    assert 0.28 < time.monotonic() - began < 1.5
    assert (got[2].arrived_ns - got[1].arrived_ns) / 1e9 == pytest.approx(0.2, abs=0.1)


async def test_an_abandoned_reader_leaves_no_thread(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mkv", times_ms=range(0, 4000, 40))
    for wanted in (1, 5):
        await read(source_of(path), pictures=wanted)
    with pytest.raises(TimeoutError):
        await read(source_of(path, loop=True, realtime=True), limit_s=0.2)
    assert decoding_threads() == 0


def test_urls_and_paths_name_files() -> None:
    assert Options.from_url("clips/a b.mp4").path == Path("clips/a b.mp4")
    looped = Options.from_url("file:///clips/a%20b.mp4?loop=true&realtime=true")
    assert (looped.path, looped.loop, looped.realtime) == (Path("/clips/a b.mp4"), True, True)


@pytest.mark.peer
async def test_counts_and_times_are_those_that_ffprobe_tells(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4", codec="libx264", times_ms=(0, 40, 55, 300, 340, 420, 460), options={"bf": "2"})
    command = ["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "frame=pts_time", "-of", "csv=p=0", str(path)]
    told = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=True, timeout=10)
    times = [float(line.strip(",")) for line in told.stdout.split()]
    assert [frame.pts for frame in await pictures(path)] == [round((at - times[0]) * 90_000) for at in times]
