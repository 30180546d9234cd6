"""Looking in threads: an answer, or a reason, in bounded time."""

import asyncio
import gc
import threading

import pytest

from proxy.errors import DetectorError
from proxy.masking.passes import Pass
from proxy.masking.plan import CoverReason
from proxy.pipeline.examine import Examiner
from proxy.telemetry.events import PassFailed, Stage, StageTimed
from proxy.vision.detections import Detections
from proxy.vision.tiles import Tile
from tests.pipeline.walks import Closely, Looking, picture


async def test_an_answer_is_what_the_detector_found_and_its_time_is_told():
    events = []
    examiner = Examiner("door", {Pass.FACES: Looking()}, Closely(Looking()), events.append)
    answer = await examiner.answer(examiner.begin(Pass.FACES, picture(0)))
    examiner.close()
    assert isinstance(answer, Detections)
    assert [event.stage for event in events if isinstance(event, StageTimed)] == [Stage.FACES]


async def test_a_failure_is_a_reason_and_names_no_pixels():
    def fails(_):
        raise ValueError("array([[1, 2, 3]])")

    events = []
    examiner = Examiner("door", {Pass.BODIES: Looking(fails)}, Closely(Looking()), events.append)
    assert await examiner.answer(examiner.begin(Pass.BODIES, picture(0))) is CoverReason.DETECTOR_FAILED
    examiner.close()
    assert [event for event in events if isinstance(event, PassFailed)] == [PassFailed("door", "bodies", "ValueError")]


async def test_a_thread_that_hangs_is_given_nothing_more_and_is_given_up_in_time():
    gate = threading.Event()

    def hangs(_):
        gate.wait(5)
        return Detections.empty()

    detectors = {Pass.FACES: Looking(hangs), Pass.BODIES: Looking()}
    examiner = Examiner("door", detectors, Closely(Looking()), lambda _: None, deadline_s=0.05, hang_s=0.1)
    try:
        assert await examiner.answer(examiner.begin(Pass.FACES, picture(0))) is CoverReason.LATE
        assert await examiner.answer(examiner.begin(Pass.FACES, picture(1))) is CoverReason.LATE
        assert isinstance(await examiner.answer(examiner.begin(Pass.BODIES, picture(1))), Detections)
        with pytest.raises(DetectorError, match="hangs"):
            while True:
                await examiner.answer(examiner.begin(Pass.FACES, picture(2)))
    finally:
        gate.set()
        examiner.close()


async def test_time_spent_counts_the_expensive_passes_only():
    examiner = Examiner("door", {Pass.FACES: Looking(), Pass.BODIES: Looking()}, Closely(Looking()), lambda _: None)
    await examiner.answer(examiner.begin(Pass.FACES, picture(0)))
    assert examiner.spent_s == 0
    await examiner.answer(examiner.begin(Pass.BODIES, picture(0)))
    assert examiner.spent_s > 0
    examiner.close()


async def test_a_close_look_is_told_which_parts_and_answers_like_any_other():
    shown = []

    class Shown(Closely):
        def detect_in(self, planes, tiles):
            shown.append(tiles)
            return super().detect_in(planes, tiles)

    events = []
    examiner = Examiner("door", {}, Shown(Looking()), events.append)
    answer = await examiner.answer(examiner.begin_detail(picture(0), (Tile(0, 0, 8, 8),)))
    examiner.close()
    assert isinstance(answer, Detections)
    assert shown == [(Tile(0, 0, 8, 8),)]
    assert [event.stage for event in events if isinstance(event, StageTimed)] == [Stage.DETAIL]


async def test_a_failure_that_nobody_asks_about_any_more_is_not_complained_about():
    said = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: said.append(context["message"]))
    gate = threading.Event()

    def fails(_):
        gate.wait(5)
        raise ValueError("made up")

    examiner = Examiner("door", {Pass.FACES: Looking(fails)}, Closely(Looking()), lambda _: None)
    examination = examiner.begin(Pass.FACES, picture(0))
    examination.let_go()
    gate.set()
    await asyncio.wait([examination.outcome])
    del examination
    gc.collect()
    await asyncio.sleep(0)
    examiner.close()
    assert said == []
