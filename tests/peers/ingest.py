"""A platform with a gateway in it: nginx takes what publishers send, asks the gateway, and plays what the gateway sends on.

::

    with Ingest(tmp_path, hooks=port) as ingest:
        ...publish to ingest.url("door", token)...     # closed to viewers
        ingest.pull, ingest.publish                    # for gateway.toml
        ingest.live("door")                            # what viewers play
"""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType

from tests.peers.platform import MODULE
from tests.peers.process import HOST, PeerProcess, free_port

_CONFIG = """
load_module {module};
{user}
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log stderr notice;
events {{ worker_connections 1024; }}
rtmp {{
  access_log off;
  server {{
    listen {host}:{port}; chunk_size 4096; ping 30s; notify_method post;
    application ingest {{
      live on; allow play 127.0.0.1; deny play all;
      on_publish http://{host}:{hooks}/hooks/rtmp/publish;
      on_publish_done http://{host}:{hooks}/hooks/rtmp/done;
    }}
    application live {{
      live on; allow publish 127.0.0.1; deny publish all; allow play all;
      record all; record_path {folder}/recordings; record_unique on;
    }}
  }}
}}
"""


class Ingest:
    """One ingest; ``hooks`` is the port of the gateway's HTTP, which need not be there yet."""

    def __init__(self, folder: Path, *, hooks: int) -> None:
        self._folder = folder
        self.port, self.hooks = free_port(), hooks
        (folder / "recordings").mkdir(parents=True, exist_ok=True)
        config = folder / "nginx.conf"
        user = "user root;" if os.geteuid() == 0 else ""
        config.write_text(_CONFIG.format(module=MODULE, user=user, folder=folder, host=HOST, port=self.port, hooks=hooks))
        self._process = PeerProcess(["nginx", "-p", str(folder), "-c", str(config)], port=self.port, log=folder / "nginx.log")

    def __enter__(self) -> Ingest:  # noqa: PYI034 - it is never subclassed
        self._process.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.kill()

    @property
    def pull(self) -> str:
        """Where the gateway plays what publishers send."""
        return f"rtmp://{HOST}:{self.port}/ingest"

    @property
    def publish(self) -> str:
        """Where the gateway publishes what may be seen."""
        return f"rtmp://{HOST}:{self.port}/live"

    def url(self, camera: str, token: str) -> str:
        """Where a publisher sends ``camera``."""
        return f"{self.pull}/{camera}?token={token}"

    def live(self, camera: str) -> str:
        """What viewers play."""
        return f"{self.publish}/{camera}"

    def recordings(self, camera: str) -> list[Path]:
        """What viewers would have seen of ``camera``, a file for each session, in order."""
        return sorted((self._folder / "recordings").glob(f"{camera}-*.flv"))
