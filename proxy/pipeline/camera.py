"""One camera from source to sinks: the whole walk on one screen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from proxy.errors import SinkError, SourceError, VeilcastError
from proxy.masking.plan import CoverReason
from proxy.media.formats import VideoFormat
from proxy.media.raw import RawFrame
from proxy.pipeline.channel import Channel, Overflow
from proxy.pipeline.clock import ProgrammeClock
from proxy.pipeline.reconnect import Link
from proxy.pipeline.stages.anonymise import Anonymise, Released
from proxy.pipeline.stages.encode import Encode
from proxy.pipeline.stages.ingest import Ingest
from proxy.pipeline.stages.publish import Publish
from proxy.sources.protocol import Source
from proxy.telemetry.events import Connection, Observer, SourceChanged

SLATE_AFTER_S: Final = 1.5
SLATE_WHILE_BUSY_S: Final = 6.0
"""A camera that sends while its pictures take long to look at is not offline; a slate now would overtake them."""
SLATE_EVERY_S: Final = 0.2
DRAIN_WITHIN_S: Final = 1.2
"""Told to stop, pictures that are being looked at have so long to leave; what is not ready then is left out."""
STOP_WITHIN_S: Final = 2.0
"""So long have encoder and sinks after that to write what they hold and to close."""


@dataclass(slots=True)
class Camera:
    """Source → anonymise → encode → publish, until the input ends or ``stop`` is set.

    Args:
        open_source: makes the source anew for each try.
        clock: programme time for a live camera; ``None`` keeps the input's own timestamps, and then no frame is dropped,
            nothing is tried twice and no slate is shown.
        give_up_at_first: end with the first error of the source as long as it has never given a picture.
        starting: the shape of slates before the first picture; without it nothing is sent until then.
        drain_s: how long what is on its way may take to leave after ``stop``.
    """

    name: str
    open_source: Callable[[], Source]
    clock: ProgrammeClock | None
    anonymise: Anonymise
    encode: Encode
    publishers: tuple[Publish, ...]
    observer: Observer
    give_up_at_first: bool = False
    starting: VideoFormat | None = None
    drain_s: float = DRAIN_WITHIN_S
    _released: Channel[Released] = field(init=False)
    _format: VideoFormat | None = None
    _left_at: float = 0.0
    _arrived_at: float = 0.0
    _away: bool = False
    _dead: int = 0

    def __post_init__(self) -> None:
        self.anonymise.leaves = self._frame_leaves
        self._released = Channel(8, Overflow.BLOCK, on_drop=_let_go)

    async def run(self, stop: asyncio.Event) -> None:
        """Walk until the end.

        Raises:
            VeilcastError: what ended it, if not the end of the input or ``stop``.
        """
        finished = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as group:
                downstream = [group.create_task(self._publish(publisher, finished)) for publisher in self.publishers]
                downstream.append(group.create_task(self.encode.run(self._released)))
                slates = group.create_task(self._slates()) if self.clock else None
                watching = group.create_task(self._watch_source(stop))
                told = group.create_task(stop.wait())
                await asyncio.wait([watching, told], return_when=asyncio.FIRST_COMPLETED)
                told.cancel()
                if not watching.done():
                    await asyncio.wait([watching], timeout=self.drain_s)
                    watching.cancel()
                if slates:
                    slates.cancel()
                self._released.close()
                finished.set()
                if stop.is_set():
                    await _finish(downstream)
        finally:
            self._released.abandon()
            self.anonymise.close()
            self.encode.close()

    def cover(self, *, covered: bool) -> None:
        """Cover every picture whole from now on, or no longer. Nothing that shows the scene leaves after this returns, whatever
        was on its way.
        """
        begins = covered and not self.anonymise.covered_by_operator
        self.anonymise.covered_by_operator = covered
        if begins or not covered:
            self.encode.cover(covered=covered)
        if begins:
            for publisher in self.publishers:
                publisher.withdraw()

    def hurry(self) -> None:
        """Let sinks that wait before they try again do it now."""
        for publisher in self.publishers:
            publisher.hurry()

    async def _watch_source(self, stop: asyncio.Event) -> None:
        link = Link(self._report)
        if self.clock:
            await link.keep(lambda: self._session(link, stop), stop=stop, give_up_at_first=self.give_up_at_first)
        else:
            await self._session(link, stop)

    async def _session(self, link: Link, stop: asyncio.Event) -> None:
        """One connection of the source: what it gave has left the gate when this returns or raises."""
        frames: Channel[RawFrame] = Channel(4, Overflow.DROP_OLDEST if self.clock else Overflow.BLOCK)
        ingest = Ingest(
            self.name, self.clock, self.anonymise.sound, self.anonymise.gate.open_sound, partial(self._arrived, link), self.observer
        )
        failures: list[SourceError] = []

        async def pull() -> None:
            try:
                await ingest.run(self.open_source(), frames)
            except SourceError as error:
                failures.append(error)

        async def heed_stop(pulling: asyncio.Task[None]) -> None:
            await stop.wait()
            pulling.cancel()

        async with asyncio.TaskGroup() as group:
            pulling = group.create_task(pull())
            heeding = group.create_task(heed_stop(pulling))
            await self.anonymise.run(frames, self._released)
            heeding.cancel()
        if failures and not stop.is_set():
            raise failures[0]

    async def _publish(self, publisher: Publish, finished: asyncio.Event) -> None:
        """Feed one sink; a live one that fails for good harms the others only when it was the last of those that are essential."""
        try:
            await publisher.run(finished)
        except SinkError as error:
            self._dead += publisher.essential
            last = publisher.essential and self._dead == sum(other.essential for other in self.publishers)
            if self.clock is None or last:
                raise error from error.__cause__

    def _frame_leaves(self, pts: int, shape: VideoFormat) -> bool:
        """Note that a picture is about to leave; false when it must not, because a later one already did."""
        self._format, self._left_at = shape, time.monotonic()
        return self.clock.leaves(pts) if self.clock else True

    async def _slates(self) -> None:
        """Keep the platforms' sessions alive with a slate while there is no picture."""
        while True:
            await asyncio.sleep(SLATE_EVERY_S)
            shape = self._format or self.starting
            if shape is None or self.clock is None or time.monotonic() - self._left_at < self._patience_s():
                continue
            now_ns = time.monotonic_ns()
            self.clock.begin(now_ns=now_ns)
            pts = self.clock.slate(now_ns=now_ns)
            if pts is not None and self.clock.leaves(pts):
                reason = CoverReason.OFFLINE if self._format or self._away else CoverReason.STARTING
                await self._released.send(self.anonymise.gate.slate(shape, pts=pts, arrived_ns=now_ns, reason=reason))

    def _patience_s(self) -> float:
        """How long no picture may leave before a slate does."""
        sends = time.monotonic() - self._arrived_at < SLATE_AFTER_S
        return SLATE_WHILE_BUSY_S if self._format is not None and sends else SLATE_AFTER_S

    def _arrived(self, link: Link) -> None:
        self._arrived_at = time.monotonic()
        link.opened()

    def _report(self, state: Connection, error: VeilcastError | None, retry_s: float) -> None:
        self._away = self._away or error is not None
        detail, hint, code = (error.message, error.hint, error.exit_code) if error else ("", "", 0)
        self.observer(SourceChanged(self.name, state, detail, hint, retry_s, code))


async def _finish(tasks: list[asyncio.Task[None]]) -> None:
    """Let what is under way be written and closed, in bounded time; what then still runs is cancelled."""
    await asyncio.wait(tasks, timeout=STOP_WITHIN_S)
    for task in tasks:
        task.cancel()


def _let_go(item: Released) -> None:
    release = getattr(item, "release", None)
    if release:
        release()
