"""``veilcast gateway`` as a platform runs it, for tests: in a process of its own, between a real ingest and what viewers play."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from email.message import Message
from pathlib import Path
from ssl import SSLContext, create_default_context
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from proxy.detectors.openvino_runtime import Device
from proxy.detectors.suite import Accuracy, build
from proxy.masking.passes import Pass
from proxy.media.raw import RawFrame
from proxy.sources import file as file_source
from tests.peers.ingest import Ingest
from tests.peers.process import free_port

VEILCAST = str(Path(sys.executable).with_name("veilcast"))
STREET = Path(__file__).parents[2] / "sample_videos" / "street.mp4"
CAFE = STREET.with_name("cafe.mp4")
ADMIN = "admin-token-0123456789"
OPERATOR = "operator-token-0123456789"
VIEWER = "viewer-token-0123456789"
SURE = 0.6


class Gateway:
    """``veilcast gateway`` in a process of its own, behind ``ingest``."""

    def __init__(self, folder: Path, ingest: Ingest, port: int, more: str, certificate: Path | None = None) -> None:
        self._folder = folder
        self.url = f"http{'s' if certificate else ''}://127.0.0.1:{free_port() if certificate else port}"
        self._trusting = create_default_context(cafile=certificate) if certificate else None
        self.key, self.trust, self.log = folder / "gateway.pem", folder / "gateway.jwk", folder / "gateway.log"
        self._process: subprocess.Popen[bytes] | None = None
        with self.trust.open("w") as public:
            command = [VEILCAST, "keys", "init", str(self.key)]
            subprocess.run(command, stdout=public, stderr=subprocess.DEVNULL, check=True, timeout=60)
        served = f"port = {urlsplit(self.url).port}\n"
        if certificate:
            served += f'hooks_port = {port}\ntls_cert = "{certificate}"\ntls_key = "{certificate}"\n'
        (folder / "gateway.toml").write_text(
            f'folder = "{folder}/state"\nkey = "{self.key}"\npull = "{ingest.pull}"\npublish = "{ingest.publish}"\n'
            f'[http]\n{served}admin = "{ADMIN}"\noperator = "{OPERATOR}"\nviewer = "{VIEWER}"\n'
            f'[privacy]\naccuracy = "light"\n[encoding]\ngop_s = 0.5\n{more}'
        )

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen([VEILCAST, "gateway", "-c", str(self._folder / "gateway.toml")], stderr=log)
        until(self._answers, within_s=40, why=self.log.read_text)

    def _answers(self) -> bool:
        with suppress(URLError, OSError), urlopen(f"{self.url}/healthz", timeout=2, context=self._trusting) as answer:
            return bool(answer.status == 200)
        return False

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(number)
        try:
            return process.wait(30)
        finally:
            process.kill()

    def call(self, method: str, path: str, body: object = None) -> object:
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.url}{path}", data, {"Authorization": f"Bearer {ADMIN}"}, method=method)
        with urlopen(request, timeout=10, context=self._trusting) as answer:
            return json.load(answer)

    def register(self, publisher: str, *cameras: str, admission: str | None = None) -> str:
        self.call("PUT", f"/api/publishers/{publisher}", {"cameras": cameras, "admission": admission})
        made = self.call("POST", f"/api/publishers/{publisher}/tokens", {})
        assert isinstance(made, dict)
        return str(made["token"])

    def publishers(self) -> list[dict[str, object]]:
        found = self.call("GET", "/api/publishers")
        assert isinstance(found, dict)
        return list(found["publishers"])

    def streams(self) -> list[dict[str, object]]:
        found = self.call("GET", "/api/streams")
        assert isinstance(found, dict)
        return list(found["streams"])

    def switches(self) -> list[dict[str, str]]:
        found = self.call("GET", "/api/switches")
        assert isinstance(found, dict)
        return list(found["switches"])

    def sent(self, camera: str) -> int:
        status = next((stream["status"] for stream in self.streams() if stream["camera"] == camera), None)
        return int(status["frames_sent"]) if isinstance(status, dict) else 0

    def shown(self, camera: str) -> int:
        """How many pictures were sent that are not covered whole."""
        status = next((stream["status"] for stream in self.streams() if stream["camera"] == camera), None)
        return int(status["frames_sent"]) - sum(status["covered"].values()) if isinstance(status, dict) else 0

    def ledger(self) -> subprocess.CompletedProcess[str]:
        command = [VEILCAST, "ledger", "verify", str(self._folder / "state" / "gateway.sqlite"), "--trust", str(self.trust)]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@contextmanager
def platform(folder: Path, more: str = "", certificate: Path | None = None) -> Iterator[tuple[Gateway, Ingest]]:
    """A gateway behind a real ingest; with a certificate, a file of it and its key, it is reached over TLS, and its hooks apart."""
    port = free_port()
    with Ingest(folder, hooks=port) as ingest:
        gateway = Gateway(folder, ingest, port, more, certificate)
        gateway.start()
        try:
            yield gateway, ingest
        finally:
            gateway.end(signal.SIGKILL)


@contextmanager
def publishing(url: str, clip: Path = STREET) -> Iterator[subprocess.Popen[bytes]]:
    """ffmpeg publishes a raw clip, again and again, until this ends."""
    command = ["ffmpeg", "-v", "error", "-re", "-stream_loop", "-1", "-i", str(clip), "-c", "copy", "-an", "-f", "flv", url]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as publisher:
        try:
            yield publisher
        finally:
            publisher.kill()


def status_of(request: str | Request, *, context: SSLContext | None = None) -> tuple[int, Message]:
    """Status and headers of an answer, also of one that refuses."""
    try:
        with urlopen(request, timeout=10, context=context) as answer:
            return answer.status, answer.headers
    except HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.headers


def until(condition: Callable[[], object], *, within_s: float, why: Callable[[], str]) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, why()
        time.sleep(0.1)


async def faces_in(path: Path) -> int:
    """Sure faces in every tenth picture of a file."""
    source = file_source.FileSource(file_source.Options(path=path), sound=False)
    suite = build(Accuracy.MAX, device=Device.CPU)
    try:
        shown = [item async for item in source.frames() if isinstance(item, RawFrame)]
        detector = suite.detectors[Pass.FACES]
        return sum(int((detector.detect(raw.planes).score > SURE).sum()) for raw in shown[::10])
    finally:
        suite.close()


def verify(path: Path, trust: Path) -> subprocess.CompletedProcess[str]:
    command = [VEILCAST, "verify", str(path), "--trust", str(trust)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def box_key(folder: Path) -> tuple[Path, Path]:
    """A device's secret key, and the list of trusted keys with it."""
    key, trust = folder / "box.pem", folder / "box.jwk"
    with trust.open("w") as public:
        subprocess.run([VEILCAST, "keys", "init", str(key)], stdout=public, stderr=subprocess.DEVNULL, check=True, timeout=60)
    return key, trust


def rows(folder: Path, kind: str) -> list[str]:
    with closing(sqlite3.connect(folder / "state" / "gateway.sqlite")) as connection:
        return [row[0] for row in connection.execute("SELECT detail FROM ledger WHERE kind = ? ORDER BY seq", (kind,))]
