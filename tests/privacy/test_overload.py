"""Four times more to look at than the box can: fewer pictures leave, each of them looked at, none of them late."""

from __future__ import annotations

import asyncio
import time

import numpy as np

from proxy.media.planes import Planes
from proxy.telemetry.events import FramesDropped, FrameSent
from proxy.vision.detections import Detections
from tests.pipeline.walks import Given, Kept, Looking, Walk
from tests.privacy.canary import SEEN, decoded, likeness
from tests.privacy.test_faults import FOUND, canaries

RATE = 25
SECONDS = 5


LOOK_S = 0.5
"""With a look that takes an eighth of a second every picture is looked at in time."""


class Slow(Looking):
    """A detector that takes four times as long as it may."""

    def detect(self, planes: Planes) -> Detections:
        time.sleep(LOOK_S)
        return FOUND


class Stamped(Given):
    """A source that says when each picture arrived."""

    async def frames(self):  # type: ignore[no-untyped-def]
        for item in self.items:
            object.__setattr__(item, "arrived_ns", time.monotonic_ns())
            yield item
            await asyncio.sleep(1 / RATE)


async def test_the_rate_falls_coverage_does_not_and_latency_is_bounded() -> None:
    source = Stamped(canaries(RATE * SECONDS), live=True)
    walk = Walk([source], [Kept()], live=True, detector=Slow())
    await walk.camera().run(asyncio.Event())
    frames = [event for event in walk.events if isinstance(event, FrameSent)]
    dropped = sum(event.count for event in walk.events if isinstance(event, FramesDropped))
    assert dropped > RATE * SECONDS / 4
    assert 4 < len(frames) <= RATE * SECONDS - dropped
    pictures = decoded(walk.sinks[0].packets)  # type: ignore[attr-defined]
    assert max(likeness(luma) for luma in pictures) < SEEN
    shown = [frame for frame in frames if frame.cover is None]
    assert len(shown) > len(frames) / 4, "pictures are still shown, with the person hidden"
    latency_ms = np.array([frame.latency_ns for frame in frames]) / 1e6
    assert latency_ms[len(latency_ms) // 2 :].max() < 6000
