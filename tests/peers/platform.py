"""An RTMP platform: nginx with its RTMP module, which knows its stream keys, records what it gets and offers it as HLS.

::

    with Platform(tmp_path, keys={"secret"}) as platform:
        ...publish to platform.url("secret")...
        platform.kill(); platform.start()      # the same ports
        platform.freeze(); platform.thaw()     # connected, and silent
        platform.asked                         # every key that somebody tried to publish with, refused ones included
        platform.recordings("secret")          # FLV files, one for each session, in order
        platform.hls("secret")                 # the URL of its playlist
"""

from __future__ import annotations

import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from urllib.parse import parse_qs

from tests.peers.process import HOST, PeerProcess, free_port

MODULE = "/usr/lib/nginx/modules/ngx_rtmp_module.so"
_CONFIG = """
load_module {module};
{user}
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log stderr info;
events {{ worker_connections 256; }}
rtmp {{
  server {{
    listen {host}:{port}; chunk_size 4096; ping 30s;
    application live {{
      live on; allow publish 127.0.0.1; allow play all;
      on_publish http://{host}:{hook}/on_publish; notify_method post;
      record all; record_path {folder}/recordings; record_unique on;
      hls on; hls_path {folder}/hls; hls_fragment 1s; hls_playlist_length 20s;
    }}
  }}
}}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen {host}:{http};
    location /hls {{ types {{ application/vnd.apple.mpegurl m3u8; video/mp2t ts; }} alias {folder}/hls; }}
  }}
}}
"""


class Platform:
    """One platform; ``keys`` may publish, every other key is answered with 403.

    Args:
        folder: where its files go; it needs no name of its own, several platforms take several folders.
    """

    def __init__(self, folder: Path, *, keys: set[str]) -> None:
        self._folder = folder
        self._http = free_port()
        self.port = free_port()
        self.asked: list[str] = []
        self._hook = _hook(frozenset(keys), self.asked)
        config = folder / "nginx.conf"
        for name in ("recordings", "hls"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        user = "user root;" if os.geteuid() == 0 else ""
        config.write_text(
            _CONFIG.format(
                module=MODULE, user=user, folder=folder, host=HOST, port=self.port, http=self._http, hook=self._hook.server_port
            )
        )
        command = ["nginx", "-p", str(folder), "-c", str(config)]
        self._process = PeerProcess(command, port=self.port, log=folder / "nginx.log")
        self.start, self.kill = self._process.start, self._process.kill
        self.freeze, self.thaw = self._process.freeze, self._process.thaw

    def __enter__(self) -> Platform:  # noqa: PYI034 - it is never subclassed
        threading.Thread(target=self._hook.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.kill()
        self._hook.shutdown()
        self._hook.server_close()

    def url(self, key: str) -> str:
        """Where to publish with ``key``."""
        return f"rtmp://{HOST}:{self.port}/live/{key}"

    def hls(self, key: str) -> str:
        """The playlist of what is published with ``key``; it exists when the first seconds are there."""
        return f"http://{HOST}:{self._http}/hls/{key}.m3u8"

    def recordings(self, key: str) -> list[Path]:
        """What was published with ``key``, a file for each session, in order."""
        return sorted((self._folder / "recordings").glob(f"{key}-*.flv"))


def _hook(keys: frozenset[str], asked: list[str]) -> ThreadingHTTPServer:
    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
            key = form.get("name", [""])[0]
            asked.append(key)
            self.send_response(200 if key in keys else 403)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
            """Keep the test's output clean."""

    return ThreadingHTTPServer((HOST, 0), Hook)
