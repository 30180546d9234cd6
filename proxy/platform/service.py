"""The gateway as a process: HTTP, the streams' own processes, and what is done every second and every minute."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvloop
from aiohttp import web

from proxy.attestation.keys import DeviceKey
from proxy.errors import ConfigError
from proxy.gateway.api import Api, Role
from proxy.gateway.database import opened
from proxy.gateway.gate import Gate
from proxy.platform.audits import Audits
from proxy.platform.settings import GatewaySettings, HttpSettings
from proxy.platform.streams import Streams
from proxy.platform.watch import Seen, Watch
from proxy.telemetry.fanout import fan_out
from proxy.telemetry.logs import Level, Line, Log
from proxy.telemetry.metrics import Metrics
from proxy.telemetry.status import StatusBoard


def run(settings: GatewaySettings) -> int:
    """Be the gateway until told to stop (SIGINT, SIGTERM).

    Raises:
        ConfigError: the folder, a key or the port cannot be used.
    """
    return uvloop.run(_serve(settings))


async def _serve(settings: GatewaySettings) -> int:
    log = Log(level=settings.log.level, json=settings.log.format == "json")
    key = DeviceKey.load(settings.key)
    if settings.attestation.key is not None:
        DeviceKey.load(settings.attestation.key)
    connection = opened(settings.folder)
    board, metrics, stop = StatusBoard(()), Metrics(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        async with asyncio.TaskGroup() as group:
            seen = Seen()
            observer = fan_out(log.observe, metrics.observe, board.observe, seen.observe)
            streams = Streams(group, settings.camera, observer, board, seen.gave_up, settings.relay)
            audits = Audits(group, settings.audited, seen.observe)
            gate = Gate(connection, key, streams, default=settings.admission)
            hooks_from, verifies = frozenset(settings.http.hooks_from), settings.proof.trust is not None
            api = Api(gate, board, metrics.render, _tokens(settings.http), hooks_from, verifies)
            async with _listening(settings.http, api, log):
                gate.in_force(settings.policy())
                gate.resume()
                await Watch(settings, gate, streams, audits, seen).run(stop)
            streams.stop_all()
            audits.follow(set())
    finally:
        connection.close()
        log.flush()
    return 0


def _tokens(http: HttpSettings) -> dict[str, Role]:
    given = ((http.viewer, Role.VIEWER), (http.operator, Role.OPERATOR), (http.admin, Role.ADMIN))
    return {token.get_secret_value(): role for token, role in given if token is not None}


@asynccontextmanager
async def _listening(settings: HttpSettings, api: Api, log: Log) -> AsyncIterator[None]:
    runner = web.AppRunner(api.application(), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, settings.host, settings.port).start()
        except OSError as error:
            hint = "another program uses it; choose another port under [http]"
            raise ConfigError(f"cannot listen on {settings.host}:{settings.port}: {error.strerror}", hint=hint) from error
        host, port = runner.addresses[0][:2]
        url = f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
        log.say(Line(Level.INFO, "gateway", (("url", url),)))
        yield
    finally:
        await runner.cleanup()
