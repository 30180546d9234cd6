"""A platform that speaks WHIP and WHEP on loopback, in a process of its own: aiortc without anything of the code under test.

::

    with WebRtcPlatform(tmp_path, token="secret") as platform:
        ...publish to platform.ingest("key")...      # keys of aiortc_server.CODES are refused
        ...play platform.watch...
        platform.stats()["pictures"]                 # decoded there; platform.moments() says when
        platform.kill(); platform.freeze()
"""

from __future__ import annotations

import json
import ssl
import sys
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.peers.process import HOST, PeerProcess, free_port


class WebRtcPlatform:
    """One platform; ``token`` is asked of everybody when not empty, and ``tls`` holds its key and certificate.

    Args:
        shown: a file of ``(240, 320) uint8`` luma, as numpy saves it: what is watched, in place of a pattern.
        keeps: write every picture that comes in.
    """

    def __init__(
        self, folder: Path, *, token: str = "", tls: Path | None = None, shown: Path | None = None, keeps: bool = False
    ) -> None:
        self._folder = folder
        self.port = free_port()
        self._tls = tls
        self.watch = f"whep://{HOST}:{self.port}/watch"
        kept = str(folder) if keeps else ""
        asked = {"port": self.port, "token": token, "tls": str(tls or ""), "shown": str(shown or ""), "kept": kept}
        command = [sys.executable, "-m", "tests.peers.aiortc_server", json.dumps(asked)]
        self._process = PeerProcess(command, port=self.port, log=folder / "aiortc.log")
        self.start, self.kill = self._process.start, self._process.kill
        self.freeze, self.thaw = self._process.freeze, self._process.thaw

    def __enter__(self) -> WebRtcPlatform:  # noqa: PYI034 - it is never subclassed
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.kill()

    def ingest(self, key: str) -> str:
        """Where to publish with ``key``."""
        return f"{'whips' if self._tls else 'whip'}://{HOST}:{self.port}/live/{key}"

    def kept(self, key: str) -> list[NDArray[np.uint8]]:
        """The luma of every picture that came in with ``key``, where they are kept, but for the last, which may be half written."""
        return [np.load(path) for path in sorted(self._folder.glob(f"{key}-*.npy"))[:-1]]

    def stats(self) -> dict[str, Any]:
        """What it saw so far."""
        return self._ask("stats")

    def moments(self) -> dict[str, list[tuple[float, float]]]:
        """What the last publisher sent so far, as ``Moments`` tells it."""
        return self._ask("moments")

    def _ask(self, what: str) -> dict[str, Any]:
        context = ssl.create_default_context(cafile=self._tls) if self._tls else None
        address = f"{'https' if self._tls else 'http'}://{HOST}:{self.port}/{what}"
        with urllib.request.urlopen(address, timeout=5, context=context) as answer:
            return dict(json.load(answer))
