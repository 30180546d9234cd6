"""The proxy's own HTTP on its address: limits for each connection, and TLS."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

from aiohttp import web

from proxy.control.limits import FIELD_BYTES, FIRST_REQUEST_S, KEEP_ALIVE_S, LINE_BYTES, LINGER_S, Doorkeeper
from proxy.control.server import Control
from proxy.errors import ConfigError
from proxy.settings.control import ControlSettings
from proxy.telemetry.logs import Level, Line, Log

SHUTDOWN_S: Final = 0.5
"""What visitors are being told when the service stops has so long to end."""


@contextlib.asynccontextmanager
async def listening(settings: ControlSettings, control: Control, log: Log) -> AsyncIterator[None]:
    """Serve ``control`` while the context lasts, unless it is off.

    Raises:
        ConfigError: the address or the certificate cannot be used.
    """
    if not settings.enabled:
        yield
        return
    context = settings.tls()
    runner = web.AppRunner(
        control.application(),
        access_log=None,
        shutdown_timeout=SHUTDOWN_S,
        keepalive_timeout=KEEP_ALIVE_S,
        lingering_time=LINGER_S,
        max_line_size=LINE_BYTES,
        max_field_size=FIELD_BYTES,
    )
    await runner.setup()
    if runner.server is None:
        raise AssertionError("a runner that is set up has a server")
    listener: asyncio.Server | None = None
    try:
        keeper, loop = Doorkeeper(runner.server, control.unheard), asyncio.get_running_loop()
        handshake_s = FIRST_REQUEST_S if context else None
        try:
            listener = await loop.create_server(
                keeper, settings.host, settings.port, ssl=context, ssl_handshake_timeout=handshake_s
            )
        except OSError as error:
            address = f"{settings.host}:{settings.port}"
            hint = "another program uses it; choose another with --http HOST:PORT or control.port"
            raise ConfigError(f"cannot listen on {address}: {error.strerror}", hint=hint) from error
        host, port = listener.sockets[0].getsockname()[:2]
        scheme, shown = "https" if context else "http", f"[{host}]" if ":" in host else host
        log.say(Line(Level.INFO, "anonymised picture", (("url", f"{scheme}://{shown}:{port}/"),)))
        yield
    finally:
        if listener is not None:
            listener.close()
        await runner.cleanup()
