"""Raw frames in, anonymised frames out: detect → track → plan → look-back → redact → seal.

1. A frame waits in the line until frames ``lookback`` later have arrived; what is found in those is used for it too.
2. Every frame gets the passes that the cadence names, begun on arrival and running while the frame waits.
3. A frame leaves only through the gate, with the plan that the look-back memory makes for it; passes that nobody could
   finish in time count as failed, never as "nobody there".
4. At an end, at a cut to another scene, or where the picture's format changes, the frames in line leave with a complete look at
   the last of them, and nothing that was known is carried over: the next frame gets a complete look too.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np

from proxy.anonymiser import AnonymisedFrame, Anonymiser, ReleasedAudio
from proxy.masking.cadence import Cadence
from proxy.masking.lookback import LookBack
from proxy.masking.passes import Pass
from proxy.masking.plan import CoverFrame, CoverReason
from proxy.media.formats import VideoFormat
from proxy.media.planes import U8
from proxy.media.raw import RawFrame
from proxy.media.time import TICKS_PER_SECOND, ms_to_ticks
from proxy.pipeline.channel import Channel
from proxy.pipeline.examine import Examination, Examiner
from proxy.pipeline.native import HANG_S, NativeThread
from proxy.pipeline.stages.ingest import SoundLine
from proxy.telemetry.events import Observer, Stage, StageTimed
from proxy.vision.detections import Detections
from proxy.vision.scene import HEIGHT, WIDTH, is_cut

Released = AnonymisedFrame | ReleasedAudio
MEASURED: Final = ms_to_ticks(1000)
"""Over so many ticks of the camera's time the load of looking is measured."""

_Answers = list[tuple[Examination, Detections | CoverReason]]


@dataclass(slots=True)
class Anonymise:
    """One camera's walk through the gate.

    Args:
        lookback_ms: how long a frame waits for what comes after it.
        slack_ms: how long an expensive pass may take without delaying anybody: live, that much of the look-back is left to it;
            offline, frames wait that much longer.
        live: whether frames come at the world's pace.
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
    leaves: Callable[[int, VideoFormat], bool] = lambda _pts, _shape: True
    covered_by_operator: bool = False
    _line: deque[RawFrame] = field(default_factory=deque)
    _pending: deque[Examination] = field(default_factory=deque)
    _thumbnail: U8 | None = None
    _begun: dict[Pass, int] = field(default_factory=dict)
    _measured: tuple[int, float] | None = None
    _painter: NativeThread = field(init=False)

    def __post_init__(self) -> None:
        self._painter = NativeThread("paint", hang_s=HANG_S if self.live else None)

    async def run(self, frames: Channel[RawFrame], out: Channel[Released]) -> None:
        """Anonymise until ``frames`` ends; everything in line leaves before this returns."""
        try:
            async for raw in frames:
                if self._begins_anew(raw):
                    await self._drain(out)
                self._arrive(raw)
                while self._line and self._line[0].pts + self._wait <= raw.pts:
                    await self._release(out)
            await self._drain(out)
        finally:
            self._line.clear()
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

    def _begins_anew(self, raw: RawFrame) -> bool:
        """Whether ``raw`` has nothing to do with the frames in line."""
        before, self._thumbnail = self._thumbnail, thumbnail(raw)
        if not self._line:
            return False
        return raw.format != self._line[-1].format or (before is not None and is_cut(before, self._thumbnail))

    def _arrive(self, raw: RawFrame) -> None:
        self._line.append(raw)
        self._begin(self.cadence.due(raw.pts), raw)

    def _begin(self, kinds: Iterable[Pass], raw: RawFrame) -> None:
        for kind in kinds:
            self._pending.append(self.examiner.begin(kind, raw))
            self._begun[kind] = raw.pts

    async def _release(self, out: Channel[Released], *, ended: bool = False) -> None:
        raw = self._line[0]
        until = self._line[-1].pts if ended else raw.pts + self._horizon
        answers: _Answers = []
        while self._pending and self._pending[0].pts <= until:
            examination = self._pending.popleft()
            answers.append((examination, await self.examiner.answer(examination)))
        self._relax(raw.pts)
        frame = await self._painter.call(self._paint, raw, answers)
        self._line.popleft()
        if not self.leaves(frame.pts, frame.format):
            frame.release()
            return
        await out.send(frame)
        for block in self.sound.until(frame.pts):
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
        last = self._line[-1]
        due = self.cadence.due(last.pts, last=True)
        self._begin([kind for kind in due if self._begun.get(kind) != last.pts], last)
        self.look_back.ended()
        while self._line:
            await self._release(out, ended=True)
        self.look_back.reset()
        self._begun.clear()

    def _paint(self, raw: RawFrame, answers: _Answers) -> AnonymisedFrame:
        began = time.perf_counter_ns()
        for examination, answer in answers:
            self._remember(examination, answer)
        plan = self.look_back.decide(raw.pts)
        planned = time.perf_counter_ns()
        frame = self.gate.anonymise(raw, CoverFrame(CoverReason.OPERATOR) if self.covered_by_operator else plan)
        self.observer(StageTimed(self.camera, Stage.TRACK, planned - began))
        self.observer(StageTimed(self.camera, Stage.PAINT, time.perf_counter_ns() - planned))
        return frame

    def _remember(self, examination: Examination, answer: Detections | CoverReason) -> None:
        if isinstance(answer, Detections):
            self.look_back.examined(examination.kind, examination.pts, answer, width=examination.width, height=examination.height)
        else:
            self.look_back.failed(examination.kind, examination.pts, answer)


def thumbnail(raw: RawFrame) -> U8:
    """The picture's luma, small enough to tell one scene from another: ``(scene.HEIGHT, scene.WIDTH)`` uint8."""
    return np.asarray(cv2.resize(raw.planes.y[::4, ::4], (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)
