"""A picture of an input now and then, for whoever looks at what a stream shows and has little time for it. Blocking.

1. Pictures are given no more often than asked for, on the input's own clock.
2. Decoding and whatever is done with a picture count against a share of one processor. Where it is spent, nothing is decoded
   until some of it is there again and a keyframe comes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias

import av

from proxy.errors import SourceUnreachable
from proxy.media.raw import RawFrame
from proxy.media.time import TICK, to_ticks
from proxy.sources.failures import mapped
from proxy.sources.opening import Input, Opened, opened
from proxy.sources.pictures import Pictures

Packet: TypeAlias = "av.Packet[av.VideoStream]"


@dataclass(slots=True)
class Allowance:
    """Processor time that may be used: ``share`` of each second, saved up to ``most_s``. Pure: both clocks are inputs, in seconds.

    Who has spent it rests until half of the most is there again.
    """

    share: float
    most_s: float = 2.0
    resting: bool = False
    _left_s: float | None = None
    _at_s: float = 0.0
    _used_s: float = 0.0

    def may_go_on(self, *, now_s: float, used_s: float) -> bool:
        """Whether more may be done at ``now_s``, after ``used_s`` of processor time in all."""
        if self._left_s is None:
            self._left_s, self._at_s, self._used_s = self.most_s, now_s, used_s
        earned, spent = self.share * (now_s - self._at_s), used_s - self._used_s
        self._left_s = min(self.most_s, self._left_s + earned) - spent
        self._at_s, self._used_s = now_s, used_s
        self.resting = self._left_s < (self.most_s / 2 if self.resting else 0.0)
        return not self.resting


class Glimpses:
    """An open input, read from one thread.

    Args:
        what: the input.
        held: it, opened.
        every: ticks between two pictures.
        allowance: how much may be done; processor time is that of the thread which reads.
    """

    def __init__(self, what: Input, held: Opened, *, every: int, allowance: Allowance) -> None:
        self._what, self._held, self._every, self._allowance = what, held, every, allowance
        self._pictures = Pictures()
        self._asleep = False
        self._due: int | None = None

    def read(self, stop: Callable[[], bool]) -> Iterator[RawFrame]:
        """Pictures until the input ends or ``stop`` says so.

        Raises:
            SourceError: it broke, or says nothing.
        """
        heard = time.monotonic()
        while not stop():
            with mapped(self._what.name, live=self._what.live):
                for packet in self._packets():
                    heard = time.monotonic()
                    yield from self._seen(packet)
                    if stop():
                        return
            if self._what.live and time.monotonic() - heard <= self._what.silence_s:
                continue
            if self._what.live:
                raise SourceUnreachable(f"{self._what.name} shows nothing", hint="check that somebody publishes there")
            return

    def _packets(self) -> Iterator[Packet]:
        """What comes, until nothing came for a moment or, with a file, to its end."""
        try:
            yield from self._held.container.demux(self._held.video)
        except av.error.ExitError:
            return
        if self._what.live:
            raise av.error.EOFError(0, "the stream ended")

    def _seen(self, packet: Packet) -> Iterator[RawFrame]:
        """The pictures that are to be looked at now, of those that ``packet`` completes."""
        if not self._allowance.may_go_on(now_s=time.monotonic(), used_s=time.thread_time()):
            self._asleep = True
            return
        if self._asleep and not packet.is_keyframe:
            return
        if self._asleep:
            self._held.video.codec_context.flush_buffers()
            self._asleep = False
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            return
        for frame in frames:
            if isinstance(frame, av.VideoFrame):
                yield from self._due_of(frame)

    def _due_of(self, frame: av.VideoFrame) -> Iterator[RawFrame]:
        pts = to_ticks(frame.pts or 0, frame.time_base or TICK)
        turned = self._pictures.turn(frame) if self._is_due(pts) else None
        if turned is not None:
            yield RawFrame(*turned, pts, None, time.monotonic_ns())

    def _is_due(self, pts: int) -> bool:
        """Whether the time has come, also where the input's clock went back."""
        if self._due is not None and self._due - 2 * self._every < pts < self._due:
            return False
        self._due = pts + self._every
        return True


@contextmanager
def glimpses(what: Input, *, every: int, share: float) -> Iterator[Glimpses]:
    """``what``, looked at every ``every`` ticks with at most ``share`` of one processor.

    Raises:
        SourceError: it cannot be opened, or has no video.
    """
    held = opened(what)
    try:
        yield Glimpses(what, held, every=every, allowance=Allowance(share))
    finally:
        held.container.close()
