"""One camera's process: settings in by a pipe, events out by another, nothing else shared with the parent."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import traceback
from typing import Final

import uvloop

from proxy.app import TALLY_EVERY_S, blame, run_camera
from proxy.confinement import confine_camera
from proxy.pipeline.camera import Camera
from proxy.pipeline.supervisor import COVER, UNCOVER
from proxy.settings.camera import CameraSettings, parse_camera
from proxy.telemetry.events import Event
from proxy.telemetry.tally import Tallier
from proxy.telemetry.wire import Failed, to_line

HUNG_S: Final = 10.0
"""A process whose event loop stands still for so long is ended by the kernel, also when nobody watches over it any more."""


class Parent:
    """The way to the process that watches over this one: a pipe that takes whole lines or, when it is full, none."""

    def __init__(self) -> None:
        self._out = os.dup(1)
        os.dup2(2, 1)
        os.set_blocking(self._out, False)

    def tell(self, message: Event | Failed) -> None:
        """Send one line; a parent that does not read misses it."""
        try:
            os.write(self._out, to_line(message))
        except (BlockingIOError, BrokenPipeError):
            return


class Orders:
    """What the parent said after the settings, for the camera that is built meanwhile."""

    def __init__(self) -> None:
        self._covered = False
        self._camera: Camera | None = None

    def obeyed_by(self, camera: Camera) -> None:
        """``camera`` is there: what was said is true of it, and what will be said too."""
        self._camera = camera
        camera.anonymise.covered_by_operator = self._covered

    def heed(self, line: bytes) -> None:
        """The parent says ``line``; what it does not say in these words means nothing."""
        if line in (COVER, UNCOVER):
            self._covered = line == COVER
            if self._camera is not None:
                self.obeyed_by(self._camera)


async def work(camera: CameraSettings, parent: Parent) -> None:
    """Run the camera until its input ends or the parent closes the pipe."""
    tallier = Tallier(camera.name, parent.tell)
    stop = asyncio.Event()
    orders = Orders()
    async with asyncio.TaskGroup() as group:
        watchers = [group.create_task(_heed_parent(orders, stop)), group.create_task(_show_life(tallier))]
        try:
            await run_camera(camera, observer=tallier.observe, stop=stop, built=orders.obeyed_by)
        finally:
            for watcher in watchers:
                watcher.cancel()
            tallier.flush()


async def _show_life(tallier: Tallier) -> None:
    """Tell the parent sums, and the kernel that the loop turns, twice a second."""
    while True:
        signal.setitimer(signal.ITIMER_REAL, HUNG_S)
        tallier.flush()
        await asyncio.sleep(TALLY_EVERY_S)


async def _heed_parent(orders: Orders, stop: asyncio.Event) -> None:
    """Do what the parent says, line by line; when it says nothing more it is gone."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    try:
        while line := await reader.readline():
            orders.heed(line)
    finally:
        transport.close()
    stop.set()


def main() -> None:
    """Read one line of settings, run, and leave without waiting for a thread that hangs."""
    confine_camera()
    parent = Parent()
    code = 70
    try:
        with os.fdopen(0, "rb", buffering=0, closefd=False) as stdin:
            camera = parse_camera(stdin.readline().decode())
        uvloop.run(work(camera, parent))
        code = 0
    except BaseException as failure:  # noqa: BLE001 - whatever it is, it is told, and the process leaves
        error = blame(failure)
        if error is None:
            traceback.print_exc()
        else:
            parent.tell(Failed(error.message, error.hint, error.exit_code, error.retryable))
            code = error.exit_code
    finally:
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
