"""A live playlist that any player can follow."""

import io
import re

import av
import pytest

from proxy.encoding.options import Options as Encoding
from proxy.encoding.programme import SoundTrack
from proxy.errors import ConfigError, SinkUnwritable
from proxy.media.formats import VideoFormat
from proxy.sinks._hls.segments import Container
from proxy.sinks._hls.store import MemoryStore
from proxy.sinks.hls import HlsSink, Options
from tests.programmes import STEP, encoded, every, pictures, stream

GOP = Encoding(gop_s=0.4)


def options(path, **more):
    return Options(path=path, segment_s=0.8, **more)


def played(store, playlist):
    """Times in ms of every picture that the playlist leads to, with each segment behind its own header."""
    header, shown = b"", []
    for line in playlist.splitlines():
        if line.startswith("#EXT-X-MAP"):
            header = store.get(re.search(r'URI="(.+)"', line)[1])
        elif not line.startswith("#"):
            with av.open(io.BytesIO(header + store.get(line))) as segment:
                times = [round(frame.pts * frame.time_base * 1000) for frame in segment.decode(video=0)]
            shown.append((line, times))
    return shown


@pytest.mark.parametrize("codec", ["h264", "hevc"])
@pytest.mark.parametrize("container", list(Container))
async def test_segments_begin_with_keyframes_play_alone_and_lose_nothing(tmp_path, container, codec):
    packets = encoded(pictures(every(STEP, 70)), options=Encoding(codec=codec, gop_s=0.4), track=SoundTrack.ALWAYS)
    store = MemoryStore()
    await HlsSink(options(tmp_path, container=container), store).run(stream(packets))
    playlist = store.get("index.m3u8").decode()
    shown = played(store, playlist)
    assert [times[0] for _, times in shown] == [0, 800, 1600, 2400]
    assert [time for _, times in shown for time in times] == [number * 40 for number in range(70)]
    assert re.findall(r"#EXTINF:([\d.]+),", playlist) == ["0.80000", "0.80000", "0.80000", "0.40000"]
    assert playlist.endswith("#EXT-X-ENDLIST\n")


async def test_the_window_moves_on_and_old_files_go(tmp_path):
    packets = encoded(pictures(every(STEP, 600)), options=GOP)
    await HlsSink(options(tmp_path, window=3)).run(stream(packets))
    playlist = (tmp_path / "index.m3u8").read_text()
    named = [line for line in playlist.splitlines() if not line.startswith("#")]
    files = {path.name for path in tmp_path.iterdir()}
    assert len(named) == 3
    assert set(named) < files
    assert len([name for name in files if name.endswith(".m4s")]) == 6
    assert len([name for name in files if name.endswith(".mp4")]) == 1
    assert "#EXT-X-MEDIA-SEQUENCE:27" in playlist


async def test_another_programme_follows_a_discontinuity_with_a_header_of_its_own(tmp_path):
    frames = [*pictures(every(STEP, 40)), *pictures(every(STEP, 40, first=40 * STEP), VideoFormat(96, 64))]
    store = MemoryStore()
    await HlsSink(options(tmp_path), store).run(stream(encoded(frames, options=GOP)))
    playlist = store.get("index.m3u8").decode()
    before, after = playlist.split("#EXT-X-DISCONTINUITY\n")
    assert before.count("#EXT-X-MAP") == after.count("#EXT-X-MAP") == 1
    assert [time for _, times in played(store, playlist) for time in times] == [number * 40 for number in range(80)]


async def test_a_new_start_goes_on_in_the_same_playlist_and_an_old_process_leaves_nothing(tmp_path):
    (tmp_path / "segment-abcdef-3.m4s").touch()
    (tmp_path / "mine.txt").touch()
    sink = HlsSink(options(tmp_path))
    for first in (0, 100 * STEP):
        await sink.run(stream(encoded(pictures(every(STEP, 20, first=first)), options=GOP)))
    playlist = (tmp_path / "index.m3u8").read_text()
    assert playlist.count("#EXT-X-DISCONTINUITY\n") == 1
    assert not (tmp_path / "segment-abcdef-3.m4s").exists()
    assert (tmp_path / "mine.txt").exists()


async def test_what_is_to_be_discarded_is_gone_at_the_end_and_other_files_are_not(tmp_path):
    (tmp_path / "mine.txt").touch()
    seen = []

    async def watched(packets):
        async for packet in packets:
            seen.append(len(list(tmp_path.iterdir())))
            yield packet

    await HlsSink(options(tmp_path, discard=True)).run(watched(stream(encoded(pictures(every(STEP, 60)), options=GOP))))
    assert max(seen) > 3
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


async def test_nothing_is_promised_before_it_is_there(tmp_path):
    class Watched(MemoryStore):
        def put(self, name, data):
            if name == "index.m3u8":
                for line in data.decode().splitlines():
                    assert line.startswith("#") or self.get(line)
            super().put(name, data)

    await HlsSink(options(tmp_path), Watched()).run(stream(encoded(pictures(every(STEP, 60)), options=GOP)))


async def test_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SinkUnwritable) as told:
        await HlsSink(options(tmp_path / "file")).run(stream(encoded(pictures(every(STEP, 8)))))
    assert told.value.hint


def test_an_address_names_a_folder_or_is_refused(tmp_path):
    assert str(Options.from_url("hls:///var/lib/veil%20cast").path) == "/var/lib/veil cast"
    with pytest.raises(ConfigError):
        Options.from_url("hls://")
    assert HlsSink(Options.from_url(f"hls://{tmp_path}")).name == f"hls:{tmp_path.name}"
