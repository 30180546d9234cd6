"""Looking, off the event loop: one thread for faces, one for everything that takes longer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from proxy.detectors.protocol import CloseDetector, Detector
from proxy.errors import DetectorError
from proxy.masking.passes import Pass
from proxy.masking.plan import CoverReason
from proxy.media.planes import Planes
from proxy.media.raw import RawFrame
from proxy.telemetry.events import Observer, PassFailed, Stage, StageTimed
from proxy.vision.detections import Detections
from proxy.vision.tiles import Tile

STAGE_OF = {Pass.FACES: Stage.FACES, Pass.BODIES: Stage.BODIES, Pass.DETAIL: Stage.DETAIL}


@dataclass(frozen=True, slots=True, eq=False)
class Examination:
    """One pass on one frame, under way or done."""

    kind: Pass
    pts: int
    width: int
    height: int
    outcome: asyncio.Future[Detections]

    def let_go(self) -> None:
        """Nobody will ask for the answer: a failure that is still to come is not complained about."""
        self.outcome.add_done_callback(lambda done: done.cancelled() or done.exception())


@dataclass(slots=True)
class Examiner:
    """Runs detectors in threads of their own and gives an answer, or a reason why there is none, in bounded time.

    A pass that does not answer within ``deadline_s`` counts as late. Its thread cannot be stopped: nothing more is given to it
    until it answers, and after ``hang_s`` the camera's process is given up so that a fresh one can take over. That is long: on a
    machine with four times too much to do a pass takes seconds, and a fresh process, which builds its networks anew, is no help.
    """

    camera: str
    detectors: Mapping[Pass, Detector]
    detail: CloseDetector
    observer: Observer
    deadline_s: float = 1.5
    hang_s: float = 8.0
    _threads: dict[Pass, ThreadPoolExecutor] = field(default_factory=dict)
    _spent_ns: dict[Pass, int] = field(default_factory=dict)
    _stuck: dict[ThreadPoolExecutor, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        quick = ThreadPoolExecutor(1, thread_name_prefix="faces")
        slow = ThreadPoolExecutor(1, thread_name_prefix="bodies")
        self._threads = {kind: quick if kind is Pass.FACES else slow for kind in (*self.detectors, Pass.DETAIL)}

    def begin(self, kind: Pass, raw: RawFrame) -> Examination:
        """Start looking at all of ``raw``; the answer is collected with :meth:`answer`.

        Raises:
            DetectorError: this pass's thread has been stuck for longer than ``hang_s``.
        """
        return self._begin(kind, raw, self.detectors[kind].detect)

    def begin_detail(self, raw: RawFrame, tiles: Sequence[Tile]) -> Examination:
        """Start looking closely at parts of ``raw``.

        Raises:
            DetectorError: see :meth:`begin`.
        """
        return self._begin(Pass.DETAIL, raw, lambda planes: self.detail.detect_in(planes, tiles))

    def _begin(self, kind: Pass, raw: RawFrame, detect: Callable[[Planes], Detections]) -> Examination:
        """Start looking, or answer at once that nobody can.

        Raises:
            DetectorError: this pass's thread has been stuck for longer than ``hang_s``.
        """
        thread = self._threads[kind]
        loop = asyncio.get_running_loop()
        stuck_since = self._stuck.get(thread)
        if stuck_since is None:
            outcome = loop.run_in_executor(thread, self._look, kind, detect, raw)
        else:
            if time.monotonic() - stuck_since > self.hang_s:
                raise DetectorError(f"the {kind} pass hangs", hint="the camera's process is restarted; see the log for the model")
            outcome = loop.create_future()
            outcome.set_exception(TimeoutError())
            outcome.exception()  # looked at, so that one which nobody asks for is not complained about
        return Examination(kind, raw.pts, raw.format.width, raw.format.height, outcome)

    async def answer(self, examination: Examination) -> Detections | CoverReason:
        """What was found, or why nobody knows."""
        thread = self._threads[examination.kind]
        await asyncio.wait([examination.outcome], timeout=self.deadline_s)
        if not examination.outcome.done():
            self._stuck.setdefault(thread, time.monotonic())
            examination.outcome.add_done_callback(lambda done: self._came_back(thread, done))
            self.observer(PassFailed(self.camera, str(examination.kind), f"no answer within {self.deadline_s} s"))
            return CoverReason.LATE
        failure = examination.outcome.exception()
        if failure is None:
            return self._checked(examination)
        if isinstance(failure, TimeoutError):
            return CoverReason.LATE
        if not isinstance(failure, Exception):
            raise failure
        self.observer(PassFailed(self.camera, str(examination.kind), type(failure).__name__))
        return CoverReason.DETECTOR_FAILED

    def _checked(self, examination: Examination) -> Detections | CoverReason:
        """What a detector answered, if it is an answer: anything else is a failure, whatever its type promised."""
        found: object = examination.outcome.result()
        if isinstance(found, Detections):
            return found
        self.observer(PassFailed(self.camera, str(examination.kind), f"answered with {type(found).__name__}"))
        return CoverReason.DETECTOR_FAILED

    @property
    def spent_s(self) -> float:
        """Seconds that the passes of the slower thread have taken so far."""
        return sum(spent for kind, spent in tuple(self._spent_ns.items()) if kind is not Pass.FACES) / 1e9

    def close(self) -> None:
        """Let the threads go; a stuck one is left behind."""
        for thread in set(self._threads.values()):
            thread.shutdown(wait=thread not in self._stuck, cancel_futures=True)

    def _look(self, kind: Pass, detect: Callable[[Planes], Detections], raw: RawFrame) -> Detections:
        began = time.perf_counter_ns()
        found = detect(raw.planes)
        took = time.perf_counter_ns() - began
        self._spent_ns[kind] = self._spent_ns.get(kind, 0) + took
        self.observer(StageTimed(self.camera, STAGE_OF[kind], took))
        return found

    def _came_back(self, thread: ThreadPoolExecutor, outcome: asyncio.Future[Detections]) -> None:
        self._stuck.pop(thread, None)
        if not outcome.cancelled():
            outcome.exception()
