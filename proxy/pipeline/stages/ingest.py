"""From the source into the pipeline: pictures into a channel, sound into a line that waits for its picture."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Final

from proxy.anonymiser import ReleasedAudio, SoundGate
from proxy.media.raw import RawAudio, RawFrame
from proxy.media.time import TICKS_PER_SECOND
from proxy.pipeline.channel import Channel
from proxy.pipeline.clock import ProgrammeClock
from proxy.sources.protocol import Source
from proxy.telemetry.events import DamageSeen, DecoderOpened, FramesDropped, Observer

_SOUND_ENDS_S: Final = 1.0


@dataclass(slots=True)
class SoundLine:
    """Sound that may leave and waits for the pictures before it; bounded in seconds, the oldest goes first."""

    limit_s: float = 60.0
    _blocks: deque[ReleasedAudio] = field(default_factory=deque)

    def put(self, block: ReleasedAudio) -> None:
        """Let ``block`` wait."""
        self._blocks.append(block)
        oldest = block.pts - round(self.limit_s * TICKS_PER_SECOND)
        while self._blocks[0].pts < oldest:
            self._blocks.popleft()

    def until(self, pts: int) -> list[ReleasedAudio]:
        """Take every block that begins at or before ``pts``."""
        taken = []
        while self._blocks and self._blocks[0].pts <= pts:
            taken.append(self._blocks.popleft())
        return taken

    def clear(self) -> None:
        """Forget what waits."""
        self._blocks.clear()


class _SoundThread:
    """The gate for one session's sound, used from one thread: finding speech and disguising it take time."""

    def __init__(self, open_sound: Callable[[], SoundGate]) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sound")
        self._open_sound = open_sound
        self._gate: SoundGate | None = None

    async def put(self, raw: RawAudio) -> list[ReleasedAudio]:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._put, raw)

    async def end(self) -> list[ReleasedAudio]:
        """What is still inside; awaited for a bounded time, and the thread is let go."""
        ending = self._thread.submit(self._end)
        self._thread.shutdown(wait=False)
        await asyncio.wait([asyncio.wrap_future(ending)], timeout=_SOUND_ENDS_S)
        return ending.result() if ending.done() else []

    def _put(self, raw: RawAudio) -> list[ReleasedAudio]:
        if self._gate is None:
            self._gate = self._open_sound()
        return self._gate.put(raw)

    def _end(self) -> list[ReleasedAudio]:
        return self._gate.end() if self._gate else []


@dataclass(slots=True)
class Ingest:
    """Pulls one source until it ends or fails.

    Args:
        camera: its name, for events.
        clock: stamps programme time on live sessions; ``None`` keeps the source's own.
        sound: where released sound waits.
        open_sound: the gate for the session's sound, which has a thread of its own.
        opened: called when data flows.
    """

    camera: str
    clock: ProgrammeClock | None
    sound: SoundLine
    open_sound: Callable[[], SoundGate]
    opened: Callable[[], None]
    observer: Observer

    async def run(self, source: Source, frames: Channel[RawFrame]) -> None:
        """Read ``source`` to its end, then close ``frames``, whatever ended it."""
        if self.clock:
            self.clock.begin_session()
        dropped = damaged = 0
        told = False
        sound = _SoundThread(self.open_sound)
        try:
            async with aclosing(source.frames()) as items:
                async for item in items:
                    self.opened()
                    if not told:
                        self.observer(DecoderOpened(self.camera, source.decoder))
                        told = True
                    await self._take(item, frames, sound)
                    if frames.statistics.dropped > dropped:
                        self.observer(FramesDropped(self.camera, frames.statistics.dropped - dropped))
                        dropped = frames.statistics.dropped
                    damaged = self._note_damage(source, damaged)
        finally:
            self._note_damage(source, damaged)
            for block in await sound.end():
                self.sound.put(block)
            frames.close()

    async def _take(self, item: RawFrame | RawAudio, frames: Channel[RawFrame], sound: _SoundThread) -> None:
        if self.clock:
            item = replace(item, pts=self.clock.arrived(item.pts, now_ns=time.monotonic_ns()))
        if isinstance(item, RawFrame):
            await frames.send(item)
            return
        for block in await sound.put(item):
            self.sound.put(block)

    def _note_damage(self, source: Source, known: int) -> int:
        damage = source.damage
        if damage.packets > known:
            self.observer(DamageSeen(self.camera, damage.packets - known, damage.detail))
        return damage.packets
