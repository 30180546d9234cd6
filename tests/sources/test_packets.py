"""Compressed pictures are read as they are, and a stop is heeded."""

import pytest

from proxy.errors import SourceError, SourceUnreachable
from proxy.sinks.file import FileSink, Options
from proxy.sources.packets import open_packets
from tests.programmes import STEP, encoded, every, pictures, stream


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
@pytest.mark.parametrize("as_url", [True, False])
async def test_every_picture_of_a_file_is_read_with_its_time(tmp_path, name, as_url):
    packets = encoded(pictures(every(STEP, 20)))
    await FileSink(Options(path=tmp_path / name)).run(stream(packets))
    with open_packets(f"file://{tmp_path / name}" if as_url else str(tmp_path / name)) as found:
        assert (found.codec, found.live) == ("h264", False)
        read = list(found.read(lambda: False))
    assert [one.pts for one in read] == every(STEP, 20)
    assert all(len(one.data) > 10 for one in read)


async def test_reading_stops_when_it_is_told_to(tmp_path):
    await FileSink(Options(path=tmp_path / "a.mp4")).run(stream(encoded(pictures(every(STEP, 20)))))
    seen = []
    with open_packets(str(tmp_path / "a.mp4")) as found:
        for number, _ in enumerate(found.read(lambda: len(seen) == 3)):
            seen.append(number)
    assert seen == [0, 1, 2]


def test_what_cannot_be_read_says_so_without_secrets(tmp_path):
    with pytest.raises(SourceUnreachable), open_packets(str(tmp_path / "none.mp4")):
        pass
    (tmp_path / "empty.mp4").write_bytes(b"")
    with pytest.raises(SourceError), open_packets(str(tmp_path / "empty.mp4")):
        pass
    with pytest.raises(SourceUnreachable) as refusal, open_packets("rtsp://user:hunter2@127.0.0.1:1/x"):
        pass
    assert "hunter2" not in refusal.value.message
