"""JPEG pictures show what the anonymised frame shows, are made when asked for, and hold nothing else."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import cv2
import numpy as np
import pytest

from proxy.encoding.stills import Stills
from proxy.media.formats import ColourTags, VideoFormat
from tests.programmes import SHAPE, STEP, every, pictures

COMMENT = b"\xff\xfe"


def decoded(data: bytes) -> np.ndarray:
    """``(H, W, 3)`` uint8 BGR."""
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)


async def still_of(shape: VideoFormat, *, quality: int = 80) -> bytes:
    stills = Stills(quality=quality)
    (frame,) = pictures([7], shape)
    stills.make(frame)
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(stills.next())
        await asyncio.sleep(0)
        stills.show()
    assert waiting.result().pts == 7
    return waiting.result().data


@pytest.mark.parametrize(("level", "white"), [(1, lambda y: (y - 16) * 255 / 219), (2, lambda y: y)])
async def test_the_picture_is_the_frame_in_its_own_range(level: int, white: object) -> None:
    shape = replace(SHAPE, colour=ColourTags(range=level, space=6, primaries=6, transfer=6))
    picture = decoded(await still_of(shape))
    assert picture.shape == (SHAPE.height, SHAPE.width, 3)
    luma = cv2.cvtColor(picture, cv2.COLOR_BGR2YCrCb)[:, :, 0]
    for columns, value in ((slice(0, 70), 40), (slice(90, 160), 30)):
        assert luma[:, columns].mean() == pytest.approx(white(value), abs=3)  # type: ignore[operator]


async def test_better_quality_is_larger_and_nothing_says_who_made_it_or_when() -> None:
    good, small = await still_of(SHAPE, quality=95), await still_of(SHAPE, quality=10)
    assert len(good) > len(small)
    assert not [word for word in (b"Exif", b"Lavc", b"http", COMMENT) if word in good]


async def test_all_who_ask_get_the_same_and_nobody_who_does_not() -> None:
    stills = Stills()
    assert not stills.asked
    frames = list(pictures(every(STEP, 2)))
    async with asyncio.TaskGroup() as group:
        waiting = [group.create_task(stills.next()) for _ in range(3)]
        await asyncio.sleep(0)
        assert stills.asked
        stills.make(frames[1])
        stills.show()
    assert {task.result().pts for task in waiting} == {STEP}
    assert not stills.asked


def test_anything_but_an_anonymised_frame_is_refused() -> None:
    with pytest.raises(TypeError):
        Stills().make(np.zeros((4, 4), np.uint8))  # type: ignore[arg-type]
