"""The gateway as a process: HTTP, the streams' own processes, and what is done every second and every minute."""

from __future__ import annotations

import asyncio
import signal
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import uvloop
from aiohttp import web

from proxy.attestation.keys import DeviceKey
from proxy.control.limits import LINGER_S
from proxy.control.private_folder import private_folder
from proxy.errors import ConfigError
from proxy.gateway.admission import Admission
from proxy.gateway.api import Api, Role
from proxy.gateway.database import opened
from proxy.gateway.gate import Gate, Stream
from proxy.gateway.room import Room
from proxy.gateway.whip import Whip
from proxy.pipeline.supervisor import CameraProcess, ProcessGaveUp
from proxy.platform.audits import Audits
from proxy.platform.overview import Overview, Proofs
from proxy.platform.page import page_files
from proxy.platform.settings import GatewaySettings, HttpSettings
from proxy.platform.srt_door import NAME
from proxy.platform.streams import Streams
from proxy.platform.watch import Seen, Watch
from proxy.platform.ways import Ways
from proxy.telemetry.fanout import fan_out
from proxy.telemetry.logs import Level, Line, Log
from proxy.telemetry.metrics import Metrics
from proxy.telemetry.status import StatusBoard


def run(settings: GatewaySettings) -> int:
    """Be the gateway until told to stop (SIGINT, SIGTERM).

    Raises:
        ConfigError: the folder, a key or the port cannot be used.
    """
    with private_folder() as runtime:
        return uvloop.run(_serve(settings, runtime))


async def _serve(settings: GatewaySettings, runtime: Path) -> int:
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
            seen, ways, proofs = Seen(), Ways(settings, runtime), Proofs()
            observer = fan_out(log.observe, metrics.observe, board.observe, seen.observe, proofs.observe)
            streams = Streams(group, ways.camera, observer, board, seen.gave_up, ways.relay)
            audits = Audits(group, settings.audited, seen.observe)
            gate = Gate(connection, key, streams, default=settings.admission)
            hooks_from, verifies = frozenset(settings.http.hooks_from), settings.proof.trust is not None
            whip = Whip(gate, ways.whip if settings.http.whip else None)
            room = _room(settings, gate, board, proofs, ways)
            api = Api(gate, board, metrics.render, _tokens(settings.http), hooks_from, whip, verifies, room, log.say)
            async with _listening(settings.http, api, log) as url:
                door = group.create_task(_srt_door(settings, url, log)) if settings.srt.listen else None
                gate.in_force(settings.policy())
                gate.resume()
                await Watch(settings, gate, streams, audits, seen).run(stop)
            streams.stop_all()
            audits.follow(set())
            if door is not None:
                door.cancel()
    finally:
        connection.close()
        log.flush()
    return 0


async def _srt_door(settings: GatewaySettings, url: str, log: Log) -> None:
    """Keep the process alive at whose door publishers call by SRT."""
    order = settings.srt_door(f"{url}hooks/srt/may")
    command = (sys.executable, "-m", "proxy.platform.srt_door")
    process = CameraProcess(
        name=NAME, settings=order.model_dump_json(), command=command, observer=lambda _: None, log=lambda _: None
    )
    try:
        await process.run(asyncio.Event())
    except ProcessGaveUp as error:
        log.say(Line(Level.ERROR, "no srt", (("detail", error.message), ("hint", error.hint))))


def _room(settings: GatewaySettings, gate: Gate, board: StatusBoard, proofs: Proofs, ways: Ways) -> Room:
    """The page, and the way to the process that sends a camera's stream on now."""

    def watched(stream: Stream) -> bool:
        return ways.watched(verified=stream.admission is Admission.VERIFY)

    async def pass_on(request: web.Request, camera: str) -> web.Response:
        stream = next((stream for stream in gate.streams() if stream.camera == camera), None)
        if stream is None or not watched(stream):
            raise web.HTTPNotFound(text="of that camera nothing is shown now")
        answered = ways.viewing.file if "name" in request.match_info else ways.viewing.session
        return await answered(request, camera, verified=stream.admission is Admission.VERIFY)

    overview = Overview(gate, board, proofs, settings.admission, watched)
    return Room(overview.told, page_files() if settings.http.page else {}, pass_on)


def _tokens(http: HttpSettings) -> dict[str, Role]:
    given = ((http.viewer, Role.VIEWER), (http.operator, Role.OPERATOR), (http.admin, Role.ADMIN))
    return {token.get_secret_value(): role for token, role in given if token is not None}


@asynccontextmanager
async def _listening(http: HttpSettings, api: Api, log: Log) -> AsyncIterator[str]:
    """Serve ``api``; gives the address at which this machine reaches its hooks.

    Raises:
        ConfigError: an address or the certificate cannot be used.
    """
    tls, apart = http.tls(), http.hooks_port
    if tls is None and not http.loopback:
        log.say(Line(Level.WARNING, "unencrypted", (("hint", "tokens travel readably: set tls_cert and tls_key under [http]"),)))
    async with AsyncExitStack() as stack:
        app = api.application() if apart is None else api.application(lambda route: not route.hook)
        url = hooks = await stack.enter_async_context(_served(app, http.host, http.port, tls))
        if apart is not None:
            app = api.application(lambda route: route.hook)
            hooks = await stack.enter_async_context(_served(app, "127.0.0.1", apart, None))
        log.say(Line(Level.INFO, "gateway", (("url", url), *((("hooks", hooks),) if hooks != url else ()))))
        yield hooks.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")


@asynccontextmanager
async def _served(app: web.Application, host: str, port: int, tls: ssl.SSLContext | None) -> AsyncIterator[str]:
    """Serve ``app``; gives its address."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0, lingering_time=LINGER_S)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port, ssl_context=tls).start()
        except OSError as error:
            hint = "another program uses it; choose another port under [http]"
            raise ConfigError(f"cannot listen on {host}:{port}: {error.strerror}", hint=hint) from error
        bound, number = runner.addresses[0][:2]
        shown = f"[{bound}]" if ":" in bound else bound
        yield f"{'http' if tls is None else 'https'}://{shown}:{number}/"
    finally:
        await runner.cleanup()
