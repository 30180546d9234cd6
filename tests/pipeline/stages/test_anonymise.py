"""The walk through the gate: detectors are made up here, everything else is real."""

import asyncio
import threading
from itertools import count

import cv2
import numpy as np
import pytest

from proxy.anonymiser import Anonymiser, ReleasedAudio
from proxy.assembly import LIVE_SLACK_MS
from proxy.detectors.badges import Badges
from proxy.errors import DetectorError
from proxy.masking.cadence import Cadence
from proxy.masking.lookback import LookBack
from proxy.masking.passes import Pass
from proxy.masking.plan import CoverReason
from proxy.masking.policy import MaskPolicy
from proxy.media.formats import VideoFormat
from proxy.media.planes import Planes
from proxy.media.raw import RawFrame
from proxy.pipeline.channel import Channel, Overflow
from proxy.pipeline.examine import Examiner
from proxy.pipeline.stages.anonymise import Anonymise
from proxy.pipeline.stages.ingest import SoundLine
from proxy.redactors.solid import Solid
from proxy.vision.detections import Detections, Label
from tests.pipeline.walks import Closely
from tests.programmes import sound

STEP = 3600
SHAPE = VideoFormat(320, 240)
WHERE = np.array([[120, 60, 180, 200]], np.float32)


def raw(index, shape=SHAPE, dark=None):
    """A picture whose first pixel is its number, so that a detector knows which one it looks at; with ``dark`` boxes."""
    buffer = np.full(shape.buffer_shape, 128, np.uint8)
    for x1, y1, x2, y2 in [] if dark is None else dark.astype(int):
        buffer[y1:y2, x1:x2] = 40
    buffer[0, 0] = index
    return RawFrame(Planes.of_buffer(buffer, shape), shape, index * STEP, None, 0)


def restless(count):
    """Pictures in which something that is nobody moves all the time."""
    return [raw(index, dark=np.array([[20 + 8 * (index % 20), 120, 60 + 8 * (index % 20), 200]])) for index in range(count)]


class Looking:
    """A detector that answers with ``answer(number of the picture)``."""

    name = "made-up"

    def __init__(self, answer):
        self.answer = answer
        self.seen = []

    def detect(self, planes):
        number = int(planes.y[0, 0])
        self.seen.append(number)
        return self.answer(number)


def nobody(_):
    return Detections.empty()


def body_from(first):
    return lambda number: Detections.of(WHERE, np.array([0.9]), Label.BODY) if number >= first else Detections.empty()


async def walk(
    pictures, *, faces=nobody, detail=nobody, bodies=nobody, live=False, slack_ms=100.0, deadline_s=1.0, hang_s=5.0, badges=()
):
    policy = MaskPolicy()
    detectors = {Pass.FACES: Looking(faces), Pass.BODIES: Looking(bodies)}
    stage = Anonymise(
        "door",
        Examiner("door", detectors, Closely(Looking(detail)), lambda _: None, deadline_s=deadline_s, hang_s=hang_s),
        LookBack(policy),
        Cadence(policy),
        Anonymiser(Solid()),
        SoundLine(),
        lambda _: None,
        lookback_ms=policy.lookback_ms,
        live=live,
        slack_ms=slack_ms,
        badges=Badges(badges).seen_in,
    )
    frames, out = Channel(2, Overflow.BLOCK), Channel(4, Overflow.BLOCK)

    async def feed():
        for picture in pictures:
            await frames.send(picture)
        frames.close()

    async def pass_on():
        await stage.run(frames, out)
        out.close()

    sent = []
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(feed())
            group.create_task(pass_on())
            async for frame in out:
                sent.append((frame.pts // STEP, frame.cover, frame.regions, frame.buffer.copy()))
                frame.release()
    finally:
        stage.close()
    return sent


@pytest.mark.parametrize("covered", [False, True])
async def test_what_an_operator_covers_cannot_be_heard_either(covered):
    policy, detectors = MaskPolicy(), {Pass.FACES: Looking(nobody), Pass.BODIES: Looking(nobody)}
    stage = Anonymise(
        "door",
        Examiner("door", detectors, Closely(Looking(nobody)), lambda _: None, deadline_s=1.0),
        LookBack(policy),
        Cadence(policy),
        Anonymiser(Solid()),
        SoundLine(),
        lambda _: None,
        lookback_ms=policy.lookback_ms,
        live=False,
        covered_by_operator=covered,
    )
    for block in range(3):
        stage.sound.put(sound(block * STEP, 960))
    frames, out = Channel(32, Overflow.BLOCK), Channel(64, Overflow.BLOCK)
    for index in range(20):
        await frames.send(raw(index))
    frames.close()
    await stage.run(frames, out)
    out.close()
    stage.close()
    left = [one async for one in out]
    assert sum(isinstance(one, ReleasedAudio) for one in left) == (0 if covered else 3)
    assert [one.cover for one in left if not isinstance(one, ReleasedAudio)] == [CoverReason.OPERATOR if covered else None] * 20


@pytest.mark.parametrize("live", [False, True])
async def test_every_frame_leaves_once_in_order_and_nobody_is_covered_where_nobody_is(live):
    sent = await walk([raw(index) for index in range(40)], live=live)
    assert [number for number, *_ in sent] == list(range(40))
    assert all(cover is None and len(regions) == 0 for _, cover, regions, _ in sent)


async def test_someone_who_appears_is_looked_for_at_once_and_hidden_in_every_frame():
    pictures = [raw(index, dark=WHERE if index >= 30 else None) for index in range(60)]
    sent = await walk(pictures, bodies=body_from(30))
    hidden = [number for number, _, regions, _ in sent if Label.BODY in regions.label]
    assert set(range(30, 60)) <= set(hidden)
    assert min(hidden) > 10


async def test_someone_whom_no_glance_notices_is_hidden_in_the_frames_before_they_are_first_seen():
    sent = await walk([raw(index) for index in range(60)], bodies=body_from(30))
    hidden = [number for number, _, regions, _ in sent if Label.BODY in regions.label]
    assert min(hidden) <= 50 - 9
    assert hidden == list(range(min(hidden), 60))


async def test_a_failing_detector_covers_what_depends_on_it_and_nothing_else():
    def broken(number):
        if 20 <= number < 45:
            raise DetectorError("made up")
        return Detections.empty()

    sent = await walk(restless(80), faces=broken)
    covered = {number: cover for number, cover, *_ in sent if cover}
    assert set(covered.values()) == {CoverReason.DETECTOR_FAILED}
    assert {29, 30, 31, 32, 33, 34} <= set(covered)
    assert not set(covered) & {*range(12), *range(60, 80)}


async def test_a_close_look_that_fails_covers_the_frames_that_asked_for_it():
    def broken(number):
        if 20 <= number < 45:
            raise DetectorError("made up")
        return Detections.empty()

    sent = await walk(restless(80), detail=broken)
    covered = {number for number, cover, *_ in sent if cover is CoverReason.DETECTOR_FAILED}
    assert {29, 30, 31, 32, 33, 34} <= covered
    assert not covered & {*range(8), *range(70, 80)}


async def test_bodies_that_are_never_examined_cover_everything():
    def broken(_):
        raise RuntimeError("made up")

    sent = await walk([raw(index) for index in range(30)], bodies=broken)
    assert len(sent) == 30
    assert all(cover is not None for _, cover, *_ in sent)
    assert all(buffer[0, 0] == buffer[5, 5] for *_, buffer in sent)


async def test_a_late_pass_covers_and_a_hanging_one_ends_the_camera():
    gate = threading.Event()

    def hangs(number):
        if number >= 10:
            gate.wait(10)
        return Detections.empty()

    sent = []
    try:
        with pytest.raises(ExceptionGroup) as caught:
            sent = await walk([raw(index) for index in range(200)], faces=hangs, deadline_s=0.05, hang_s=0.0)
        assert caught.group_contains(DetectorError, match="hangs")
    finally:
        gate.set()
    assert sent == []


async def test_a_late_pass_that_comes_back_covers_only_the_frames_that_waited():
    gate = threading.Event()

    def slow(number):
        if 10 <= number < 20:
            gate.wait(0.3)
        return Detections.empty()

    sent = await walk(restless(240), faces=slow, deadline_s=0.2)
    covered = {number for number, cover, *_ in sent if cover is CoverReason.LATE}
    assert covered
    assert min(covered) > 0
    assert len(sent) == 240
    assert 239 not in covered


@pytest.mark.parametrize("seed", range(4))
async def test_a_busy_machine_that_drops_frames_covers_none_of_those_that_leave(monkeypatch, seed):
    """Looks as far apart as they may be, the frame on which one would have been due often missing."""
    clock = count()
    monkeypatch.setattr(Examiner, "spent_s", property(lambda _: next(clock) * 1.0))
    random = np.random.default_rng(seed)
    pictures = [picture for picture in restless(250) if random.random() > 0.35]
    takes_a_while = threading.Event()
    sent = await walk(pictures, bodies=lambda _: takes_a_while.wait(0.01) or Detections.empty(), live=True, slack_ms=LIVE_SLACK_MS)
    assert len(sent) == len(pictures)
    assert {number: cover for number, cover, *_ in sent if cover} == {}


async def test_a_change_of_format_drains_the_line_with_a_complete_look_and_goes_on():
    other = VideoFormat(640, 480)
    pictures = [raw(index) for index in range(20)] + [raw(index, other) for index in range(20, 40)]
    sent = await walk(pictures, bodies=body_from(0))
    assert [number for number, *_ in sent] == list(range(40))
    assert all(cover is None and len(regions) for _, cover, regions, _ in sent)
    assert {buffer.shape for *_, buffer in sent} == {SHAPE.buffer_shape, other.buffer_shape}


async def test_a_single_frame_is_examined_by_every_pass():
    sent = await walk([raw(0)], bodies=body_from(0))
    assert [(number, cover, len(regions) > 0) for number, cover, regions, _ in sent] == [(0, None, True)]


async def looked_at(monkeypatch, *, live, seconds_a_call):
    """The pictures that were looked at for bodies, where looking seems to take so long."""
    clock, seen = count(), []
    monkeypatch.setattr(Examiner, "spent_s", property(lambda _: next(clock) * seconds_a_call))
    await walk(restless(200), bodies=lambda number: seen.append(number) or Detections.empty(), live=live)
    return seen


async def test_a_busy_machine_looks_less_often_at_a_live_camera(monkeypatch):
    assert len(await looked_at(monkeypatch, live=True, seconds_a_call=1.0)) < len(
        await looked_at(monkeypatch, live=True, seconds_a_call=0.0)
    )


async def test_how_often_a_file_is_looked_at_does_not_depend_on_the_machine(monkeypatch):
    assert await looked_at(monkeypatch, live=False, seconds_a_call=1.0) == await looked_at(
        monkeypatch, live=False, seconds_a_call=0.0
    )


async def test_at_a_cut_nobody_of_one_scene_is_looked_for_in_the_other_and_both_sides_get_a_complete_look():
    """Somebody who is there from a scene's first frame is hidden in it, and in no frame of the scene before."""

    def scene(index):
        frame = raw(index)
        bright = np.linspace(20, 230, SHAPE.width, dtype=np.uint8)
        frame.planes.y[4:] = bright if index < 23 else bright[::-1]
        return frame

    sent = await walk([scene(index) for index in range(40)], bodies=body_from(23))
    assert [number for number, *_ in sent] == list(range(40))
    assert not any(cover for _, cover, *_ in sent)
    assert [number for number, _, regions, _ in sent if len(regions)] == list(range(23, 40))


def wearing(index, number):
    """Somebody where ``WHERE`` is, with a badge on the chest."""
    picture = raw(index, dark=WHERE)
    drawn = cv2.aruco.generateImageMarker(cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_6X6_250), number, 32)
    picture.planes.y[92:140, 126:174] = 220
    picture.planes.y[100:132, 134:166] = 20 + (drawn > 127) * 190
    return picture


async def test_who_wears_a_badge_is_shown_in_exactly_the_frames_in_which_it_is_seen():
    """The badge is turned away and comes back; another badge than the one that was agreed on counts for nothing."""
    seen = {*range(10, 20), *range(26, 30)}
    pictures = [wearing(index, 17) if index in seen else raw(index, dark=WHERE) for index in range(40)]
    sent = await walk(pictures, bodies=body_from(0), detail=body_from(0), badges=[17])
    assert [number for number, cover, _, _ in sent if cover] == []
    assert {number for number, _, regions, _ in sent if not len(regions)} == seen
    for number, _, _, buffer in sent:
        assert (buffer[62:198, 122:178] == pictures[number].planes.y[62:198, 122:178]).all() == (number in seen)
    strangers = await walk([wearing(index, 18) for index in range(20)], bodies=body_from(0), detail=body_from(0), badges=[17])
    assert all(len(regions) for _, _, regions, _ in strangers)
