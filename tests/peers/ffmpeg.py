"""ffmpeg as a publisher. For WHIP it is the one that imageio-ffmpeg brings along, newer than Debian's."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import imageio_ffmpeg

FFMPEG: Final = imageio_ffmpeg.get_ffmpeg_exe()
_PATTERN: Final = ["-re", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25"]
_TONE: Final = ["-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"]
_ENCODED: Final = ["-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "25"]


@contextmanager
def publishing_whip(
    url: str, *, log: Path, token: str = "", sound: bool = False, clip: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """ffmpeg publishing a test pattern, and a tone beside it, or ``clip`` again and again, at the WHIP address ``url``."""
    pictures = _looped(clip) if clip else [*_PATTERN, *(_TONE if sound else [])]
    command = [FFMPEG, "-nostdin", "-v", "info", *pictures, *_ENCODED]
    command += ["-c:a", "libopus", "-ac", "2"] if sound else ["-an"]
    command += ["-f", "whip", *(["-authorization", token] if token else []), url]
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def publishing_rtmp(url: str, clip: Path) -> Iterator[subprocess.Popen[bytes]]:
    """ffmpeg publishing ``clip``, again and again, at the RTMP address ``url``."""
    with _running([*_looped(clip), "-c", "copy", "-f", "flv", url]) as process:
        yield process


@contextmanager
def writing_hls(folder: Path, clip: Path) -> Iterator[subprocess.Popen[bytes]]:
    """ffmpeg writing ``clip``, again and again, as a live HLS stream: ``folder/index.m3u8``."""
    shape = ["-f", "hls", "-hls_time", "1", "-hls_list_size", "8", "-hls_flags", "delete_segments+temp_file"]
    with _running([*_looped(clip), "-c", "copy", *shape, str(folder / "index.m3u8")]) as process:
        yield process


@contextmanager
def recording_rtsp(port: int, film: Path) -> Iterator[subprocess.Popen[bytes]]:
    """ffmpeg as an RTSP server to which one may publish, writing ``film`` with the times that it is told, not those of arrival."""
    listening = ["-y", "-rtsp_flags", "listen", "-i", f"rtsp://127.0.0.1:{port}/live/door"]
    with _running([*listening, "-c", "copy", "-f", "matroska", "-flush_packets", "1", str(film)]) as process:
        yield process


@contextmanager
def recording_rtmp(port: int, film: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The newer ffmpeg as a server of enhanced RTMP for one publisher, whatever its key, who is written to ``film``."""
    listening = [FFMPEG, "-nostdin", "-v", "error", "-y", "-listen", "1", "-i", f"rtmp://127.0.0.1:{port}/live/key"]
    with subprocess.Popen([*listening, "-c", "copy", str(film)], stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def _running(arguments: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """Debian's ffmpeg, for as long as this lasts."""
    with subprocess.Popen(["ffmpeg", "-v", "error", *arguments], stdin=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


def _looped(clip: Path) -> list[str]:
    return ["-re", "-stream_loop", "-1", "-i", str(clip)]
