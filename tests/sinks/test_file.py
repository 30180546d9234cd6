"""Recordings play whatever ends them, and a failure leaves nothing half-written."""

import asyncio
import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import av
import pytest

from proxy.encoding.options import Options as Encoding
from proxy.encoding.programme import SoundTrack
from proxy.errors import ConfigError, SinkFull, SinkUnwritable
from proxy.media.formats import VideoFormat
from proxy.sinks.file import FileSink, Options, _Target
from tests.programmes import SHAPE, STEP, VARIABLE, encoded, every, pictures, stream


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def times(path):
    with av.open(str(path)) as recording:
        return [round(frame.pts * frame.time_base * 1000) for frame in recording.decode(video=0)]


@pytest.mark.parametrize("name", ["out.mp4", "out.mkv", "out.mov", "OUT.MP4"])
@pytest.mark.parametrize("atomic", [False, True])
async def test_a_recording_holds_every_picture_at_its_time(tmp_path, name, atomic):
    packets = encoded(pictures(VARIABLE), live=False, track=SoundTrack.ALWAYS)
    await FileSink(Options(path=tmp_path / name, atomic=atomic)).run(stream(packets))
    assert times(tmp_path / name) == [round(pts / 90) for pts in VARIABLE]
    assert names(tmp_path) == [name]


async def test_another_programme_is_another_file(tmp_path):
    frames = [*pictures(every(STEP, 10)), *pictures(every(STEP, 10, first=10 * STEP), VideoFormat(96, 64))]
    await FileSink(Options(path=tmp_path / "out.mp4")).run(stream(encoded(frames)))
    sizes = []
    for name in ("out.mp4", "out-2.mp4"):
        with av.open(str(tmp_path / name)) as recording:
            sizes.append(recording.streams.video[0].width)
            assert len(list(recording.decode(video=0))) == 10
    assert sizes == [SHAPE.width, 96]


async def test_the_same_sink_never_overwrites_what_it_recorded(tmp_path):
    sink = FileSink(Options(path=tmp_path / "out.mkv"))
    for _ in range(2):
        await sink.run(stream(encoded(pictures(every(STEP, 8)))))
    assert names(tmp_path) == ["out-2.mkv", "out.mkv"]


async def test_what_a_killed_process_recorded_is_not_overwritten_by_the_next_one(tmp_path):
    for _ in range(3):
        await FileSink(Options(path=tmp_path / "out.mkv")).run(stream(encoded(pictures(every(STEP, 8)))))
    assert names(tmp_path) == ["out-2.mkv", "out-3.mkv", "out.mkv"]
    assert all(len(times(path)) == 8 for path in tmp_path.iterdir())


async def breaks_off(packets, *, after):
    for number, packet in enumerate(packets):
        if number == after:
            raise RuntimeError("the encoder broke")
        yield packet


async def test_a_broken_atomic_recording_leaves_nothing_and_an_old_file_as_it_was(tmp_path):
    (tmp_path / "out.mp4").write_bytes(b"old")
    sink = FileSink(Options(path=tmp_path / "out.mp4", atomic=True))
    with pytest.raises(RuntimeError, match="encoder broke"):
        await sink.run(breaks_off(encoded(pictures(every(STEP, 60))), after=40))
    assert names(tmp_path) == ["out.mp4"]
    assert (tmp_path / "out.mp4").read_bytes() == b"old"


async def endless(packets, reached):
    for packet in packets:
        yield packet
    reached.set()
    await asyncio.Event().wait()


@pytest.mark.parametrize("name", ["out.mp4", "out.mkv"])
async def test_a_cancelled_recording_keeps_everything_it_got(tmp_path, name):
    reached = asyncio.Event()
    sink = FileSink(Options(path=tmp_path / name))
    async with asyncio.TaskGroup() as group:
        task = group.create_task(sink.run(endless(encoded(pictures(every(STEP, 40))), reached)))
        await reached.wait()
        task.cancel()
    assert task.cancelled()
    assert len(times(tmp_path / name)) == 40


@pytest.mark.parametrize("path", ["missing/out.mp4", "folder.mp4", "full.mp4", "full.mkv"])
async def test_an_output_that_cannot_be_written_is_one_clear_error(tmp_path, path):
    (tmp_path / "folder.mp4").mkdir()
    for name in ("full.mp4", "full.mkv"):
        (tmp_path / name).symlink_to("/dev/full")
    with pytest.raises(SinkUnwritable) as told:
        await FileSink(Options(path=tmp_path / path)).run(stream(encoded(pictures(every(STEP, 60)))))
    assert told.value.hint
    assert "\n" not in told.value.message


async def test_a_full_disk_is_tried_again_and_leaves_no_empty_file_for_each_try(tmp_path, monkeypatch):
    packets, sink = encoded(pictures(every(STEP, 60))), FileSink(Options(path=tmp_path / "out.mkv"))

    def full(target, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(_Target, "write", full)
        for _ in range(3):
            with pytest.raises(SinkFull) as told:
                await sink.run(stream(packets))
            assert told.value.retryable
            assert list(tmp_path.iterdir()) == []
    await sink.run(stream(packets))
    assert [path.name for path in tmp_path.iterdir()] == ["out.mkv"]


async def test_a_disk_that_becomes_full_in_the_middle_is_said_to_be_full_whatever_the_muxer_calls_it(tmp_path, monkeypatch):
    taken, honest = 0, _Target.write

    def limited(target, data):
        nonlocal taken
        taken += len(data)
        if taken > 5_000 and target._failed is None:
            target._failed = OSError(errno.ENOSPC, "No space left on device")
            raise target._failed
        return honest(target, data)

    monkeypatch.setattr(_Target, "write", limited)
    with pytest.raises(SinkFull):
        await FileSink(Options(path=tmp_path / "out.mkv")).run(stream(encoded(pictures(every(STEP, 200)))))
    assert len(times(tmp_path / "out.mkv")) > 0, "what is there plays"


RECORDER = """
import asyncio, sys
from pathlib import Path
from tests.programmes import STEP, encoded, every, pictures
from proxy.encoding.options import Options as Encoding
from proxy.sinks.file import FileSink, Options

async def packets():
    for packet in encoded(pictures(every(STEP, 80)), options=Encoding(gop_s=0.4)):
        yield packet
    print("written", flush=True)
    await asyncio.Event().wait()

length_s = float(sys.argv[2]) if len(sys.argv) > 2 else None
asyncio.run(FileSink(Options(path=Path(sys.argv[1]), segment_s=length_s)).run(packets()))
"""


@pytest.mark.parametrize("name", ["out.mp4", "out.mkv"])
def test_a_recording_plays_after_its_process_was_killed(tmp_path, name):
    path = tmp_path / name
    with subprocess.Popen([sys.executable, "-c", RECORDER, str(path)], stdout=subprocess.PIPE, cwd=Path.cwd()) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"written\n"
        child.send_signal(signal.SIGKILL)
    kept = times(path)
    assert kept == [number * 40 for number in range(len(kept))]
    assert len(kept) >= 60


def test_of_a_recording_in_pieces_every_piece_plays_after_its_process_was_killed(tmp_path):
    command = [sys.executable, "-c", RECORDER, str(tmp_path / "door-%Y%m%d-%H%M%S.mkv"), "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path.cwd()) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"written\n"
        child.send_signal(signal.SIGKILL)
    begun = sorted(tmp_path.iterdir(), key=lambda path: path.stat().st_size, reverse=True)
    assert len(begun) == 3
    for piece in begun[:2]:
        assert times(piece) == [number * 40 for number in range(30)]


@pytest.mark.parametrize("name", ["out.mp4", "out.mkv"])
async def test_pieces_begin_with_keyframes_at_time_0_and_lose_no_picture(tmp_path, name):
    packets = encoded(pictures(every(STEP, 100, first=9000)), options=Encoding(gop_s=0.4), track=SoundTrack.ALWAYS)
    await FileSink(Options(path=tmp_path / name, segment_s=1)).run(stream(packets))
    pieces = [times(tmp_path / piece) for piece in sorted(names(tmp_path), key=lambda piece: (len(piece), piece))]
    assert [len(kept) for kept in pieces] == [30, 30, 30, 10]
    assert all(kept == [number * 40 for number in range(len(kept))] for kept in pieces)


async def test_old_pieces_go_and_other_files_stay(tmp_path):
    for name in ("door-1.mkv", "door-2.mkv", "other-3.mkv", "holiday.mkv"):
        (tmp_path / name).write_bytes(bytes(400_000))
        os.utime(tmp_path / name, (1e9, 1e9))
    packets = encoded(pictures(every(STEP, 50)), options=Encoding(gop_s=0.4))
    await FileSink(Options(path=tmp_path / "door.mkv", segment_s=1, keep_hours=1)).run(stream(packets))
    assert names(tmp_path) == ["door-2.mkv", "door.mkv", "holiday.mkv", "other-3.mkv"]
    assert len(times(tmp_path / "door-2.mkv")) == 20, "a name that is free again is used again"
    (tmp_path / "door-7.mkv").write_bytes(bytes(2_000_000))
    await FileSink(Options(path=tmp_path / "door.mkv", segment_s=1, keep_mb=1)).run(stream(packets))
    assert "door-7.mkv" not in names(tmp_path)
    assert {"holiday.mkv", "other-3.mkv"} < set(names(tmp_path))


def test_pieces_that_cannot_be_named_or_kept_are_refused():
    for wrong in ({"path": "a-%c.mkv", "segment_s": 60}, {"path": "a.mkv", "keep_hours": 1}, {"path": "a.mkv", "keep_mb": 1}):
        with pytest.raises(ValueError, match=r"known are|segment_s"):
            Options(**wrong)


def test_an_address_names_a_container_or_is_refused():
    assert Options.from_url("file:///rec/a%20b.mp4").path == Path("/rec/a b.mp4")
    assert Options.from_url("recordings/x.MKV").path == Path("recordings/x.MKV")
    for wrong in ("out.avi", "file:///rec/out", "", "file:///"):
        with pytest.raises(ConfigError):
            Options.from_url(wrong)


def test_its_name_is_the_path():
    assert FileSink(Options(path=Path("/rec/out.mp4"))).name == "file:/rec/out.mp4"
