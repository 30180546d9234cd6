"""The control room over its HTTP, around a service that runs: the panic button, and what attackers get."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.peers.process import free_port

VEILCAST = str(Path(sys.executable).with_name("veilcast"))
STREET = Path(__file__).parents[1] / "sample_videos" / "street.mp4"

pytestmark = [pytest.mark.peer, pytest.mark.timeout(180)]


class Service:
    """``veilcast run -c`` with the camera ``street`` and pictures for dashboards."""

    def __init__(self, folder: Path, *, more: str = "") -> None:
        self.port, self.config, self.folder = free_port(), folder / "veilcast.toml", folder
        self.url = f"http://127.0.0.1:{self.port}"
        self.config.write_text(
            f'[control]\nport = {self.port}\n{more}\n[[camera]]\nname = "street"\n'
            f'source = "file://{STREET}?loop=true&realtime=true"\nsinks = [{{ type = "mjpeg", rate = 15 }}]\n'
            '[camera.privacy]\naccuracy = "light"\n'
        )

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[str]]:
        command = [VEILCAST, "run", "-c", str(self.config)]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ | {"TMPDIR": str(self.folder)}) as service:
            assert service.stderr is not None
            for line in service.stderr:
                if "anonymised picture" in line:
                    break
            try:
                yield service
            finally:
                service.send_signal(signal.SIGTERM)
                service.communicate(timeout=20)

    def picture(self) -> np.ndarray:
        """The next anonymised picture, ``(H, W)`` uint8 luma."""
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"{self.url}/live/street/picture.jpg", timeout=20) as answer:
                    return np.asarray(Image.open(io.BytesIO(answer.read())).convert("L"))
            except urllib.error.HTTPError:
                assert time.monotonic() < deadline
                time.sleep(0.2)

    def press(self, path: str, *, covered: bool) -> dict[str, object]:
        body = json.dumps({"covered": covered}).encode()
        request = urllib.request.Request(self.url + path, data=body, headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def until(self, *, covered: bool) -> float:
        """Wait for pictures of that kind; returns after how many seconds."""
        began = time.monotonic()
        while is_covered(self.picture()) is not covered:
            assert time.monotonic() - began < 30
        return time.monotonic() - began


def is_covered(picture: np.ndarray) -> bool:
    """Whether nothing of the scene is in ``picture``: away from the words in its middle each row is one tone."""
    return bool(np.ptp(picture[: len(picture) // 5].astype(int), axis=1).max() < 12)


def test_the_panic_button_covers_at_once_and_a_restart_remembers_it(tmp_path: Path) -> None:
    service = Service(tmp_path)
    with service.running():
        service.until(covered=False)
        assert service.press("/api/cameras/street/cover", covered=True) == {"covered": True, "kept": True}
        service.until(covered=True)
        service.press("/api/cover", covered=False)
        service.until(covered=False)
        service.press("/api/cover", covered=True)
        service.until(covered=True)
    with service.running():
        assert is_covered(service.picture()), "the first picture after a restart"
        service.press("/api/cameras/street/cover", covered=False)
        service.until(covered=False)
    assert json.loads((tmp_path / "veilcast.state" / "covers.json").read_text()) == {"everything": False, "cameras": []}
