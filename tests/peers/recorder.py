"""An RTSP server on loopback that records, as Matroska, what is published to it."""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType
from typing import Final

from tests.peers.process import HOST, PeerProcess, free_port

_PYTHON: Final = "/usr/bin/python3"


class Recorder:
    """One server, with one place to publish to: ``url``. What it got is in ``film``. ``tls`` holds its key and certificate.

    ``udp`` says whether it takes datagrams.
    """

    def __init__(
        self,
        folder: Path,
        *,
        codec: str = "h264",
        audio: bool = True,
        user: str = "",
        password: str = "",
        digest: bool = True,
        tls: Path | None = None,
        udp: bool = True,
    ) -> None:
        self.port, self.film = free_port(), folder / "film.mkv"
        self.url = f"{'rtsps' if tls else 'rtsp'}://{HOST}:{self.port}/live/door"
        asked = {
            "port": self.port, "codec": codec, "audio": audio, "file": str(self.film), "user": user, "password": password,
            "digest": digest, "tls": str(tls or ""), "udp": udp,
        }  # fmt: skip
        command = [_PYTHON, str(Path(__file__).with_name("gst_recorder.py")), json.dumps(asked)]
        self._process = PeerProcess(command, port=self.port, log=folder / "recorder.log")
        self.kill, self.freeze = self._process.kill, self._process.freeze

    def __enter__(self) -> Recorder:  # noqa: PYI034 - it is never subclassed
        self._process.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.kill()
