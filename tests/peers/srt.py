"""ffmpeg as an SRT camera and as an SRT player: Debian's is built with libsrt."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_HASTY = "-v error -y -analyzeduration 500000"
_WRITTEN = "-c copy -f mpegts -flush_packets 1"
_PATTERN = "-re -f lavfi -i testsrc2=size=320x240:rate=25 -f lavfi -i sine=frequency=440"
_CODED = "-c:v libx264 -preset ultrafast -tune zerolatency -g 10 -pix_fmt yuv420p -c:a aac -f mpegts"


@contextmanager
def sending(url: str, log: Path, *, clip: Path | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A camera that sends a test picture and a tone, or ``clip`` again and again, to ``url``, or lets itself be called there."""
    pictures = ["-re", "-stream_loop", "-1", "-i", str(clip)] if clip else _PATTERN.split()
    with _running(["ffmpeg", "-v", "error", *pictures, *_CODED.split(), url], log) as process:
        yield process


@contextmanager
def recording(url: str, path: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A player that writes what it gets of ``url``, as it is, to ``path``."""
    with _running(
        ["ffmpeg", *_HASTY.split(), "-i", url, *_WRITTEN.split(), str(path)],
        log,
    ) as process:
        yield process


@contextmanager
def _running(command: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as written:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=written, stderr=written)
    try:
        yield process
    finally:
        process.kill()
        process.wait(5)
