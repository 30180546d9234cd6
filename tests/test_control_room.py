"""The control room over its HTTP, around a service that runs: the panic button, and what attackers get."""

from __future__ import annotations

import http.client
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
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
        self.url, self.log = f"http://127.0.0.1:{self.port}", ""
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
                self.log = service.communicate(timeout=30)[1]

    def picture(self) -> np.ndarray:
        """The next anonymised picture, ``(H, W)`` uint8 luma."""
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"{self.url}/live/street/picture.jpg", timeout=20) as answer:
                    return np.asarray(Image.open(io.BytesIO(answer.read())).convert("L"))
            except urllib.error.HTTPError as error:
                error.close()
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


VIEWER, EXPIRED, ADMIN = "viewer-token-0123", "expired-token-012", "admin-token-01234"
VISITORS = f"""token = "{ADMIN}"
[[control.visitors]]
token = "{VIEWER}"
[[control.visitors]]
token = "{EXPIRED}"
role = "admin"
until = 2020-01-01T00:00:00Z
"""


def asked(service: Service, path: str, *, token: str = "", method: str = "GET", body: bytes | None = None, **headers: str) -> int:
    """The status of an answer to somebody at another address of this machine than the attackers'."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=20, source_address=("127.0.0.2", 0))
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    if token:
        given["Authorization"] = f"Bearer {token}"
    connection.request(method, path, body=body, headers=given)
    status = connection.getresponse().status
    connection.close()
    return status


def sent(service: Service) -> float:
    """Frames that were sent so far."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=20, source_address=("127.0.0.3", 0))
    connection.request("GET", "/metrics", headers={"Authorization": f"Bearer {ADMIN}"})
    text = connection.getresponse().read().decode()
    connection.close()
    return float((re.search(r"^veilcast_frames_sent_total\S* (\S+)", text, re.MULTILINE) or [0, "0"])[1])


def gigabyte(service: Service) -> int:
    """Bytes of a body of 1 GB that were taken before the connection was closed."""
    piece, taken = b" " * 65536, 0
    with socket.create_connection(("127.0.0.1", service.port), timeout=20) as attacker:
        head = f"POST /api/cover HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {ADMIN}\r\n"
        attacker.sendall(f"{head}Content-Type: application/json\r\nContent-Length: 1000000000\r\n\r\n".encode())
        try:
            while taken < 1_000_000_000:
                taken += attacker.send(piece)
        except OSError:
            return taken
    return taken


def test_attackers_are_refused_and_said_once_and_the_stream_goes_on(tmp_path: Path) -> None:
    service = Service(tmp_path, more=VISITORS)
    with service.running():
        deadline = time.monotonic() + 60
        while not sent(service):
            assert time.monotonic() < deadline
            time.sleep(0.2)
        press = {"method": "POST", "body": b'{"covered": true}', "Content_Type": "application/json"}
        for path in ("/", "/api/cameras", "/metrics", "/live/street/index.m3u8", "/api/settings"):
            assert asked(service, path) == 401
        for _ in range(3):
            assert asked(service, "/api/cameras", token=EXPIRED) == 401
        assert asked(service, "/api/cover", token=VIEWER, **press) == 403
        assert asked(service, "/api/settings", token=VIEWER) == 403
        assert asked(service, "/api/cover", token=ADMIN, Origin="https://evil.example", **press) == 403
        assert asked(service, "/api/cover", token=ADMIN, Sec_Fetch_Site="cross-site", **press) == 403
        assert asked(service, "/live/street/..%2F..%2Fveilcast.toml", token=ADMIN) == 404
        assert asked(service, "/api/cameras/..%2F..%2Fetc/history", token=ADMIN) == 404
        assert gigabyte(service) < 500_000_000, "cut off on the way"
        before = sent(service)
        crowd = []
        for _ in range(500):
            crowd.append(socket.socket())
            crowd[-1].settimeout(5)
            crowd[-1].connect(("127.0.0.1", service.port))
        deadline = time.monotonic() + 60
        while sent(service) < before + 20:
            assert time.monotonic() < deadline, "the stream stands still"
            time.sleep(0.2)
        for one in crowd:
            one.close()
        assert asked(service, "/api/cameras", token=VIEWER) == 200
    refused = [line for line in service.log.splitlines() if "refused" in line]
    kinds = [re.sub(r"time=\S+ |times=\d+", "", line) for line in refused]
    assert len(kinds) == len(set(kinds)), "each kind is said once"
    assert any("expired" in kind for kind in kinds)
    assert "restarted" not in service.log
    assert not [secret for secret in (ADMIN, VIEWER, EXPIRED) if secret in service.log]
