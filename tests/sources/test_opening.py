"""An input is opened with the streams that matter, or refused with nothing left open."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from proxy.errors import SourceUnsupported
from proxy.sources.file import Options
from proxy.sources.opening import Input, opened
from tests.sources.clips import write


def test_an_input_does_not_show_where_it_is_read_from() -> None:
    assert "hunter2" not in repr(Input("rtsp://u:hunter2@camera/x", "rtsp://***@camera/x"))


def test_sound_is_opened_only_when_wanted(tmp_path: Path) -> None:
    options = Options(path=write(tmp_path / "a.mkv", sound_rate=8000))
    for wanted in (True, False):
        held = opened(options.input(sound=wanted))
        assert (held.audio is not None) == wanted
        assert held.decoder == "ffv1 (software)"
        held.container.close()


def test_a_files_decoder_uses_all_threads_and_a_live_one_holds_no_picture_back(tmp_path: Path) -> None:
    what = Options(path=write(tmp_path / "a.mp4", codec="libx264")).input()
    live = Input(what.url, what.name, threads=1)
    for asked, threads in ((what, "AUTO"), (live, "SLICE")):
        held = opened(asked)
        assert held.video.thread_type.name == threads
        held.container.close()


def test_a_codec_that_nobody_decodes_is_told(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mkv")
    path.write_bytes(path.read_bytes().replace(b"FFV1", b"QQQQ").replace(b"V_FFV1", b"V_QQQQ"))
    with pytest.raises(SourceUnsupported, match="cannot be decoded") as caught:
        opened(Options(path=path).input())
    assert "H.264" in caught.value.hint


def test_a_cover_picture_beside_sound_is_no_video(tmp_path: Path) -> None:
    path = tmp_path / "a.m4a"
    with av.open(str(path), "w", format="mp4") as out:
        cover = out.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 64, 48, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        out.mux(cover.encode(av.VideoFrame(64, 48, "yuvj420p")))
        out.mux(cover.encode(None))
    with pytest.raises(SourceUnsupported, match="has no video"):
        opened(Options(path=path).input())
