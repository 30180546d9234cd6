"""One camera's process: settings in by a pipe, events out by another, nothing else shared with the parent."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable

import uvloop

from proxy.app import run_camera
from proxy.child import Parent, leave, said, show_life, until_parent_is_gone
from proxy.confinement import confine_camera
from proxy.pipeline.camera import Camera
from proxy.pipeline.supervisor import COVER, ENDURE, HURRY, UNCOVER
from proxy.settings.camera import CameraSettings, parse_camera
from proxy.telemetry.events import CoverHeeded
from proxy.telemetry.tally import Tallier


class Orders:
    """What the parent said after the settings, for the camera that is built meanwhile; ``heeded`` learns what is done."""

    def __init__(self, heeded: Callable[[bool], None] = lambda _: None) -> None:
        self._heeded = heeded
        self._covered = False
        self._camera: Camera | None = None

    def obeyed_by(self, camera: Camera) -> None:
        """``camera`` is there: what was said is true of it, and what will be said too."""
        self._camera = camera
        camera.cover(covered=self._covered)

    def heed(self, line: bytes) -> None:
        """The parent says ``line``; what it does not say in these words means nothing."""
        if line in (COVER, UNCOVER):
            self._covered = line == COVER
            if self._camera is not None:
                self.obeyed_by(self._camera)
            self._heeded(self._covered)
        elif line == HURRY and self._camera is not None:
            self._camera.hurry()


async def work(camera: CameraSettings, parent: Parent, *, enduring: bool = False) -> None:
    """Run the camera until its input ends or the parent closes the pipe.

    An error of its source that a retry may mend ends it before the first picture, so that the parent decides; one that is
    ``enduring`` tries again by itself, and sends slates meanwhile where it knows of what size.
    """
    tallier = Tallier(camera.name, parent.tell)
    stop = asyncio.Event()
    orders = Orders(lambda covered: parent.tell(CoverHeeded(camera.name, covered)))
    async with asyncio.TaskGroup() as group:
        watchers = [group.create_task(until_parent_is_gone(stop, orders.heed)), group.create_task(show_life(tallier.flush))]
        try:
            await run_camera(camera, observer=tallier.observe, stop=stop, give_up_at_first=not enduring, built=orders.obeyed_by)
        finally:
            for watcher in watchers:
                watcher.cancel()
            tallier.flush()


def main() -> None:
    """Read one line of settings, run, and leave without waiting for a thread that hangs."""
    confine_camera()
    parent = Parent()
    enduring = ENDURE in sys.argv[1:]
    leave(parent, lambda: uvloop.run(work(parse_camera(said().decode()), parent, enduring=enduring)))


if __name__ == "__main__":
    main()
