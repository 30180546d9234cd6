"""An RTSP camera on loopback: GStreamer's RTSP server in a process of its own.

::

    with Camera(tmp_path, user="admin", password="secret") as camera:
        ...read camera.url...
        camera.kill(); camera.start()      # the same port
        camera.freeze(); camera.thaw()     # connected, and silent

A test pattern of 320x240 at 25 frames/s in any of ``CODECS``, or ``clip``, looped (re-encoded to H.264 once, without B-frames).
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Final

import av

from tests.peers.process import HOST, PeerProcess, free_port

CODECS: Final = ("h264", "hevc", "mjpeg")
_PYTHON: Final = "/usr/bin/python3"
_RATE: Final = 25


class Camera:
    """One camera.

    Args:
        folder: where its log, and a clip made fit for it, go.
        user: asked for, with ``password``, when not empty.
        digest: ask by Digest authentication; otherwise by Basic.
        audio: send G.711 ticks beside the picture.
        tls: its key and certificate: it speaks RTSP over TLS only.
    """

    def __init__(
        self,
        folder: Path,
        *,
        codec: str = "h264",
        user: str = "",
        password: str = "",
        digest: bool = True,
        audio: bool = False,
        clip: Path | None = None,
        tls: Path | None = None,
    ) -> None:
        self.port = free_port()
        self.address = f"{HOST}:{self.port}/stream"
        self.url = f"{'rtsps' if tls else 'rtsp'}://{f'{user}:{password}@' if user else ''}{self.address}"
        looped = str(_elementary(clip, folder)) if clip else ""
        asked = {
            "port": self.port, "codec": codec, "user": user, "password": password,
            "digest": digest, "audio": audio, "clip": looped, "rate": _RATE, "tls": str(tls or ""),
        }  # fmt: skip
        command = [_PYTHON, str(Path(__file__).with_name("gst_camera.py")), json.dumps(asked)]
        self._process = PeerProcess(command, port=self.port, log=folder / "camera.log")
        self.start, self.kill = self._process.start, self._process.kill
        self.freeze, self.thaw = self._process.freeze, self._process.thaw

    def __enter__(self) -> Camera:  # noqa: PYI034 - it is never subclassed
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.kill()


def _elementary(clip: Path, folder: Path) -> Path:
    """``clip`` as bare H.264 access units, and beside it the list of their sizes."""
    encoded, out = folder / "encoded.h264", folder / "looped.h264"
    command = ["ffmpeg", "-v", "error", "-y", "-i", str(clip), "-an", "-r", str(_RATE), "-c:v", "libx264", "-preset", "ultrafast"]
    subprocess.run([*command, "-bf", "0", "-g", str(_RATE), "-pix_fmt", "yuv420p", str(encoded)], check=True, timeout=300)
    with av.open(str(encoded)) as source:
        units = [bytes(packet) for packet in source.demux(video=0) if packet.size]
    out.write_bytes(b"".join(units))
    out.with_suffix(".json").write_text(json.dumps([len(unit) for unit in units]))
    return out
