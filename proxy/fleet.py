"""The cameras that run: started, stopped and begun anew one by one, so that what happens to one disturbs no other.

1. What a camera shows over HTTP (folders, doors, keys) comes and goes with it.
2. What operators cover is true of a camera from its first picture, whenever it starts.
3. A camera that no retry can mend is tried again after ``AGAIN_S`` where the service goes on without it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from proxy.control.covers import Covers
from proxy.control.doors import Door
from proxy.pipeline.supervisor import ProcessGaveUp
from proxy.settings import CameraSettings
from proxy.telemetry.claims import ClaimBook
from proxy.telemetry.status import StatusBoard

AGAIN_S: Final = 20.0


class Runner(Protocol):
    """Whoever runs one camera."""

    async def run(self, stop: asyncio.Event) -> None:
        """Run it until ``stop`` is set or its input ends.

        Raises:
            ProcessGaveUp: no retry can help.
        """
        ...

    def cover(self, *, covered: bool) -> None:
        """Let every picture be covered whole from now on, or no longer."""
        ...


@dataclass(frozen=True, slots=True)
class Shown:
    """A camera as it is run, and what the HTTP shows of it; ``internal`` names the sinks that are there for that alone."""

    camera: CameraSettings
    live: Path | None
    doors: Mapping[tuple[str, str], Door]
    key: Mapping[str, str] | None
    internal: frozenset[str] = frozenset()


@dataclass(slots=True)
class Exhibits:
    """What the HTTP shows of all cameras. The server reads it, the fleet alone writes it."""

    board: StatusBoard
    claims: ClaimBook
    live: MutableMapping[str, Path] = field(default_factory=dict)
    doors: MutableMapping[tuple[str, str], Door] = field(default_factory=dict)
    keys: MutableMapping[str, Mapping[str, str]] = field(default_factory=dict)
    internal: MutableMapping[str, frozenset[str]] = field(default_factory=dict)

    def add(self, name: str, shown: Shown) -> None:
        """Show what there is of the camera ``name``."""
        self.board.add(name)
        self.claims.add(name)
        self.internal[name] = shown.internal
        if shown.live is not None:
            self.live[name] = shown.live
        self.doors.update({(kind, name): door for (kind, _), door in shown.doors.items()})
        if shown.key is not None:
            self.keys[name] = shown.key

    def remove(self, name: str) -> None:
        """Show nothing of it any more."""
        self.board.remove(name)
        self.claims.remove(name)
        self.live.pop(name, None)
        self.keys.pop(name, None)
        self.internal.pop(name, None)
        for place in [place for place in self.doors if place[1] == name]:
            del self.doors[place]


@dataclass(slots=True)
class _Running:
    runner: Runner
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class Fleet:
    """Every camera of one service.

    Args:
        prepare: makes a camera ready to be shown; called with its settings and a folder of its own.
        runner: makes whoever runs it.
        exhibits: what is shown of it.
        covers: what operators have covered.
        runtime: below which each camera gets its folder.
        enduring: whether the service goes on without any camera, and tries those again that no retry can mend.
    """

    prepare: Callable[[CameraSettings, Path], Shown]
    runner: Callable[[CameraSettings], Runner]
    exhibits: Exhibits
    covers: Covers
    runtime: Path
    enduring: bool = False
    again_s: float = AGAIN_S
    _group: asyncio.TaskGroup = field(default_factory=asyncio.TaskGroup)
    _running: dict[str, _Running] = field(default_factory=dict)
    _finished: asyncio.Event = field(default_factory=asyncio.Event)
    _code: int = 0
    _serial: int = 0

    async def run(self, cameras: tuple[CameraSettings, ...], stop: asyncio.Event) -> int:
        """Run ``cameras``, and what is added later, until ``stop`` is set or none is left.

        Returns:
            0, or the exit code of the first camera that was given up when none is left.
        """
        async with self._group:
            for camera in cameras:
                self.start(camera)
            waiting = [self._group.create_task(event.wait()) for event in (stop, self._finished)]
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in waiting:
                task.cancel()
            for running in self._running.values():
                running.stop.set()
        return 0 if stop.is_set() else self._code

    def start(self, camera: CameraSettings, *, name: str | None = None) -> None:
        """Begin with ``camera``; ``name`` is how it is called in what is shown, its own unless told.

        Raises:
            ConfigError: its device key cannot be used.
        """
        name = name or camera.name
        self._serial += 1
        shown = self.prepare(camera, self.runtime / str(self._serial))
        runner = self.runner(shown.camera)
        runner.cover(covered=self.covered(name))
        self.exhibits.add(name, shown)
        running = self._running[name] = _Running(runner)
        self._group.create_task(self._keep(name, running))

    async def stop(self, name: str) -> None:
        """Let the camera ``name`` end in order, and show nothing of it any more; harmless where there is none."""
        running = self._running.pop(name, None)
        if running is None:
            return
        running.stop.set()
        await running.over.wait()
        if name not in self._running:
            self.exhibits.remove(name)

    @property
    def everything(self) -> bool:
        """Whether every camera is covered, those to come too."""
        return self.covers.everything

    def covered(self, camera: str) -> bool:
        """Whether ``camera`` is covered by an operator."""
        return self.covers.covered(camera)

    def cover(self, camera: str | None, *, covered: bool) -> bool:
        """Cover ``camera``, ``None`` for all of them, or no longer; returns whether a restart remembers it."""
        kept = self.covers.cover(camera, covered=covered, known=self._running)
        for name, running in self._running.items():
            running.runner.cover(covered=self.covered(name))
        return kept

    async def _keep(self, name: str, running: _Running) -> None:
        try:
            while not running.stop.is_set():
                try:
                    await running.runner.run(running.stop)
                except ProcessGaveUp as error:
                    self._code = self._code or error.code
                    if self.enduring:
                        await _set_within(running.stop, self.again_s)
                        continue
                break
        finally:
            running.over.set()
            over = [each.over.is_set() for each in self._running.values()]
            if over and all(over):
                self._finished.set()


async def _set_within(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
