"""The processes of the streams that run: one a camera, and while a proven one gives way to one that hides people here, two."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from proxy.gateway.admission import Way
from proxy.pipeline.supervisor import CameraProcess, ProcessGaveUp, worker_command
from proxy.platform.relay import Order
from proxy.settings.camera import CameraSettings, dump_camera
from proxy.telemetry.events import Connection, Event, Observer
from proxy.telemetry.status import CameraStatus, StatusBoard

RELAY: Final = (sys.executable, "-m", "proxy.platform.relay")
"""How a relay's process is started."""
GIVES_WAY_S: Final = 30.0
"""How long a relay that lost its trust stands in with a slate, at most."""
FOLLOWS_S: Final = 15.0
"""How long a follower is hurried to publish."""
SETTLES_S: Final = 0.25
"""How long a process may take to cover its pictures, so that the whole call takes less than half a second."""


@dataclass(frozen=True, slots=True)
class _Running:
    process: CameraProcess
    task: asyncio.Task[None]
    verified: bool
    since: float = field(default_factory=time.monotonic)


@dataclass(slots=True)
class Streams:
    """The processes; see :class:`~proxy.gateway.gate.Runner`.

    Args:
        group: in which they are watched.
        settings: how the stream of a camera is anonymised, by the way in which it comes and its address.
        observer: gets their events.
        board: learns of each stream.
        gave_up: told of a stream that no retry can mend, and why.
        relayed: the order for the relay of a camera's stream.
    """

    group: asyncio.TaskGroup
    settings: Callable[[str, Way, str | None], CameraSettings]
    observer: Observer
    board: StatusBoard
    gave_up: Callable[[str, str], None]
    relayed: Callable[[str, str | None], Order]
    _running: dict[str, _Running] = field(default_factory=dict)
    _leaving: dict[str, _Running] = field(default_factory=dict)
    _heard: dict[str, float] = field(default_factory=dict)
    _ended: list[CameraStatus] = field(default_factory=list)
    _following: dict[str, float] = field(default_factory=dict)
    _dying: set[asyncio.Task[None]] = field(default_factory=set)

    def start(self, camera: str, way: Way, address: str | None, *, verified: bool, covered: bool) -> None:
        """Begin with ``camera``; harmless where it runs as is asked for.

        A relay gives way: it shows nothing but a slate from now on, and ends when pictures come from the process that follows it.
        """
        running = self._running.get(camera)
        if running is not None and running.verified == verified:
            return
        if running is not None and running.verified:
            self._give_way(camera, running)
        elif running is not None:
            self.stop(camera)
        self.board.cameras[camera] = CameraStatus(camera)
        self._heard.setdefault(camera, time.monotonic())
        process = CameraProcess(
            name=camera,
            settings=self._order(camera, way, address, verified=verified),
            command=RELAY if verified else worker_command(),
            observer=self.observer,
            log=lambda _: None,
            covered=covered,
        )
        self._running[camera] = _Running(process, self.group.create_task(self._run(camera, process)), verified)

    def stop(self, camera: str) -> None:
        """Kill the processes of ``camera`` now; harmless where nothing runs."""
        self._heard.pop(camera, None)
        self.pause(camera)

    def pause(self, camera: str) -> None:
        """The same for a stream that is tried again: that nothing came of it is remembered."""
        self._retire(camera)
        for held in (self._running.pop(camera, None), self._leaving.pop(camera, None)):
            if held is not None:
                self._kill(held)

    def cover(self, camera: str, *, covered: bool) -> None:
        """Cover ``camera`` from now on, or no longer."""
        if camera in self._running:
            self._running[camera].process.cover(covered=covered)

    def stop_all(self) -> None:
        """End every stream; what is admitted stays so."""
        for camera in tuple(self._running):
            self.stop(camera)

    def settle(self) -> None:
        """End relays whose followers show pictures, or have had the time for it, and let these publish as soon as the platform
        takes it: it refuses them for as long as the relay's name is in use.
        """
        for camera, held in tuple(self._leaving.items()):
            status = self.board.cameras.get(camera)
            if (status is not None and status.frames_sent) or time.monotonic() - held.since > GIVES_WAY_S:
                self._kill(self._leaving.pop(camera))
                self._following[camera] = time.monotonic()
        for camera, since in tuple(self._following.items()):
            if camera not in self._running or self._is_published(camera) or time.monotonic() - since > FOLLOWS_S:
                del self._following[camera]
            else:
                self._running[camera].process.hurry()

    def _is_published(self, camera: str) -> bool:
        """Whether the platform takes what comes of ``camera``: until then another may still hold its name there."""
        sinks = self.board.cameras[camera].sinks if camera in self.board.cameras else {}
        return any(sink.state is Connection.RUNNING for name, sink in sinks.items() if name.startswith("rtmp"))

    async def settled(self) -> None:
        """Return when what was covered is covered, and what was killed gone or so much time over: it executes nothing any more."""
        held = [*self._running.values(), *self._leaving.values()]
        settling = asyncio.gather(*(one.process.settled(within_s=SETTLES_S) for one in held))
        if self._dying:
            await asyncio.wait(self._dying, timeout=SETTLES_S)
        await settling

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

    def _order(self, camera: str, way: Way, address: str | None, *, verified: bool) -> str:
        """What a process is told: one line of JSON, with secrets in clear."""
        return self.relayed(camera, address).model_dump_json() if verified else dump_camera(self.settings(camera, way, address))

    def _give_way(self, camera: str, running: _Running) -> None:
        self._retire(camera)
        running.process.observer = _unheard
        running.process.cover(covered=True)
        self._leaving[camera] = _Running(running.process, running.task, running.verified)

    def _kill(self, held: _Running) -> None:
        self._dying.add(held.task)
        held.task.add_done_callback(self._dying.discard)
        held.process.kill()
        held.task.cancel()

    def _retire(self, camera: str) -> None:
        status = self.board.cameras.pop(camera, None)
        if status is not None:
            self._ended.append(status)

    async def _run(self, camera: str, process: CameraProcess) -> None:
        try:
            await process.run(asyncio.Event())
        except ProcessGaveUp as error:
            if camera in self._running and self._running[camera].process is process:
                self.gave_up(camera, error.message)


def _unheard(event: Event) -> None:
    """Nobody counts what a relay shows that gives way: the status is its follower's."""
