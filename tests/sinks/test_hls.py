"""A live playlist that any player can follow."""

import io
import re

import aiohttp
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


@pytest.mark.parametrize(
    ("container", "codec"),
    [*((container, codec) for container in Container for codec in ("h264", "hevc")), (Container.FMP4, "av1")],
)
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


async def test_behind_a_door_it_answers_out_of_memory_and_leaves_no_file(tmp_path):
    door, answered = tmp_path / "door", {}

    async def asked(packets):
        async for packet in packets:
            yield packet
        async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(door))) as session:
            for name in ("index.m3u8", "door", "..%2fdoor", "segment-000000-1.m4s"):
                async with session.get(f"http://camera/{name}") as answer:
                    answered[name] = (answer.status, answer.headers["Content-Type"], await answer.text())

    await HlsSink(options(tmp_path / "none", door=door)).run(asked(stream(encoded(pictures(every(STEP, 40)), options=GOP))))
    status, kind, playlist = answered.pop("index.m3u8")
    assert (status, kind) == (200, "application/vnd.apple.mpegurl")
    assert playlist.count("#EXTINF") >= 1
    assert [status for status, _, _ in answered.values()] == [404] * 3
    assert list(tmp_path.iterdir()) == []


async def test_what_is_withdrawn_nobody_gets_any_more_and_the_playlist_goes_on(tmp_path):
    sink, seen = HlsSink(options(tmp_path, window=10)), []
    packets = [packet for packet in encoded(pictures(every(STEP, 200)), options=GOP) if packet.is_video]
    keyframe = next(number for number in range(100, 200) if packets[number].keyframe)

    async def covered_half_way(packets):
        for number, packet in enumerate(packets):
            if number == 95:
                seen.append({path.name for path in tmp_path.iterdir()} - {"index.m3u8"})
                sink.withdraw()
            yield packet
            if number == 95:
                seen.append({path.name for path in tmp_path.iterdir()} - {"index.m3u8"})
                seen.append((tmp_path / "index.m3u8").read_text())

    await sink.run(covered_half_way([*packets[:95], *packets[keyframe:]]))
    scene, at_once, first = seen
    assert len(scene) > 3, scene
    assert at_once == set()
    assert "EXTINF" not in first
    playlist = (tmp_path / "index.m3u8").read_text()
    assert "#EXT-X-DISCONTINUITY\n" in playlist
    assert int(re.search(r"MEDIA-SEQUENCE:(\d+)", playlist)[1]) >= int(re.search(r"MEDIA-SEQUENCE:(\d+)", first)[1]) > 3
    assert not scene & {path.name for path in tmp_path.iterdir()}


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


async def test_parts_are_there_before_their_segment_and_the_segment_is_its_parts(tmp_path):
    packets = encoded(pictures(every(STEP, 70)), options=GOP, track=SoundTrack.ALWAYS)
    store = Remembering()
    await HlsSink(options(tmp_path, part_s=0.2), store).run(stream(packets))
    playlist = store.get("index.m3u8").decode()
    shown = played(store, playlist)
    assert [time for _, times in shown for time in times] == [number * 40 for number in range(70)]
    assert [times[0] for _, times in shown] == [0, 800, 1600, 2400]
    parts = re.findall(r'#EXT-X-PART:DURATION=([\d.]+),URI="([^"]+)"(,INDEPENDENT=YES)?', playlist)
    assert max(float(duration) for duration, _, _ in parts) <= 0.2
    last = [line for line in playlist.splitlines() if not line.startswith("#")][-2:]
    assert store.get(last[0]) == b"".join(store.get(name) for _, name, _ in parts[-6:-2])
    assert store.order.index(parts[-6][1]) < store.order.index(last[0])
    assert [bool(independent) for _, _, independent in parts[-6:]] == [True, False, True, False, True, False]
    header = store.get(re.search(r'#EXT-X-MAP:URI="(.+)"', playlist)[1])
    with av.open(io.BytesIO(header + store.get(parts[-6][1]))) as piece:
        assert [round(frame.pts * frame.time_base * 1000) for frame in piece.decode(video=0)] == [1600, 1640, 1680, 1720, 1760]


async def test_every_playlist_on_the_way_names_only_parts_that_are_there(tmp_path):
    store = Remembering()
    frames = [*pictures(every(STEP, 60)), *pictures(every(STEP, 60, first=60 * STEP), VideoFormat(96, 64))]
    await HlsSink(options(tmp_path, part_s=0.2, window=3), store).run(stream(encoded(frames, options=GOP)))
    assert len(store.playlists) > 20
    for text, there in store.playlists:
        named = set(re.findall(r'(?:PART:[^"]*|MAP:)URI="([^"]+)"', text)) | {x for x in text.splitlines() if not x.startswith("#")}
        assert named <= there
    assert "#EXT-X-DISCONTINUITY" in store.playlists[-1][0]
    assert all("PRELOAD-HINT" in text for text, _ in store.playlists[:-1])


@pytest.mark.parametrize("more", [{"container": "ts", "part_s": 0.3}, {"segment_s": 0.8, "part_s": 0.5}])
def test_parts_that_do_not_fit_are_refused(tmp_path, more):
    with pytest.raises(ValueError, match="part_s needs fmp4"):
        Options.model_validate({"path": tmp_path, **more})


class Remembering(MemoryStore):
    """A store that remembers in which order files came, and what was there with each playlist."""

    def __init__(self):
        super().__init__()
        self.order, self.playlists = [], []

    def put(self, name, data):
        super().put(name, data)
        self.order.append(name)
        if name == "index.m3u8":
            self.playlists.append((data.decode(), set(self._files)))
