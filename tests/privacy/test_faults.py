"""Whatever breaks, the canary is in no picture that was sent. Detectors are made up; gate, tracking and encoder are real."""

import asyncio
import itertools
import threading
import time
from concurrent.futures import Executor, Future
from contextlib import suppress

import numpy as np
import pytest

from proxy.anonymiser import AnonymisedFrame
from proxy.encoding.programme import Programme
from proxy.errors import ProcessError, SourceUnreachable
from proxy.masking.lookback import LookBack
from proxy.masking.passes import Pass
from proxy.media.formats import VideoFormat
from proxy.media.pool import FramePool
from proxy.pipeline import examine, native, stages
from proxy.pipeline.examine import Examiner
from proxy.redactors.solid import Solid
from proxy.tracking.tracker import Tracker
from proxy.vision.detections import Detections, Label
from tests.pipeline.walks import Closely, Given, Kept, Looking, Walk
from tests.privacy.canary import BOX, SEEN, SHAPE, STEP, decoded, likeness, with_canary
from tests.privacy.outcome import outcome

FRAMES = 45
FOUND = Detections.of(np.array([BOX], np.float32), np.array([0.9]), Label.BODY)


def finds(_: int) -> Detections:
    return FOUND


def unchecked(xyxy: np.ndarray, score: np.ndarray, label: np.ndarray) -> Detections:
    """Detections that were never checked: what damaged memory looks like."""
    made = object.__new__(Detections)
    for name, column in (("xyxy", xyxy), ("score", score), ("label", label)):
        object.__setattr__(made, name, column)
    return made


class Broken:
    """Results that are none: what a detector gives when its memory or its model is damaged."""

    @staticmethod
    def raises(_: int) -> Detections:
        raise RuntimeError("made up")

    @staticmethod
    def gives_nan(_: int) -> Detections:
        return Detections.of(np.full((1, 4), np.nan, np.float32), np.array([0.9]), Label.BODY)

    @staticmethod
    def gives_nan_unchecked(_: int) -> Detections:
        return unchecked(np.full((1, 4), np.nan, np.float32), np.array([0.9], np.float32), np.array([2], np.uint8))

    @staticmethod
    def gives_infinity_unchecked(_: int) -> Detections:
        return unchecked(np.array([[0, 0, np.inf, np.inf]], np.float32), np.array([0.9], np.float32), np.array([2], np.uint8))

    @staticmethod
    def gives_nan_for_a_score(_: int) -> Detections:
        return unchecked(FOUND.xyxy, np.array([np.nan], np.float32), FOUND.label)

    @staticmethod
    def gives_the_wrong_shape(_: int) -> Detections:
        return Detections(np.zeros((2, 4), np.float32), np.zeros(1, np.float32), np.zeros(1, np.uint8))

    @staticmethod
    def gives_the_wrong_shape_unchecked(_: int) -> Detections:
        return unchecked(np.zeros((3, 2), np.float32), np.array([0.9], np.float32), np.array([2], np.uint8))

    @staticmethod
    def gives_no_detections_at_all(_: int) -> Detections:
        return None  # type: ignore[return-value]

    @staticmethod
    def runs_out_of_memory(_: int) -> Detections:
        raise MemoryError

    @staticmethod
    def is_late(_: int) -> Detections:
        time.sleep(0.1)
        return FOUND


BREAKS = [name for name in vars(Broken) if not name.startswith("_")]


def at_times(broken, working=finds, *, every=3):
    return lambda number: broken(number) if number % every == 0 else working(number)


def canaries(count: int = FRAMES, shape: VideoFormat = SHAPE):
    return [with_canary(index, shape) for index in range(count)]


def walk(answer=finds, *, items=None, live=False, failure=None):
    return Walk([Given(canaries() if items is None else items, failure, live=live)], [Kept()], live=live, detector=Looking(answer))


async def test_the_search_sees_a_canary_that_nobody_hid():
    """The suite can fail: with a detector that finds nobody the canary is there, clear."""
    shown = await outcome(walk(lambda _: Detections.empty()), given=FRAMES)
    assert shown.sent == FRAMES
    assert shown.seen > 0.9


async def test_the_search_sees_a_part_of_a_canary():
    left = np.array([[BOX[0], BOX[1], BOX[0] + 32, BOX[3]]], np.float32)
    shown = await outcome(walk(lambda _: Detections.of(left, np.array([0.9]), Label.BODY)), given=FRAMES)
    assert shown.seen > 0.5


async def test_without_faults_everybody_is_hidden_and_nothing_is_covered_whole(note):
    shown = await outcome(walk(), given=FRAMES)
    assert (shown.sent, shown.covered, shown.until_normal_ms) == (FRAMES, {}, 0)
    note("none", shown)


@pytest.mark.parametrize("name", BREAKS)
@pytest.mark.parametrize("every", [1, 3])
async def test_a_detector_that_breaks_always_or_at_times(name, every, note):
    broken = walk(at_times(getattr(Broken, name), every=every))
    if name == "is_late":
        broken.change = lambda camera: setattr(camera.anonymise.examiner, "deadline_s", 0.02)
    shown = await outcome(broken, given=FRAMES)
    assert shown.sent == FRAMES
    note(f"a detector {name.replace('_', ' ')}, {'always' if every == 1 else 'every third frame'}", shown)


@pytest.mark.parametrize("kind", list(Pass))
async def test_one_pass_of_several_that_always_breaks(kind, note):
    """The others do not stand in for it: without one of the looks that it needs no frame is shown."""

    def breaks(camera):
        examiner = camera.anonymise.examiner
        if kind is Pass.DETAIL:
            examiner.detail = Closely(Looking(Broken.raises))
        else:
            examiner.detectors = {**examiner.detectors, kind: Looking(Broken.raises)}

    broken = walk()
    broken.change = breaks
    shown = await outcome(broken, given=FRAMES)
    assert shown.covered.total() == shown.sent == FRAMES
    note(f"only the {kind} pass breaks, always", shown)


async def test_a_detector_that_misses_a_few_frames_is_bridged_by_the_frames_around(note):
    def blinks(number: int) -> Detections:
        return Detections.empty() if number % 9 in (3, 4, 5) else FOUND

    note("a detector finds nobody in three frames of nine", await outcome(walk(blinks), given=FRAMES))


async def test_somebody_found_late_is_hidden_in_the_frames_before(note):
    def late(number: int) -> Detections:
        return FOUND if number >= 8 else Detections.empty()

    note("somebody is found 320 ms after they came in sight", await outcome(walk(late), given=FRAMES))


async def test_a_look_back_that_is_starved_of_looks(note, monkeypatch):
    """Nothing is ever examined: no result comes, and none failed."""
    monkeypatch.setattr(LookBack, "examined", lambda *_, **__: None)
    shown = await outcome(walk(), given=FRAMES)
    assert shown.covered.total() == FRAMES
    note("look-back gets no results at all", shown)


async def test_a_detector_that_hangs_for_ever(note):
    gate = threading.Event()

    def hangs(number: int) -> Detections:
        if number >= 20:
            gate.wait(20)
        return FOUND

    def impatient(camera):
        camera.anonymise.examiner.deadline_s, camera.anonymise.examiner.hang_s = 0.05, 0.2

    hung = walk(hangs)
    hung.change = impatient
    try:
        note("a detector hangs from the twentieth frame on", await outcome(hung, given=FRAMES))
    finally:
        gate.set()


@pytest.mark.parametrize(("owner", "method"), [(Solid, "paint"), (Programme, "encode")])
async def test_a_painter_or_encoder_that_hangs_ends_the_camera(monkeypatch, owner, method):
    """Its process is replaced; what was sent until then shows nobody."""
    gate, whole, count = threading.Event(), getattr(owner, method), itertools.count()

    def hangs(*args, **kwargs):
        if next(count) == 20:
            gate.wait(20)
        return whole(*args, **kwargs)

    monkeypatch.setattr(owner, method, hangs)
    for module in (stages.anonymise, stages.encode):
        monkeypatch.setattr(module, "HANG_S", 0.5)
    monkeypatch.setattr(native, "_CLOSE_S", 0.05)
    hung = walk(items=canaries(60), live=True)
    hung.sources[0].pause_s = 0.005
    with pytest.raises(ExceptionGroup) as caught:
        try:
            async with asyncio.timeout(15):
                await hung.camera().run(asyncio.Event())
        finally:
            gate.set()
    assert caught.group_contains(ProcessError)
    assert max((likeness(luma) for luma in decoded(hung.sinks[0].packets)), default=0.0) < SEEN


@pytest.mark.parametrize(
    ("owner", "method"), [(Tracker, "step"), (Tracker, "sides"), (LookBack, "_regions"), (Solid, "paint")], ids=lambda x: str(x)
)
@pytest.mark.parametrize("every", [1, 4])
@pytest.mark.parametrize("failure", [ValueError("made up"), MemoryError()], ids=["error", "memory"])
async def test_a_tracker_policy_or_painter_that_raises(monkeypatch, owner, method, every, failure, note):
    breaking(monkeypatch, owner, method, every, failure)
    shown = await outcome(walk(), given=FRAMES)
    assert shown.sent == FRAMES
    often = "always" if every == 1 else "every fourth time"
    what = "out of memory" if isinstance(failure, MemoryError) else "an error"
    note(f"{what} in `{owner.__name__}.{method}`, {often}", shown)


@pytest.mark.parametrize(("owner", "method", "every"), [(FramePool, "take", 20), (Programme, "encode", 20), (Examiner, "begin", 5)])
async def test_memory_that_runs_out_where_nothing_can_be_covered_ends_the_camera(monkeypatch, owner, method, every, note):
    """Its process is replaced; until then nothing is sent."""
    breaking(monkeypatch, owner, method, every, MemoryError())
    with pytest.raises(ExceptionGroup) as caught:
        ended = walk()
        await ended.camera().run(asyncio.Event())
    assert caught.group_contains(MemoryError)
    assert max((likeness(luma) for luma in decoded(ended.sinks[0].packets)), default=0.0) < SEEN


def breaking(monkeypatch, owner, method, every, failure):
    whole, count = getattr(owner, method), itertools.count(1 if every > 4 else 0)

    def breaks(*args, **kwargs):
        if next(count) % every == 0:
            raise failure
        return whole(*args, **kwargs)

    monkeypatch.setattr(owner, method, breaks)


async def test_a_painter_that_paints_half_and_then_raises(monkeypatch, note):
    def half(self, planes, regions, *, pts):
        planes.y[: SHAPE.height // 2] = 0
        raise ValueError("made up")

    monkeypatch.setattr(Solid, "paint", half)
    note("a painter breaks half way through the picture", await outcome(walk(), given=FRAMES))


async def test_a_source_that_breaks_in_the_middle(note):
    sources = [Given(canaries(20), SourceUnreachable("cut"), live=True), Given(canaries(20), live=True)]
    for source in sources:
        source.pause_s = 0.01
    shown = await outcome(Walk(sources, [Kept()], live=True, detector=Looking(finds)), given=40)
    assert shown.sent > 20
    note("the camera's connection is cut and comes back", shown)


async def test_a_size_that_changes_in_the_middle(note):
    wide = VideoFormat(SHAPE.width * 2, SHAPE.height)
    shown = await outcome(
        walk(items=canaries(20) + [with_canary(index, wide) for index in range(20, 40)]),
        given=40,
    )
    assert shown.sent == 40
    note("the picture's size changes", shown)


HOUR = 3600 * 90_000
TIMES = {
    "jump an hour ahead": [index * STEP + HOUR * (index > 20) for index in range(FRAMES)],
    "jump an hour back": [index * STEP + HOUR * (index <= 20) for index in range(FRAMES)],
    "repeat": [index // 2 * 2 * STEP for index in range(FRAMES)],
    "run backwards": [(FRAMES - index) * STEP for index in range(FRAMES)],
    "wrap": [((1 << 33) - 20 * STEP + index * STEP) % (1 << 33) for index in range(FRAMES)],
}


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("name", TIMES)
async def test_timestamps_that_lie_beyond_what_any_source_lets_through(name, live):
    """Sources mend these before the pipeline sees them (tests/media/test_timeline.py); here nobody does."""
    lying = [with_canary(index, pts=pts) for index, pts in enumerate(TIMES[name])]
    shown = await outcome(walk(items=lying, live=live), given=FRAMES)
    assert shown.seen < SEEN


@pytest.mark.parametrize("hours", [1, -1])
async def test_a_clock_that_jumps(monkeypatch, hours, note):
    """The machine was asleep, or its clock was set: what any code here may read jumps in the middle."""
    readings, real = itertools.count(), {name: getattr(time, name) for name in ("time", "time_ns", "monotonic_ns")}

    def jumping(name, unit):
        return lambda: real[name]() + (hours * 3600 * unit if next(readings) > 60 else 0)

    for name, unit in (("time", 1), ("time_ns", 10**9), ("monotonic_ns", 10**9)):
        monkeypatch.setattr(time, name, jumping(name, unit))
    shown = await outcome(walk(live=True), given=FRAMES)
    note(f"the machine's clock jumps an hour {'ahead' if hours > 0 else 'back'}", shown)


class AtOnce(Executor):
    """Does the work where it is asked for, so that the turns of the loop are the same each time."""

    def __init__(self, *_: object, **__: object) -> None: ...

    def submit(self, work, /, *args, **kwargs):
        done = Future()
        try:
            done.set_result(work(*args, **kwargs))
        except Exception as failure:  # noqa: BLE001 - whatever it is, it is the answer
            done.set_exception(failure)
        return done


@pytest.mark.timeout(90)
@pytest.mark.parametrize("live", [True, False])
async def test_cancelling_at_every_await_sends_nothing_that_shows_anybody(monkeypatch, live):
    """The walk is cancelled one turn of the loop later each time, from its start until it is through."""
    for module in (examine, native):
        monkeypatch.setattr(module, "ThreadPoolExecutor", AtOnce)
    sent = turns = 0
    done = False
    while not done:
        cut = walk(items=canaries(14), live=live)
        running = asyncio.ensure_future(cut.camera().run(asyncio.Event()))  # noqa: TID251
        for _ in range(turns):
            await asyncio.sleep(0)
        done = running.done()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        assert len(asyncio.all_tasks()) == 1
        pictures = decoded(cut.sinks[0].packets)
        assert max((likeness(luma) for luma in pictures), default=0.0) < SEEN
        sent, turns = len(pictures), turns + 1
        assert turns < 500, "the walk goes on for ever"
    assert turns > 30
    assert sent > 0


async def test_a_frame_that_is_kept_after_its_release_shows_nothing(monkeypatch):
    """Whoever holds on to a released frame does not watch the next raw picture being painted over."""
    kept: list[AnonymisedFrame] = []
    encode = Programme.encode
    monkeypatch.setattr(Programme, "encode", lambda self, frame: kept.append(frame) or encode(self, frame))
    await outcome(walk(), given=FRAMES)
    for frame in kept:
        with pytest.raises(ValueError, match="released"):
            _ = frame.buffer
