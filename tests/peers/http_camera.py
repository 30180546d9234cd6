"""A camera or a web server on loopback that speaks HTTP, with Basic or Digest authentication and TLS.

::

    with HttpCamera(tmp_path, user="admin", password="secret", digest=True) as camera:
        ...read camera.url("/video")...      # JPEG pictures, one after another, each brighter than the last
        ...read camera.url("/stream.m3u8")...  # whatever lies in camera.folder
        camera.freeze()                      # connected, and silent

It runs in the test's own process: real sockets and real JPEG, but a server that never has more than one thing to do.
"""

from __future__ import annotations

import base64
import hashlib
import re
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

BOUNDARY: Final = "--picture"
RATE: Final = 20


class HttpCamera:
    """One camera; ``user`` is asked for when not empty, ``tls`` holds its key and certificate.

    Args:
        picture: ``(H, W) uint8`` luma that every picture shows, in place of a grey that grows brighter.
    """

    def __init__(
        self,
        folder: Path,
        *,
        user: str = "",
        password: str = "",
        digest: bool = False,
        tls: Path | None = None,
        picture: NDArray[np.uint8] | None = None,
    ) -> None:
        self.folder = folder / "www"
        self.folder.mkdir(exist_ok=True)
        self.asked: list[str] = []
        self.redirect = ""
        self.credentials = (user, password)
        self.digest = digest
        self.picture = picture
        self.frozen = threading.Event()
        self.leaving = threading.Event()
        self._tls = tls
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(tls)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)

    def __enter__(self) -> HttpCamera:  # noqa: PYI034 - it is never subclassed
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.leaving.set()
        self._server.shutdown()
        self._server.server_close()

    def url(self, path: str, *, user: str = "", password: str = "") -> str:
        """Where ``path`` is, with its own user and password, or with others."""
        name, secret = (user, password) if user else self.credentials
        login = f"{name}:{secret}@" if name else ""
        return f"{'https' if self._tls else 'http'}://{login}127.0.0.1:{self.port}{path}"

    def freeze(self) -> None:
        """Send nothing more, and keep every connection."""
        self.frozen.set()


def jpeg(number: int, picture: NDArray[np.uint8] | None = None) -> bytes:
    """``picture``, or one of 320x240, brighter with each number."""
    shown = np.full((240, 320, 3), 40 + number * 3 % 180, np.uint8) if picture is None else picture
    return bytes(cv2.imencode(".jpg", shown)[1])


def _handler(camera: HttpCamera) -> type[BaseHTTPRequestHandler]:  # noqa: C901 - a class, whose methods are counted as its own
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            camera.asked.append(f"{self.path} {self.headers.get('Authorization', '')[:6]}".strip())
            path = self.path.partition("?")[0]
            if not self._may():
                self._refuse()
            elif camera.redirect and path == "/moved":
                self._answer(302, b"", Location=camera.redirect)
            elif path == "/video":
                self._pictures()
            elif path == "/silent":
                camera.leaving.wait(30)
            elif path == "/broken":
                self._answer(503, b"")
            else:
                self._file(camera.folder / path.lstrip("/"))

        def _may(self) -> bool:
            user, password = camera.credentials
            if not user:
                return True
            scheme, _, value = self.headers.get("Authorization", "").partition(" ")
            if not camera.digest:
                return scheme == "Basic" and base64.b64decode(value).decode() == f"{user}:{password}"
            said = {name: text.strip('"') for name, text in re.findall(r'(\w+)=("[^"]*"|[^",\s]*)', value)}
            if scheme != "Digest" or said.get("nonce") != "once":
                return False
            secret = _md5(f"{user}:camera:{password}")
            asked = _md5(f"GET:{self.path}")
            return said.get("response") == _md5(f"{secret}:once:{said['nc']}:{said['cnonce']}:auth:{asked}")

        def _refuse(self) -> None:
            ways = 'Digest realm="camera", nonce="once", qop="auth", algorithm=MD5' if camera.digest else 'Basic realm="camera"'
            self._answer(401, b"", **{"WWW-Authenticate": ways})

        def _answer(self, status: int, body: bytes, **headers: str) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def _pictures(self) -> None:
            self.close_connection = True
            self.send_response(200)
            self.send_header("Content-Type", f"multipart/x-mixed-replace;boundary={BOUNDARY}")
            self.end_headers()
            for number in range(10_000):
                if camera.frozen.is_set():
                    camera.leaving.wait(30)
                if camera.leaving.is_set():
                    return
                body = jpeg(number, camera.picture)
                head = f"{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(body)}\r\n\r\n"
                try:
                    self.wfile.write(head.encode() + body + b"\r\n")
                except OSError:
                    return
                time.sleep(1 / RATE)

        def _file(self, path: Path) -> None:
            if path.is_file():
                self._answer(200, path.read_bytes())
            else:
                self._answer(404, b"")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
            """Keep the test's output clean."""

    return Handler


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
