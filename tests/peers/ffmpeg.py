"""An ffmpeg with WHIP, newer than Debian's: the one that imageio-ffmpeg brings along."""

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
def publishing_whip(url: str, *, log: Path, token: str = "", sound: bool = False) -> Iterator[subprocess.Popen[bytes]]:
    """ffmpeg publishing a test pattern, and a tone beside it, at the WHIP address ``url``."""
    command = [FFMPEG, "-nostdin", "-v", "info", *_PATTERN, *(_TONE if sound else []), *_ENCODED]
    command += ["-c:a", "libopus", "-ac", "2"] if sound else []
    command += ["-f", "whip", *(["-authorization", token] if token else []), url]
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()
