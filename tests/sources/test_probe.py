"""What an input holds is found by opening it."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from proxy.errors import SourceDamaged, SourceError, SourceUnsupported
from proxy.sources.file import Options as File
from proxy.sources.probe import probe
from proxy.sources.rtsp import Options as Rtsp


def film(path: Path, *, sound: bool = False) -> Path:
    with av.open(str(path), "w") as out:
        stream = out.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        if sound:
            out.add_stream("aac", rate=48_000)
        for _ in range(5):
            picture = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 90, np.uint8), format="rgb24")
            out.mux(stream.encode(picture))
        out.mux(stream.encode(None))
    return path


def test_a_films_streams_are_told(tmp_path: Path) -> None:
    found = probe(File(path=film(tmp_path / "a.mkv", sound=True)).input())
    assert (found.video.codec, found.video.width, found.video.height, found.video.pix_fmt) == ("mpeg4", 64, 48, "yuv420p")
    assert found.video.frame_rate == pytest.approx(10)
    assert found.duration_s == pytest.approx(0.5, abs=0.1)
    assert found.audio is not None
    assert found.audio.sample_rate == 48_000


def test_silent_films_have_no_audio(tmp_path: Path) -> None:
    assert probe(File(path=film(tmp_path / "a.mp4")).input()).audio is None


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.wav"), "w") as out:
        stream = out.add_stream("pcm_s16le", rate=8000, layout="mono")
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        sound.sample_rate = 8000
        out.mux(stream.encode(sound))
    with pytest.raises(SourceUnsupported, match="has no video"):
        probe(File(path=tmp_path / "a.wav").input())


@pytest.mark.parametrize("content", [b"", b"junk" * 1000])
def test_what_is_no_film_is_told_as_damaged(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(content)
    with pytest.raises(SourceDamaged):
        probe(File(path=tmp_path / "a.mp4").input())


@pytest.mark.peer
def test_a_refused_camera_is_told_without_its_password() -> None:
    with pytest.raises(SourceError) as caught:
        probe(Rtsp.from_url("rtsp://u:hunter2@127.0.0.1:9/x").input())
    assert "hunter2" not in str(caught.value)
