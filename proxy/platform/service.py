"""The gateway as a process: HTTP, the streams' own processes, and what is done every second and every minute."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import uvloop
from aiohttp import web

from proxy.attestation.keys import DeviceKey
from proxy.errors import ConfigError
from proxy.gateway.api import Api, Role
from proxy.gateway.database import opened
from proxy.gateway.gate import Gate
from proxy.pipeline.supervisor import CameraProcess, ProcessGaveUp, worker_command
from proxy.platform.coverage import Coverage
from proxy.platform.relay import Order
from proxy.platform.settings import GatewaySettings, HttpSettings
from proxy.settings import CameraSettings, dump_camera
from proxy.telemetry.events import Connection, Observer
from proxy.telemetry.fanout import fan_out
from proxy.telemetry.logs import Level, Line, Log
from proxy.telemetry.metrics import Metrics
from proxy.telemetry.status import CameraStatus, StatusBoard

RELAY: Final = (sys.executable, "-m", "proxy.platform.relay")
"""How a relay's process is started."""
LOOK_EVERY_S: Final = 0.5
NOTE_EVERY_S: Final = 60.0
AGAIN_S: Final = 5.0
DAY_MS: Final = 24 * 3600 * 1000


def run(settings: GatewaySettings) -> int:
    """Be the gateway until told to stop (SIGINT, SIGTERM).

    Raises:
        ConfigError: the folder, a key or the port cannot be used.
    """
    return uvloop.run(_serve(settings))


@dataclass(slots=True)
class Streams:
    """The processes of the streams that run; see :class:`~proxy.gateway.gate.Runner`.

    Args:
        group: in which they are watched.
        settings: how the stream of a camera is run.
        observer: gets their events.
        board: learns of each stream.
        gave_up: told of a stream that no retry can mend, and why.
        relayed: the order for the relay of a camera's stream.
    """

    group: asyncio.TaskGroup
    settings: Callable[[str], CameraSettings]
    observer: Observer
    board: StatusBoard
    gave_up: Callable[[str, str], None]
    relayed: Callable[[str], Order]
    _running: dict[str, tuple[CameraProcess, asyncio.Task[None], bool]] = field(default_factory=dict)
    _heard: dict[str, float] = field(default_factory=dict)
    _ended: list[CameraStatus] = field(default_factory=list)

    def start(self, camera: str, *, verified: bool, covered: bool) -> None:
        """Begin with ``camera``; harmless where it runs in the way that is asked for."""
        if camera in self._running:
            if self._running[camera][2] == verified:
                return
            self.stop(camera)
        self.board.cameras[camera] = CameraStatus(camera)
        self._heard.setdefault(camera, time.monotonic())
        process = CameraProcess(
            name=camera,
            settings=self.relayed(camera).model_dump_json() if verified else dump_camera(self.settings(camera)),
            command=RELAY if verified else worker_command(),
            observer=self.observer,
            log=lambda _: None,
            covered=covered,
        )
        self._running[camera] = process, self.group.create_task(self._run(camera, process)), verified

    def stop(self, camera: str) -> None:
        """Kill the process of ``camera`` now; harmless where nothing runs."""
        self._heard.pop(camera, None)
        self.pause(camera)

    def pause(self, camera: str) -> None:
        """The same for a stream that is tried again: that nothing came of it is remembered."""
        running = self._running.pop(camera, None)
        status = self.board.cameras.pop(camera, None)
        if status is not None:
            self._ended.append(status)
        if running is not None:
            running[1].cancel()

    def cover(self, camera: str, *, covered: bool) -> None:
        """Cover ``camera`` from now on, or no longer."""
        if camera in self._running:
            self._running[camera][0].cover(covered=covered)

    def stop_all(self) -> None:
        """End every stream; what is admitted stays so."""
        for camera in tuple(self._running):
            self.stop(camera)

    def counted(self) -> list[CameraStatus]:
        """The status of each stream that runs, and once more of each that ended since the last call."""
        ended, self._ended = self._ended, []
        return [*ended, *self.board.cameras.values()]

    def silent(self, *, for_s: float) -> list[str]:
        """Streams of which nothing has come for so long."""
        now = time.monotonic()
        for camera, status in self.board.cameras.items():
            if status.process is status.source.state is Connection.RUNNING:
                self._heard[camera] = now
        return [camera for camera in self._running if now - self._heard[camera] > for_s]

    async def _run(self, camera: str, process: CameraProcess) -> None:
        try:
            await process.run(asyncio.Event())
        except ProcessGaveUp as error:
            self.gave_up(camera, error.message)


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
            gave_up: list[tuple[str, str]] = []
            streams = Streams(
                group,
                settings.camera,
                fan_out(log.observe, metrics.observe, board.observe),
                board,
                lambda camera, why: gave_up.append((camera, why)),
                settings.relay,
            )
            gate = Gate(connection, key, streams, default=settings.admission)
            hooks_from, verifies = frozenset(settings.http.hooks_from), settings.proof.trust is not None
            api = Api(gate, board, metrics.render, _tokens(settings.http), hooks_from, verifies)
            async with _listening(settings.http, api, log):
                gate.in_force(settings.policy())
                gate.resume()
                await _watch(settings, gate, streams, gave_up, stop)
            streams.stop_all()
    finally:
        connection.close()
        log.flush()
    return 0


async def _watch(
    settings: GatewaySettings, gate: Gate, streams: Streams, gave_up: list[tuple[str, str]], stop: asyncio.Event
) -> None:
    """Notice what became of streams, and write down what belongs into the ledger every minute."""
    coverage, noted = Coverage(), time.monotonic()
    broken: dict[str, float] = {}
    while not stop.is_set():
        while gave_up:
            camera, why = gave_up.pop()
            streams.pause(camera)
            if not gate.fall_back(camera, why=why):
                gate.failed(camera, why=why)
                broken[camera] = time.monotonic()
        for camera in [camera for camera, since in broken.items() if time.monotonic() - since > AGAIN_S]:
            del broken[camera]
            gate.again(camera)
        for camera in streams.silent(for_s=settings.lost_after_s):
            gate.lost(camera)
        if time.monotonic() - noted > NOTE_EVERY_S:
            noted = time.monotonic()
            _note(settings, gate, streams, coverage)
        try:
            async with asyncio.timeout(LOOK_EVERY_S):
                await stop.wait()
        except TimeoutError:
            continue
    _note(settings, gate, streams, coverage)


def _note(settings: GatewaySettings, gate: Gate, streams: Streams, coverage: Coverage) -> None:
    for camera, counts in coverage.since_last(streams.counted()):
        gate.note("coverage", subject=camera, detail=counts)
    gate.note_refusals()
    gate.let_go(before_ms=gate.now_ms() - settings.retention_days * DAY_MS)


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
