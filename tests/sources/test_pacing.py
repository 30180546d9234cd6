"""What comes too early is held back until its time; what is late is not."""

from __future__ import annotations

import asyncio
import time
from unittest.mock import patch

import numpy as np

from proxy.media.formats import AudioFormat, VideoFormat
from proxy.media.planes import Planes
from proxy.media.raw import RawAudio, RawFrame
from proxy.sources.pacing import Pacer

PLANES = Planes(np.zeros((2, 2), np.uint8), np.zeros((1, 1), np.uint8), np.zeros((1, 1), np.uint8))


def picture(pts: int) -> RawFrame:
    return RawFrame(PLANES, VideoFormat(2, 2), pts, None, 0)


async def test_items_come_at_their_distances_and_pictures_arrive_then() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    with patch.object(asyncio, "sleep", sleep), patch.object(time, "monotonic_ns", lambda: 5_000_000_000):
        pacer = Pacer()
        first = await pacer.at_its_time(picture(90_000))
        await pacer.at_its_time(RawAudio(np.zeros((1, 10), np.float32), AudioFormat(8000, 1), 90_000 + 45_000))
        await pacer.at_its_time(picture(180_000))
        await pacer.at_its_time(picture(0))
    assert slept == [0, 0.5, 1, 0]
    assert isinstance(first, RawFrame)
    assert first.arrived_ns == 5_000_000_000
