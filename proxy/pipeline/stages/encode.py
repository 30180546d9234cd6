"""Anonymised frames and released sound in, packets out: one encode for all sinks.

From the moment at which an operator covers the camera, no picture of the scene goes to any sink, whether it waited to be encoded,
was being encoded or lay in the encoder; the first covered one is a keyframe, so that nothing before it shines through.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from proxy.anonymiser import AnonymisedFrame
from proxy.encoding.packet import EncodedPacket
from proxy.encoding.programme import Programme
from proxy.encoding.stills import Stills
from proxy.encoding.video import OpenedEncoder
from proxy.pipeline.channel import Channel
from proxy.pipeline.native import HANG_S, NativeThread
from proxy.pipeline.stages.anonymise import Released
from proxy.telemetry.events import ClaimMade, EncoderOpened, FrameSent, Observer, Stage, StageTimed

_NEVER: Final = 1 << 62


@dataclass(slots=True)
class Encode:
    """Encodes one camera's programme and hands every packet to every sink's channel.

    Args:
        claims: what was signed since it was last asked.
        stills: where JPEG pictures are asked for, if they are.
    """

    camera: str
    programme: Programme
    outs: Sequence[Channel[EncodedPacket]]
    observer: Observer
    claims: Callable[[], Iterable[ClaimMade]] = tuple
    stills: Stills | None = None
    _frames: int = 0
    _opened: OpenedEncoder | None = None
    _last: AnonymisedFrame | None = None
    _covered: bool = False
    _begins: int = 0
    _thread: NativeThread = field(init=False)

    def __post_init__(self) -> None:
        self._thread = NativeThread("encode", hang_s=HANG_S if self.programme.live else None)

    async def run(self, items: Channel[Released]) -> None:
        """Encode until ``items`` ends, flush, and close the sinks' channels.

        Raises:
            EncoderError: no encoder opened, or the one in use failed.
            ProcessError: live, it hangs.
        """
        try:
            async for item in items:
                if not self._is_withheld(item):
                    self._resume(item)
                    await self._hand_over(await self._thread.call(self._encode, item))
                if isinstance(item, AnonymisedFrame):
                    if not self._is_withheld(item):
                        await self._show(item)
                        self._tell(item)
                    self._let_go(item)
            last = None if self._last is None or self._is_withheld(self._last) else self._last
            await self._hand_over(await self._thread.call(self.programme.flush, last))
        finally:
            self._let_go(None)
            for out in self.outs:
                out.close()

    def close(self) -> None:
        """Let the thread go."""
        self._thread.close()

    def cover(self, *, covered: bool) -> None:
        """Hand over nothing from now on that shows the scene, also of what was let in before; or again what comes."""
        self._begins = _NEVER if covered else 0
        self._covered = covered

    def _is_withheld(self, item: Released) -> bool:
        return self._covered and not (isinstance(item, AnonymisedFrame) and item.cover is not None)

    def _resume(self, item: Released) -> None:
        """``item`` may be sent: where it is the first since the camera was covered, everything before it is left out."""
        if self._begins == _NEVER:
            self._begins = item.pts
            self.programme.ask_keyframe(at_once=True)

    def _encode(self, item: Released) -> list[EncodedPacket]:
        if not isinstance(item, AnonymisedFrame):
            return self.programme.encode_sound(item)
        began = time.perf_counter_ns()
        packets = self.programme.encode(item)
        self.observer(StageTimed(self.camera, Stage.ENCODE, time.perf_counter_ns() - began))
        return packets

    async def _hand_over(self, packets: list[EncodedPacket]) -> None:
        for packet in packets:
            for out in self.outs if packet.pts >= self._begins else ():
                await out.send(packet)
        for claim in self.claims():
            self.observer(claim)

    async def _show(self, frame: AnonymisedFrame) -> None:
        """Make the JPEG picture that somebody asked for."""
        if self.stills is not None and self.stills.asked:
            await self._thread.call(self.stills.make, frame)
            self.stills.show()

    def _let_go(self, frame: AnonymisedFrame | None) -> None:
        """``frame`` was encoded: it is released, or kept until the next one where the programme may want it again."""
        before, self._last = (self._last, frame) if self.programme.repeats_last else (frame, None)
        if before is not None:
            before.release()

    def _tell(self, frame: AnonymisedFrame) -> None:
        opened = self.programme.opened
        if opened is not self._opened and opened is not None:
            self._opened = opened
            self.observer(EncoderOpened(self.camera, opened.name, opened.hardware, opened.width, opened.height))
        latency_ns = time.monotonic_ns() - frame.arrived_ns
        self.observer(FrameSent(self.camera, self._frames, frame.pts, frame.cover, frame.regions, latency_ns))
        self._frames += 1
