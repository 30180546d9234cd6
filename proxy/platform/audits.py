"""The processes that audit, one a stream, and whether each of them really looks."""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final

from proxy.pipeline.backoff import Backoff
from proxy.pipeline.supervisor import CameraProcess, ProcessGaveUp
from proxy.platform.auditor import Order
from proxy.telemetry.events import AuditLooked, Event, FaceFound

AUDITOR: Final = (sys.executable, "-m", "proxy.platform.auditor")
"""How an auditor's process is started."""


@dataclass(frozen=True, slots=True)
class _Running:
    process: CameraProcess
    task: asyncio.Task[None]


@dataclass(slots=True)
class Audits:
    """The auditors.

    Args:
        group: in which they are watched.
        order: what the auditor of a camera is to do.
        found: told of each face that is really there.
    """

    group: asyncio.TaskGroup
    order: Callable[[str], Order]
    found: Callable[[FaceFound], None]
    _running: dict[str, _Running] = field(default_factory=dict)
    _looked: dict[str, float] = field(default_factory=dict)
    _counts: dict[str, Counter[str]] = field(default_factory=dict)

    @property
    def cameras(self) -> AbstractSet[str]:
        """The streams that are audited."""
        return self._looked.keys()

    def follow(self, cameras: AbstractSet[str]) -> None:
        """Audit ``cameras`` and no others."""
        for camera in self._running.keys() - cameras:
            self._running.pop(camera).task.cancel()
            del self._looked[camera]
        for camera in cameras - self._running.keys():
            process = CameraProcess(
                name=camera,
                settings=self.order(camera).model_dump_json(),
                command=AUDITOR,
                observer=self._observe,
                log=lambda _: None,
                backoff=Backoff(first_s=1.0, limit_s=5.0),
            )
            self._looked[camera] = time.monotonic()
            self._running[camera] = _Running(process, self.group.create_task(self._run(camera, process)))

    def nothing_to_see(self, camera: str) -> None:
        """There are no pictures of ``camera`` yet at which anybody could look."""
        if camera in self._looked:
            self._looked[camera] = time.monotonic()

    def blind(self, *, for_s: float) -> set[str]:
        """Streams at which nobody has looked for so long."""
        now = time.monotonic()
        return {camera for camera, at in self._looked.items() if now - at > for_s}

    def counted(self) -> dict[str, dict[str, object]]:
        """How often each stream was looked at since the last call, and how many faces were seen, flickers included."""
        counts, self._counts = self._counts, {}
        return {camera: {"looks": count["looks"], "faces": count["faces"]} for camera, count in counts.items()}

    def _observe(self, event: Event) -> None:
        match event:
            case AuditLooked(camera, looks, faces) if looks and camera in self._looked:
                self._looked[camera] = time.monotonic()
                self._counts.setdefault(camera, Counter()).update(looks=looks, faces=faces)
            case FaceFound():
                self.found(event)
            case _:
                pass

    async def _run(self, camera: str, process: CameraProcess) -> None:
        try:
            await process.run(asyncio.Event())
        except ProcessGaveUp:
            self._looked[camera] = float("-inf")
