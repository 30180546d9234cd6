"""Raw frames in, anonymised frames out: glance → detect → track → plan → look-back → redact → seal.

1. A frame waits in the line until frames ``lookback`` later have arrived; what is found in those is used for it too.
2. Every frame gets a glance on arrival, and the looks that follow from it, which run while the frame waits.
3. A frame leaves only through the gate, with the plan that the look-back memory makes for it; passes that nobody could
   finish in time count as failed, never as "nobody there".
4. At an end, at a cut to another scene, or where the picture's format changes, the frames in line leave with a complete look at
   the last of them, and nothing that was known is carried over: the next frame gets a complete look too.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from proxy.anonymiser import AnonymisedFrame, Anonymiser, ReleasedAudio
from proxy.masking.cadence import Cadence
from proxy.masking.lookback import F64, LookBack, no_badges
from proxy.masking.passes import Pass
from proxy.masking.plan import CoverFrame, CoverReason
from proxy.media.formats import VideoFormat
from proxy.media.planes import Planes
from proxy.media.raw import RawFrame
from proxy.media.time import TICKS_PER_SECOND, ms_to_ticks
from proxy.pipeline.channel import Channel
from proxy.pipeline.examine import Examination, Examiner
from proxy.pipeline.lookout import Lookout, Order
from proxy.pipeline.native import HANG_S, NativeThread
from proxy.pipeline.stages.ingest import SoundLine
from proxy.telemetry.events import Observer, SceneSeen, Stage, StageTimed
from proxy.vision.detections import Detections

Released = AnonymisedFrame | ReleasedAudio
SOUND_AHEAD: Final = ms_to_ticks(60)
"""Live, sound leaves by so much before its picture: encoders keep it that long, and WebRTC plays together what is sent at once."""
MEASURED: Final = ms_to_ticks(1000)
"""Over so many ticks of the camera's time the load of looking is measured."""


@dataclass(frozen=True, slots=True)
class Glanced:
    """A frame got its glance; it takes its turn between the looks, so that a failed one is known before it."""

    pts: int
    unneeded: tuple[Pass, ...]


_Answers = list[tuple[Examination, Detections | CoverReason] | Glanced]


@dataclass(slots=True)
class Anonymise:
    """One camera's walk through the gate.

    Args:
        lookback_ms: how long a frame waits for what comes after it.
        slack_ms: how long an expensive pass may take without delaying anybody: live, that much of the look-back is left to it;
            offline, frames wait that much longer.
        live: whether frames come at the world's pace.
        badges: where badges of people who may be seen are, in parts ``(N, 4)`` of a picture.
        exempt: what a look found, without what need not be hidden; takes the picture's width and height.
        leaves: asked with a frame's pts and format before it is sent; false drops it.
    """

    camera: str
    examiner: Examiner
    look_back: LookBack
    cadence: Cadence
    gate: Anonymiser
    sound: SoundLine
    observer: Observer
    lookback_ms: float
    live: bool
    slack_ms: float = 100.0
    exempt: Callable[[Detections, int, int], Detections] = lambda found, _width, _height: found
    badges: Callable[[Planes, F64], F64] = lambda _planes, parts: no_badges(parts)
    leaves: Callable[[int, VideoFormat], bool] = lambda _pts, _shape: True
    covered_by_operator: bool = False
    _line: deque[RawFrame] = field(default_factory=deque)
    _pending: deque[Examination | Glanced] = field(default_factory=deque)
    _measured: tuple[int, float] | None = None
    _painter: NativeThread = field(init=False)
    _lookout: Lookout = field(init=False)

    def __post_init__(self) -> None:
        self._painter = NativeThread("paint", hang_s=HANG_S if self.live else None)
        self._lookout = Lookout(self.look_back, self.cadence, self.examiner.detail)

    async def run(self, frames: Channel[RawFrame], out: Channel[Released]) -> None:
        """Anonymise until ``frames`` ends; everything in line leaves before this returns."""
        try:
            async for raw in frames:
                await self._arrive(raw, out)
                while self._line and self._line[0].pts + self._wait <= raw.pts:
                    await self._release(out)
            await self._drain(out)
        finally:
            self._line.clear()
            for pending in self._pending:
                if isinstance(pending, Examination):
                    pending.let_go()
            self._pending.clear()

    def close(self) -> None:
        """Let the threads go."""
        self.examiner.close()
        self._painter.close()

    @property
    def _wait(self) -> int:
        return ms_to_ticks(self.lookback_ms if self.live else self.lookback_ms + self.slack_ms)

    @property
    def _horizon(self) -> int:
        """How far after a frame the passes lie that it waits for: within reach of the newest frame, less the slack."""
        return self._wait - ms_to_ticks(self.slack_ms)

    async def _arrive(self, raw: RawFrame, out: Channel[Released]) -> None:
        order = await self._painter.call(self._glance, raw, await self._answers(lambda pending: self._in_time(pending, raw)))
        if order is None:
            await self._drain(out)
            order = await self._painter.call(self._glance, raw, [])
        if order is None:
            raise AssertionError("after a drain every frame begins anew")
        self._line.append(raw)
        self._begin(order, raw)
        self._pending.append(Glanced(raw.pts, order.unneeded))

    def _begin(self, order: Order, raw: RawFrame) -> None:
        for kind in order.whole:
            self._pending.append(self.examiner.begin(kind, raw))
        if order.tiles:
            self._pending.append(self.examiner.begin_detail(raw, order.tiles))

    def _in_time(self, pending: Examination, raw: RawFrame) -> bool:
        """Whether the glance at ``raw`` knows the answer: live, once it is there; offline, so that every machine looks alike."""
        return pending.outcome.done() if self.live else pending.pts + ms_to_ticks(self.slack_ms) <= raw.pts

    async def _answers(self, ready: Callable[[Examination], bool]) -> _Answers:
        """What comes next in line of what is pending, as long as it is ``ready``."""
        answers: _Answers = []
        while self._pending:
            first = self._pending[0]
            if isinstance(first, Glanced):
                answers.append(first)
            elif ready(first):
                answers.append((first, await self.examiner.answer(first)))
            else:
                break
            self._pending.popleft()
        return answers

    async def _release(self, out: Channel[Released], *, ended: bool = False) -> None:
        raw = self._line[0]
        until = self._line[-1].pts if ended else raw.pts + self._horizon
        answers = await self._answers(lambda pending: pending.pts <= until)
        self._relax(raw.pts)
        frame = await self._painter.call(self._paint, raw, answers)
        self._line.popleft()
        if not self.leaves(frame.pts, frame.format):
            frame.release()
            return
        await out.send(frame)
        for block in self.sound.until(frame.pts + (SOUND_AHEAD if self.live else 0)):
            if not self.covered_by_operator:
                await out.send(block)

    def _relax(self, pts: int) -> None:
        """Live, look as often as the machine affords; offline there is time, and the same input gets the same looks."""
        if not self.live:
            return
        spent = self.examiner.spent_s
        since, before = self._measured or (pts, spent)
        if self._measured is None or pts < since:
            self._measured = (pts, spent)
        elif pts - since >= MEASURED:
            self.cadence.relax((spent - before) * TICKS_PER_SECOND / (pts - since))
            self._measured = (pts, spent)

    async def _drain(self, out: Channel[Released]) -> None:
        if not self._line:
            return
        self._begin(await self._painter.call(self._lookout.ends), self._line[-1])
        while self._line:
            await self._release(out, ended=True)
        await self._painter.call(self.look_back.reset)

    def _glance(self, raw: RawFrame, answers: _Answers) -> Order | None:
        began = time.perf_counter_ns()
        self._remember(answers)
        order = self._lookout.arrives(raw)
        self.observer(StageTimed(self.camera, Stage.GLANCE, time.perf_counter_ns() - began))
        self.observer(SceneSeen(self.camera, self._lookout.luma, self._lookout.moving))
        return order

    def _paint(self, raw: RawFrame, answers: _Answers) -> AnonymisedFrame:
        began = time.perf_counter_ns()
        self._remember(answers)
        plan = self.look_back.decide(raw.pts, partial(self.badges, raw.planes))
        planned = time.perf_counter_ns()
        frame = self.gate.anonymise(raw, CoverFrame(CoverReason.OPERATOR) if self.covered_by_operator else plan)
        self.observer(StageTimed(self.camera, Stage.TRACK, planned - began))
        self.observer(StageTimed(self.camera, Stage.PAINT, time.perf_counter_ns() - planned))
        return frame

    def _remember(self, answers: _Answers) -> None:
        for answer in answers:
            match answer:
                case Glanced(pts, unneeded):
                    self.look_back.glanced(pts, unneeded)
                case (examination, Detections() as found):
                    width, height = examination.width, examination.height
                    hidden = self.exempt(found, width, height)
                    self.look_back.examined(examination.kind, examination.pts, hidden, width=width, height=height)
                case (examination, reason):
                    self.look_back.failed(examination.kind, examination.pts, reason)
