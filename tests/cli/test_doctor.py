"""A support bundle says what a helper needs, and nothing that is secret or personal."""

from __future__ import annotations

import json
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from proxy.cli import entry

TOKEN = "planted-token-0123456789"
PLANTED = ("password", "key", "path-key", "visitor-012", "passphrase")
SECRETS = (TOKEN, *(f"planted-{what}" for what in PLANTED), "Planted Person")
SETTINGS = """
[control]
port = {port}
token = "planted-token-0123456789"
[[control.visitors]]
token = "env:VISITOR"
[[camera]]
name = "door"
source = "rtsp://admin:planted-password@192.0.2.1/stream"
sinks = [
  {{ url = "rtmp://platform/live", key = "planted-key" }}, "rtmp://platform/live/planted-path-key",
  "srt://192.0.2.3:9000?passphrase=planted-passphrase",
]
[[camera.privacy.zones]]
kind = "consent"
points = [[0, 0], [1, 0], [0, 1]]
who = "Planted Person"
until = 2099-01-01T00:00:00Z
"""


@contextmanager
def service(answer: str) -> Iterator[tuple[int, list[str]]]:
    """A service that answers everything with ``answer``: what a defect might let out."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(f"{self.path} {self.headers.get('Authorization', '')}")
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answer.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1], asked
    finally:
        server.shutdown()
        server.server_close()


def bundle(folder: Path, text: str) -> dict[str, str]:
    path, out = folder / "veilcast.toml", folder / "bundle.zip"
    path.write_text(text)
    assert entry.execute(["doctor", "-c", str(path), "-o", str(out)]) == 0
    assert out.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(out) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


@pytest.mark.peer
def test_planted_secrets_are_nowhere_in_it_even_where_the_service_lets_them_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VISITOR", "planted-visitor-012")
    (tmp_path / "veilcast.state").mkdir()
    (tmp_path / "veilcast.state" / "covers.json").write_text("{}")
    with service(f"leak: {' '.join(SECRETS)} rtsp://admin:planted-password@192.0.2.1/stream") as (port, asked):
        files = bundle(tmp_path, SETTINGS.format(port=port))
    assert f"/metrics Bearer {TOKEN}" in asked
    everything = "\n".join([*files, *files.values()]) + "".join(capsys.readouterr())
    assert [secret for secret in SECRETS if secret in everything] == []
    assert not [name for name in files if not name.endswith((".json", ".txt"))], "text only"
    assert "rtsp://***@192.0.2.1/stream" in files["settings.json"]
    assert "consent zone" in files["warnings.txt"]
    assert json.loads(files["state.json"]) == {"covers.json": 2}
    assert "opencv-python" in json.loads(files["machine.json"])["packages"]


def test_settings_that_are_wrong_are_named_and_not_repeated(tmp_path: Path) -> None:
    files = bundle(tmp_path, '[[camera]]\nsource = "rtsp://a:planted-password@"\ntoken = "planted-key"\n')
    assert "unknown setting" in files["problems.txt"]
    assert [secret for secret in SECRETS if secret in "".join(files.values())] == []


@pytest.mark.peer
def test_a_service_that_does_not_answer_is_said(tmp_path: Path) -> None:
    files = bundle(tmp_path, '[control]\nport = 9\n[[camera]]\nsource = "rtsp://192.0.2.1/x"\n')
    assert files["status.json"].startswith("no answer")


def test_where_it_cannot_be_written_that_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "veilcast.toml").write_text("")
    assert entry.execute(["doctor", "-c", str(tmp_path / "veilcast.toml"), "-o", str(tmp_path / "no" / "x.zip")]) == 2
    assert "cannot be written" in capsys.readouterr().err
