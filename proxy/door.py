"""A way into a camera's own process: HTTP on a local socket, to which the proxy's own HTTP passes on what is for the camera.

Media and decoded pictures stay in the camera's process; what comes through the door is small text, or compressed pictures that
went through the gate.
"""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from aiohttp import web

SHUTDOWN_S: Final = 1.0
OWNER_ONLY: Final = 0o600


@asynccontextmanager
async def opened(path: Path, application: web.Application) -> AsyncIterator[None]:
    """Serve ``application`` on a socket at ``path``, for this user only, while the context lasts.

    Raises:
        OSError: the socket cannot be made there.
    """
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=SHUTDOWN_S)
    await runner.setup()
    try:
        await web.SockSite(runner, _bound(path)).start()
        yield
    finally:
        await runner.cleanup()
        _remove(path)


def _bound(path: Path) -> socket.socket:
    """A socket at ``path``, closed to others before anybody can connect to it."""
    _remove(path)
    door = socket.socket(socket.AF_UNIX)
    try:
        door.bind(str(path))
        path.chmod(OWNER_ONLY)
    except BaseException:
        door.close()
        raise
    return door


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
