"""Whatever breaks, the canary is in no picture that was sent. Detectors are made up; gate, tracking and encoder are real."""

import asyncio
import itertools
import threading
import time

import numpy as np
import pytest

from proxy.errors import SourceUnreachable, VeilcastError
from proxy.masking.lookback import LookBack
from proxy.media.formats import VideoFormat
from proxy.redactors.solid import Solid
from proxy.tracking.tracker import Tracker
from proxy.vision.detections import Detections, Label
from tests.pipeline.walks import Given, Kept, Looking, Walk
from tests.privacy.canary import BOX, SEEN, SHAPE, decoded, likeness, with_canary

FRAMES = 45
FOUND = Detections.of(np.array([BOX], np.float32), np.array([0.9]), Label.BODY)


def finds(_: int) -> Detections:
    return FOUND


class Broken:
    """Results that are none: what a detector gives when its memory or its model is damaged."""

    @staticmethod
    def raises(_: int) -> Detections:
        raise RuntimeError("made up")

    @staticmethod
    def gives_nan(_: int) -> Detections:
        return Detections.of(np.full((1, 4), np.nan, np.float32), np.array([0.9]), Label.BODY)

    @staticmethod
    def gives_the_wrong_shape(_: int) -> Detections:
        return Detections(np.zeros((2, 4), np.float32), np.zeros(1, np.float32), np.zeros(1, np.uint8))

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


def at_times(broken, working=finds, *, every=3):
    return lambda number: broken(number) if number % every == 0 else working(number)


async def sent(walk: Walk) -> list[float]:
    """How much of the canary each picture shows that a sink got, whatever ended the walk."""
    try:
        await walk.camera().run(asyncio.Event())
    except* VeilcastError:
        pass
    (sink,) = walk.sinks
    return [likeness(luma) for luma in decoded(sink.packets)]


def canaries(count: int = FRAMES, shape: VideoFormat = SHAPE):
    return [with_canary(index, shape) for index in range(count)]


async def test_the_search_sees_a_canary_that_nobody_hid():
    """The suite can fail: with a detector that finds nobody the canary is there, clear."""
    shown = await sent(Walk([Given(canaries())], [Kept()]))
    assert len(shown) == FRAMES
    assert min(shown) > 0.9


async def test_without_faults_everybody_is_hidden_and_nothing_is_covered_whole():
    walk = Walk([Given(canaries())], [Kept()], detector=Looking(finds))
    assert max(await sent(walk)) < SEEN
    assert not any(getattr(event, "cover", None) for event in walk.events)


@pytest.mark.parametrize("broken", [getattr(Broken, name) for name in vars(Broken) if not name.startswith("_")])
@pytest.mark.parametrize("every", [1, 3])
async def test_a_detector_that_breaks_always_or_at_times(broken, every):
    walk = Walk([Given(canaries())], [Kept()], detector=Looking(at_times(broken, every=every)))
    shown = await sent(walk)
    assert len(shown) == FRAMES
    assert max(shown) < SEEN


async def test_a_detector_that_misses_a_few_frames_is_bridged_by_the_frames_around():
    def blinks(number: int) -> Detections:
        return Detections.empty() if number % 9 in (3, 4, 5) else FOUND

    assert max(await sent(Walk([Given(canaries())], [Kept()], detector=Looking(blinks)))) < SEEN


async def test_somebody_found_late_is_hidden_in_the_frames_before():
    def late(number: int) -> Detections:
        return FOUND if number >= 8 else Detections.empty()

    assert max(await sent(Walk([Given(canaries())], [Kept()], detector=Looking(late)))) < SEEN


async def test_a_detector_that_hangs_for_ever():
    gate = threading.Event()

    def hangs(number: int) -> Detections:
        if number >= 20:
            gate.wait(20)
        return FOUND

    walk = Walk([Given(canaries())], [Kept()], detector=Looking(hangs))
    camera = walk.camera()
    camera.anonymise.examiner.deadline_s, camera.anonymise.examiner.hang_s = 0.05, 0.2
    with pytest.raises(ExceptionGroup):
        try:
            await camera.run(asyncio.Event())
        finally:
            gate.set()
    assert max((likeness(luma) for luma in decoded(walk.sinks[0].packets)), default=0.0) < SEEN


@pytest.mark.parametrize(
    ("owner", "method"), [(Tracker, "step"), (Tracker, "sides"), (LookBack, "_regions"), (Solid, "paint")], ids=lambda x: str(x)
)
@pytest.mark.parametrize("every", [1, 4])
async def test_a_tracker_policy_or_painter_that_raises(monkeypatch, owner, method, every):
    whole, count = getattr(owner, method), itertools.count()

    def breaks(*args, **kwargs):
        if next(count) % every == 0:
            raise ValueError("made up")
        return whole(*args, **kwargs)

    monkeypatch.setattr(owner, method, breaks)
    shown = await sent(Walk([Given(canaries())], [Kept()], detector=Looking(finds)))
    assert len(shown) == FRAMES
    assert max(shown) < SEEN


async def test_a_painter_that_paints_half_and_then_raises(monkeypatch):
    def half(self, planes, regions, *, pts):
        planes.y[: SHAPE.height // 2] = 0
        raise ValueError("made up")

    monkeypatch.setattr(Solid, "paint", half)
    assert max(await sent(Walk([Given(canaries())], [Kept()], detector=Looking(finds)))) < SEEN


async def test_a_source_that_breaks_in_the_middle():
    sources = [Given(canaries(20), SourceUnreachable("cut"), live=True), Given(canaries(20), live=True)]
    walk = Walk(sources, [Kept()], live=True, detector=Looking(finds))
    shown = await sent(walk)
    assert len(shown) > 20
    assert max(shown) < SEEN


async def test_a_size_that_changes_in_the_middle():
    wide = VideoFormat(SHAPE.width * 2, SHAPE.height)
    items = canaries(20) + [with_canary(index, wide) for index in range(20, 40)]
    walk = Walk([Given(items)], [Kept()], detector=Looking(finds))
    await walk.camera().run(asyncio.Event())
    packets = walk.sinks[0].packets
    for width in (SHAPE.width, wide.width):
        part = [packet for packet in packets if packet.streams.video.format.width == width]
        assert len(decoded(part)) == 20
        assert max(likeness(luma) for luma in decoded(part)) < SEEN


async def test_cancelling_at_every_turn_sends_nothing_that_shows_anybody():
    for turns in range(0, 120, 7):
        walk = Walk([Given(canaries(), ..., live=True)], [Kept()], live=True, detector=Looking(finds))
        running = asyncio.ensure_future(walk.camera().run(asyncio.Event()))  # noqa: TID251
        for _ in range(turns):
            await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert max((likeness(luma) for luma in decoded(walk.sinks[0].packets)), default=0.0) < SEEN
