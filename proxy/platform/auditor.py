"""The process that looks at what is sent on, with a detector that hides nothing: what masking misses, it may see.

1. It is fed, heard and killed as a camera's process is, and plays what viewers play: what it judges is what they got.
2. It takes a share of one processor and no more, and gives way to everything that hides people.
3. It tells how often it looked, so that whoever watches over it knows when nobody does. It keeps no picture.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import cv2
import uvloop
from pydantic import BaseModel, ConfigDict

from proxy.child import Parent, leave, order_of, show_life, until_parent_is_gone
from proxy.confinement import confine_camera
from proxy.detectors.centerface import CenterFace
from proxy.detectors.openvino_runtime import Device, Runtime
from proxy.detectors.weights import ModelStore
from proxy.errors import VeilcastError
from proxy.media.time import ms_to_ticks, ticks_to_ms
from proxy.pipeline.backoff import Backoff
from proxy.pipeline.reconnect import Link
from proxy.platform.suspicion import RULES, Suspicion
from proxy.sources import rtmp as rtmp_source
from proxy.sources.glimpses import glimpses
from proxy.telemetry.events import AuditLooked, Connection, FaceFound, Observer, SourceChanged
from proxy.vision.detections import Detections

MODEL: Final = "centerface"
"""No accuracy masks with it; tests hold that."""
NICE: Final = 10


class Order(BaseModel):
    """What is to be looked at, and how hard."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: str
    play: str
    every_ms: int
    cpu_share: float
    long_side: int


@dataclass(frozen=True, slots=True)
class _Look:
    pts: int
    faces: Detections


@dataclass(slots=True)
class Auditor:
    """Looks at one stream.

    Args:
        order: which, and how hard.
        tell: gets events.
    """

    order: Order
    tell: Observer
    _looks: int = 0
    _faces: int = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Look until ``stop`` is set; a stream that is not there is waited for.

        Raises:
            ModelError, DetectorError: nobody can look.
        """
        thread = ThreadPoolExecutor(1, thread_name_prefix="audit")
        try:
            detector = await asyncio.get_running_loop().run_in_executor(thread, self._detector)
            link = Link(self._report, Backoff(first_s=0.5, limit_s=2.0))
            await link.keep(lambda: self._session(thread, detector, link, stop), stop=stop)
        finally:
            thread.shutdown(wait=False)

    async def _session(self, thread: ThreadPoolExecutor, detector: CenterFace, link: Link, stop: asyncio.Event) -> None:
        loop, suspicion = asyncio.get_running_loop(), Suspicion()
        looks = self._looked(detector, stop)
        try:
            while (look := await loop.run_in_executor(thread, next, looks, None)) is not None:
                link.opened()
                self._looks, self._faces = self._looks + 1, self._faces + len(look.faces)
                for found in suspicion.saw(look.pts, look.faces):
                    self.tell(FaceFound(self.order.name, found.sightings, round(ticks_to_ms(found.lasted) / 1000, 2)))
        finally:
            await loop.run_in_executor(thread, looks.close)

    def _looked(self, detector: CenterFace, stop: asyncio.Event) -> Generator[_Look, None, None]:
        """What is seen, picture by picture; everything in it happens in the one thread that asks."""
        options = rtmp_source.Options.from_url(f"{self.order.play.rstrip('/')}/{self.order.name}")
        with glimpses(options.input(sound=False), every=ms_to_ticks(self.order.every_ms), share=self.order.cpu_share) as seen:
            for raw in seen.read(stop.is_set):
                yield _Look(raw.pts, detector.detect(raw.planes))

    def tally(self) -> None:
        """Tell what was looked at since the last time."""
        looks, faces, self._looks, self._faces = self._looks, self._faces, 0, 0
        self.tell(AuditLooked(self.order.name, looks, faces))

    def _detector(self) -> CenterFace:
        cv2.setNumThreads(1)
        weights = ModelStore.open().load(MODEL)
        return CenterFace(Runtime(Device.CPU, threads=1), weights, long_side=self.order.long_side, min_score=RULES.low)

    def _report(self, state: Connection, error: VeilcastError | None, retry_s: float) -> None:
        detail, hint = (error.message, error.hint) if error else ("", "")
        self.tell(SourceChanged(self.order.name, state, detail, hint, retry_s))


async def _work(order: Order, parent: Parent) -> None:
    auditor, stop = Auditor(order, parent.tell), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        watchers = [group.create_task(show_life(auditor.tally)), group.create_task(until_parent_is_gone(stop))]
        try:
            await auditor.run(stop)
        finally:
            for watcher in watchers:
                watcher.cancel()
            auditor.tally()


def main() -> None:
    """Read one line of settings, look, and leave without waiting for a thread that hangs."""
    confine_camera()
    os.nice(NICE)
    parent = Parent()
    leave(parent, lambda: uvloop.run(_work(order_of(Order), parent)))


if __name__ == "__main__":
    main()
