"""The gate: nothing leaves but what was painted, whatever goes wrong."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
from collections.abc import Callable
from typing import ClassVar

import cv2
import numpy as np
import pytest

from proxy.anonymiser import AnonymisedFrame, Anonymiser, ReleasedAudio
from proxy.masking.plan import CoverFrame, CoverReason, CoverRegions
from proxy.media.formats import AudioFormat, ColourTags, VideoFormat
from proxy.media.planes import Planes
from proxy.media.raw import RawAudio, RawFrame
from proxy.redactors.method import Method
from proxy.redactors.regions import Regions
from proxy.redactors.solid import Solid
from proxy.signs.board import Board
from proxy.signs.options import Options as SignOptions
from proxy.voices.policy import AudioPolicy
from proxy.voices.protocol import Treated

SHAPE = VideoFormat(64, 48, ColourTags(1, 5, 6, 6))
CANARY = 201
"""A tone that is in the raw picture alone."""


class Failing:
    """Raises in the middle of its work."""

    reversible: ClassVar[bool] = False

    def __init__(self, failure: BaseException) -> None:
        self.failure = failure
        self.shown: Planes | None = None

    def paint(self, planes: Planes, regions: Regions, *, pts: int) -> None:
        self.shown = planes
        raise self.failure


class Keeping:
    """Keeps what it was shown, as no redactor should."""

    reversible: ClassVar[bool] = False

    def __init__(self) -> None:
        self.seen: list[Planes] = []

    def paint(self, planes: Planes, regions: Regions, *, pts: int) -> None:
        self.seen.append(planes)


def raw(pts: int = 900, tone: int = CANARY, shape: VideoFormat = SHAPE) -> RawFrame:
    buffer = np.full(shape.buffer_shape, tone, np.uint8)
    buffer.flags.writeable = False
    return RawFrame(Planes.of_buffer(buffer, shape), shape, pts, captured_ns=5, arrived_ns=7)


def plan(*boxes: tuple[float, float, float, float]) -> CoverRegions:
    count = len(boxes)
    return CoverRegions(np.array(boxes, np.float32).reshape(-1, 4), np.full(count, 2, np.uint8), np.arange(count, dtype=np.int32))


def shows(frame: AnonymisedFrame, tone: int = CANARY) -> bool:
    return bool((frame.buffer == tone).any())


def test_neither_type_has_a_public_constructor_and_none_can_be_copied() -> None:
    frame = Anonymiser(Solid()).anonymise(raw(), plan())
    for attempt in (
        AnonymisedFrame,
        ReleasedAudio,
        lambda: dataclasses.replace(frame, pts=1),
        lambda: copy.copy(frame),
        lambda: copy.deepcopy(frame),
    ):
        with pytest.raises(TypeError):
            attempt()
    with pytest.raises(dataclasses.FrozenInstanceError):
        frame.pts = 1  # type: ignore[misc]


def test_nobody_found_leaves_the_picture_as_it_is() -> None:
    frame = Anonymiser(Solid()).anonymise(raw(), plan())
    assert (frame.buffer == CANARY).all()
    assert frame.cover is None
    assert len(frame.regions) == 0


def test_what_the_plan_names_is_painted_and_what_was_painted_is_told() -> None:
    frame = Anonymiser(Solid()).anonymise(raw(), plan((9.5, 8, 21, 30)))
    planes = Planes.of_buffer(frame.buffer, SHAPE)
    assert frame.regions.xyxy.tolist() == [[8, 8, 22, 30]]
    for plane, scale in ((planes.y, 1), (planes.u, 2), (planes.v, 2)):
        inside = np.zeros(plane.shape, bool)
        inside[8 // scale : 30 // scale, 8 // scale : 22 // scale] = True
        assert ((plane == CANARY) == ~inside).all()


@pytest.mark.parametrize("reason", CoverReason)
def test_a_whole_cover_shows_nothing_and_says_why(reason: CoverReason) -> None:
    frame = Anonymiser(Solid()).anonymise(raw(), CoverFrame(reason))
    assert not shows(frame)
    assert frame.cover is reason
    assert len(frame.regions) == 0


@pytest.mark.parametrize("box", [(np.nan, 0, 9, 9), (0, 0, np.inf, 9), (20, 0, 10, 9), (0, 20, 9, 10)])
def test_regions_that_are_no_boxes_cover_the_whole_picture(box: tuple[float, float, float, float]) -> None:
    frame = Anonymiser(Solid()).anonymise(raw(), plan((0, 0, 4, 4), box))
    assert not shows(frame)
    assert frame.cover is CoverReason.INVALID_REGIONS


@pytest.mark.parametrize("failure", [ValueError("x"), MemoryError(), cv2.error("x"), AssertionError()])
def test_a_redactor_that_fails_covers_the_whole_picture(failure: Exception) -> None:
    frame = Anonymiser(Failing(failure)).anonymise(raw(), plan((0, 0, 8, 8)))
    assert not shows(frame)
    assert frame.cover is CoverReason.REDACTOR_FAILED


@pytest.mark.parametrize("method", Method)
def test_a_label_that_no_redactor_knows_never_shows_the_picture(method: Method) -> None:
    odd = dataclasses.replace(plan((0, 0, 64, 48)), label=np.array([250], np.uint8))
    frame = Anonymiser(method.build()).anonymise(raw(), odd)
    assert (frame.buffer == CANARY).mean() < 0.1


def test_planes_of_another_size_than_told_cover_the_whole_picture() -> None:
    lying = dataclasses.replace(raw(), format=VideoFormat(32, 48))
    assert Anonymiser(Solid()).anonymise(lying, plan()).cover is CoverReason.REDACTOR_FAILED


@pytest.mark.parametrize("failure", [ValueError("late"), KeyboardInterrupt(), SystemExit(), GeneratorExit()])
def test_a_painting_that_fails_or_is_stopped_leaves_nothing_of_the_raw_picture(failure: BaseException) -> None:
    redactor = Failing(failure)
    gate = Anonymiser(redactor)
    with contextlib.nullcontext() if isinstance(failure, Exception) else pytest.raises(type(failure)):
        gate.anonymise(raw(), plan((0, 0, 8, 8)))
    assert redactor.shown is not None
    for plane in (redactor.shown.y, redactor.shown.u, redactor.shown.v):
        assert not plane.any()
    assert gate.pool._idle == []


def test_what_is_neither_cover_nor_regions_makes_no_picture() -> None:
    with pytest.raises(AssertionError):
        Anonymiser(Solid()).anonymise(raw(), None)  # type: ignore[arg-type]


def test_format_and_times_travel_and_nothing_else() -> None:
    frame = Anonymiser(Solid()).anonymise(raw(pts=1234), plan())
    assert (frame.format, frame.pts, frame.captured_ns, frame.arrived_ns) == (SHAPE, 1234, 5, 7)
    fields = {field.name for field in dataclasses.fields(frame)}
    assert fields == {"format", "pts", "captured_ns", "arrived_ns", "cover", "regions", "age", "_view", "_memory", "_pool"}
    assert not any(isinstance(getattr(frame, name), (RawFrame, Planes)) for name in fields)


def test_the_raw_picture_is_neither_shared_nor_changed() -> None:
    before = raw()
    frame = Anonymiser(Solid()).anonymise(before, plan((0, 0, 64, 48)))
    assert not np.shares_memory(frame.buffer, before.planes.y)
    assert (before.planes.y == CANARY).all()


def test_a_picture_cannot_be_written_to() -> None:
    frame = Anonymiser(Solid()).anonymise(raw(), plan())
    with pytest.raises(ValueError, match="read-only"):
        frame.buffer[0, 0] = 0
    with pytest.raises(ValueError, match="WRITEABLE"):
        frame.buffer.flags.writeable = True


def test_a_released_frame_shows_nothing_and_releasing_again_is_harmless() -> None:
    gate = Anonymiser(Solid())
    frame = gate.anonymise(raw(), plan())
    frame.release()
    frame.release()
    with pytest.raises(ValueError, match="was released"):
        _ = frame.buffer
    assert len(gate.pool._idle) == 1


def test_memory_is_used_again_when_nobody_sees_it() -> None:
    gate = Anonymiser(Solid())
    frame = gate.anonymise(raw(), plan())
    address = frame.buffer.ctypes.data
    frame.release()
    assert gate.anonymise(raw(), plan()).buffer.ctypes.data == address


@pytest.mark.parametrize(
    "keep", [lambda frame: frame.buffer, lambda frame: frame.buffer[2:4], lambda frame: memoryview(frame.buffer)]
)
def test_who_keeps_a_view_never_sees_another_picture(keep: Callable[[AnonymisedFrame], object]) -> None:
    gate = Anonymiser(Solid())
    frame = gate.anonymise(raw(tone=90), plan())
    kept = keep(frame)
    frame.release()
    for _ in range(3):
        gate.anonymise(raw(), plan())
    assert (np.asarray(kept) == 90).all()


def test_a_redactor_that_keeps_the_planes_never_sees_another_picture() -> None:
    redactor = Keeping()
    gate = Anonymiser(redactor)
    for tone in (90, 91, 92):
        gate.anonymise(raw(tone=tone), plan((0, 0, 4, 4))).release()
    assert [int(planes.y[0, 0]) for planes in redactor.seen] == [90, 91, 92]


def test_a_change_of_format_never_mixes_pictures() -> None:
    gate = Anonymiser(Solid())
    small = VideoFormat(32, 32)
    first = gate.anonymise(raw(), plan())
    second = gate.anonymise(raw(shape=small), plan())
    first.release()
    second.release()
    third = gate.anonymise(raw(tone=90, shape=small), plan())
    assert third.buffer.shape == small.buffer_shape
    assert (third.buffer == 90).all()


def test_a_slate_is_made_of_words_and_a_tone() -> None:
    plain = Anonymiser(Solid()).slate(SHAPE, pts=3, arrived_ns=4, reason=CoverReason.OFFLINE)
    frame = Anonymiser(Solid(), signs=Board(SignOptions())).slate(SHAPE, pts=3, arrived_ns=4, reason=CoverReason.OFFLINE)
    assert (frame.buffer != plain.buffer).any()
    assert (frame.cover, frame.pts, frame.captured_ns, frame.arrived_ns) == (CoverReason.OFFLINE, 3, None, 4)


class FailingBoard(Board):
    """Signs that break in the middle of their work, once the picture is hidden."""

    def __init__(self, failure: BaseException) -> None:
        super().__init__(SignOptions())
        self.failure = failure
        self.shown: Planes | None = None

    def paint(self, planes: Planes, shape: VideoFormat, *, arrived_ns: int) -> None:
        self.shown = planes
        raise self.failure

    def say(self, planes: Planes, shape: VideoFormat, reason: CoverReason) -> None:
        raise self.failure


def test_signs_are_laid_over_what_is_hidden_and_touch_nothing_else() -> None:
    signs = Board(SignOptions(notice="Hi", notice_size=20))
    with_signs = Anonymiser(Solid(), signs=signs).anonymise(raw(), plan((0, 0, 64, 48)))
    without = Anonymiser(Solid()).anonymise(raw(), plan((0, 0, 64, 48)))
    assert (with_signs.buffer != without.buffer).any()
    assert (with_signs.buffer[:24] == without.buffer[:24]).all()
    assert with_signs.regions.xyxy.tolist() == without.regions.xyxy.tolist()


def test_signs_never_see_what_is_not_hidden() -> None:
    signs = FailingBoard(ValueError())
    gate = Anonymiser(Solid(), signs=signs)
    gate.anonymise(raw(), plan((0, 0, 64, 48)))
    assert signs.shown is not None
    assert not (signs.shown.y == CANARY).any()


@pytest.mark.parametrize("failure", [ValueError("x"), cv2.error("x"), MemoryError()])
def test_a_picture_whose_signs_fail_is_covered_whole(failure: Exception) -> None:
    frame = Anonymiser(Solid(), signs=FailingBoard(failure)).anonymise(raw(), plan())
    assert not shows(frame)
    assert frame.cover is CoverReason.SIGNS_FAILED
    slate = Anonymiser(Solid(), signs=FailingBoard(failure)).slate(SHAPE, pts=1, arrived_ns=1, reason=CoverReason.OFFLINE)
    assert slate.cover is CoverReason.SIGNS_FAILED


def test_a_stop_while_signs_are_laid_leaves_nothing_of_the_picture() -> None:
    signs = FailingBoard(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        Anonymiser(Solid(), signs=signs).anonymise(raw(), plan())
    assert signs.shown is not None
    assert not signs.shown.y.any()


def test_each_gate_has_its_own_pool() -> None:
    assert Anonymiser(Solid()).pool is not Anonymiser(Solid()).pool


SOUND = RawAudio(np.full((2, 480), 0.5, np.float32), AudioFormat(48_000, 2), pts=77)


def released(policy: AudioPolicy) -> list[ReleasedAudio]:
    gate = Anonymiser(Solid(), audio=policy).open_sound()
    return [*gate.put(SOUND), *gate.end()]


def test_silence_is_as_long_as_the_sound_and_at_its_time() -> None:
    (block,) = released(AudioPolicy.SILENCE)
    assert block.samples.shape == (2, 480)
    assert not block.samples.any()
    assert (block.format, block.pts) == (SOUND.format, 77)


def test_sound_that_may_pass_is_a_read_only_copy() -> None:
    (block,) = released(AudioPolicy.PASS)
    assert (block.samples == SOUND.samples).all()
    assert not np.shares_memory(block.samples, SOUND.samples)
    with pytest.raises(ValueError, match="read-only"):
        block.samples[0, 0] = 0


def test_dropped_sound_is_nothing() -> None:
    assert released(AudioPolicy.DROP) == []


@pytest.mark.parametrize("policy", [policy for policy in AudioPolicy if policy is not AudioPolicy.DROP])
def test_every_policy_keeps_the_place_and_the_length_of_sound(policy: AudioPolicy) -> None:
    (block,) = released(policy)
    assert (block.samples.shape, block.format, block.pts) == ((2, 480), SOUND.format, 77)
    assert not block.samples.flags.writeable


class Breaking:
    """Fails after it took something in."""

    def put(self, block: RawAudio) -> list[Treated]:
        raise RuntimeError("broken")

    def end(self) -> list[Treated]:
        raise RuntimeError("broken")


def test_sound_whose_treatment_fails_is_silent_from_then_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AudioPolicy, "build", lambda _: Breaking())
    gate = Anonymiser(Solid(), audio=AudioPolicy.MUTE_SPEECH).open_sound()
    for block in (*gate.put(SOUND), *gate.put(SOUND)):
        assert not block.samples.any()
        assert block.pts == 77
    assert Anonymiser(Solid(), audio=AudioPolicy.MUTE_SPEECH).open_sound().end() == []


def test_a_treatment_that_cannot_begin_leaves_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(_: AudioPolicy) -> Breaking:
        raise ImportError("no detector")

    monkeypatch.setattr(AudioPolicy, "build", absent)
    (block,) = Anonymiser(Solid(), audio=AudioPolicy.MUTE_SPEECH).open_sound().put(SOUND)
    assert not block.samples.any()
