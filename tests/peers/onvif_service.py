"""The ONVIF side of a camera on loopback: it tells who it is and where its stream is, and asks for a user.

The stream itself is elsewhere, at the address that it is given. Simpler than a real device: one service, one profile, and passwords
by HTTP Digest only.

::

    with OnvifService("rtsp://127.0.0.1:8554/stream", user="admin", password="secret") as service:
        ...ask service.address...
"""

from __future__ import annotations

import hashlib
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from tests.peers.process import HOST

_NONCE = "00ff00ff00ff00ff"


class OnvifService:
    """One camera's device and media service, whose stream is at ``uri``."""

    def __init__(self, uri: str, *, user: str, password: str) -> None:
        parts = urlsplit(uri)
        bare = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
        encoder = (
            "<VideoEncoderConfiguration><Encoding>H264</Encoding><Resolution><Width>1280</Width><Height>720</Height></Resolution>"
            "<RateControl><FrameRateLimit>25</FrameRateLimit></RateControl></VideoEncoderConfiguration>"
        )
        self._answers = {
            "GetSystemDateAndTime": "<UTCDateTime/>",
            "GetCapabilities": "<Media/>",
            "GetServices": "",
            "GetDeviceInformation": "<Manufacturer>Made up</Manufacturer><Model>Street Cam 3</Model>",
            "GetProfiles": f'<Profiles token="main"><Name>main</Name>{encoder}</Profiles>',
            "GetStreamUri": f"<Uri>{escape(bare)}</Uri>",
        }
        self._secret = hashlib.md5(f"{user}:camera:{password}".encode(), usedforsecurity=False).hexdigest()
        answer = self._answer

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                status, text = answer(body, self.headers.get("Authorization", ""), self.path)
                self.send_response(status)
                if status == 401:
                    self.send_header("WWW-Authenticate", f'Digest realm="camera", nonce="{_NONCE}", qop="auth"')
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer((HOST, 0), Handler)
        self.address = f"{HOST}:{self._server.server_address[1]}"

    def __enter__(self) -> OnvifService:  # noqa: PYI034 - it is never subclassed
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, body: str, shown: str, path: str) -> tuple[int, bytes]:
        asked = next((name for name in self._answers if f"{name}" in body), None)
        if asked is None:
            return 400, b""
        if asked != "GetSystemDateAndTime" and not self._proven(shown, path):
            return 401, b""
        told = self._answers[asked]
        envelope = f'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>{told}</s:Body></s:Envelope>'
        return 200, envelope.encode()

    def _proven(self, shown: str, path: str) -> bool:
        """Whether the header proves the password, RFC 7616 with MD5 and ``qop=auth``."""
        given = {name: quoted or bare for name, quoted, bare in re.findall(r'(\w+)=(?:"([^"]*)"|([^,\s]*))', shown)}
        if not {"response", "nc", "cnonce", "uri"} <= given.keys():
            return False
        place = hashlib.md5(f"POST:{path}".encode(), usedforsecurity=False).hexdigest()
        parts = (self._secret, _NONCE, given["nc"], given["cnonce"], "auth", place)
        return hashlib.md5(":".join(parts).encode(), usedforsecurity=False).hexdigest() == given["response"]
