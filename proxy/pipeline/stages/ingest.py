"""From the source into the pipeline: pictures into a channel, sound into a line that waits for its picture."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from proxy.anonymiser import ReleasedAudio
from proxy.media.raw import RawAudio, RawFrame
from proxy.media.time import TICKS_PER_SECOND
from proxy.pipeline.channel import Channel
from proxy.pipeline.clock import ProgrammeClock
from proxy.sources.protocol import Source
from proxy.telemetry.events import DamageSeen, DecoderOpened, FramesDropped, Observer


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


@dataclass(slots=True)
class Ingest:
    """Pulls one source until it ends or fails.

    Args:
        camera: its name, for events.
        clock: stamps programme time on live sessions; ``None`` keeps the source's own.
        sound: where released sound waits.
        release_audio: the gate's word on sound.
        opened: called when data flows.
    """

    camera: str
    clock: ProgrammeClock | None
    sound: SoundLine
    release_audio: Callable[[RawAudio], ReleasedAudio | None]
    opened: Callable[[], None]
    observer: Observer

    async def run(self, source: Source, frames: Channel[RawFrame]) -> None:
        """Read ``source`` to its end, then close ``frames``, whatever ended it."""
        if self.clock:
            self.clock.begin_session()
        dropped = damaged = 0
        told = False
        try:
            async with aclosing(source.frames()) as items:
                async for item in items:
                    self.opened()
                    if not told:
                        self.observer(DecoderOpened(self.camera, source.decoder))
                        told = True
                    await self._take(item, frames)
                    if frames.statistics.dropped > dropped:
                        self.observer(FramesDropped(self.camera, frames.statistics.dropped - dropped))
                        dropped = frames.statistics.dropped
                    damaged = self._note_damage(source, damaged)
        finally:
            self._note_damage(source, damaged)
            frames.close()

    async def _take(self, item: RawFrame | RawAudio, frames: Channel[RawFrame]) -> None:
        if self.clock:
            item = replace(item, pts=self.clock.arrived(item.pts, now_ns=time.monotonic_ns()))
        if isinstance(item, RawFrame):
            await frames.send(item)
        elif (block := self.release_audio(item)) is not None:
            self.sound.put(block)

    def _note_damage(self, source: Source, known: int) -> int:
        damage = source.damage
        if damage.packets > known:
            self.observer(DamageSeen(self.camera, damage.packets - known, damage.detail))
        return damage.packets
