"""What a fault did to a walk: what was sent and covered, how long until the picture was normal, and whether anybody was seen."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from proxy.errors import VeilcastError
from proxy.telemetry.events import Event, FrameSent
from tests.pipeline.walks import Walk
from tests.privacy.canary import decoded, likeness

_JUMP: Final = 10 * 90_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """One fault's row.

    Attributes:
        given: pictures that the source gave.
        sent: pictures that a sink got.
        covered: those of them that were covered whole, by reason.
        until_normal_ms: the longest time without a picture in which only the person is hidden; ``None`` when there was none at all.
        seen: the most that any picture shows of the canary, 0 to 1.
    """

    given: int
    sent: int
    covered: Counter[str]
    until_normal_ms: int | None
    seen: float


async def outcome(walk: Walk, *, given: int, scale: int = 1, turns: int = 0) -> Outcome:
    """Walk to whatever end there is, and look at what the sink got."""
    try:
        async with asyncio.timeout(60):
            await walk.camera().run(asyncio.Event())
    except* VeilcastError:
        pass
    (sink,) = walk.sinks
    pictures = decoded(sink.packets)  # type: ignore[attr-defined]
    frames = [event for event in walk.events if isinstance(event, FrameSent)]
    covered = Counter(str(frame.cover) for frame in frames if frame.cover is not None)
    seen = max((likeness(luma, scale=scale, turns=turns) for luma in pictures), default=0.0)
    return Outcome(given, len(pictures), covered, longest_without(walk.events), seen)


def longest_without(events: Iterable[Event]) -> int | None:
    """The longest time in ms between two normal pictures, or from the ends to one; less the usual step.

    A jump of the source's own clock, which offline stays in the output, counts as one step.
    """
    frames = [event for event in events if isinstance(event, FrameSent)]
    steps = [later.pts - earlier.pts for earlier, later in pairwise(frames)]
    usual = sorted(steps)[len(steps) // 2] if steps else 0
    times = np.cumsum([usual] + [step if step < _JUMP else usual for step in steps])
    normal = [time for time, frame in zip(times, frames, strict=False) if frame.cover is None and len(frame.regions)]
    if not normal:
        return None
    marks = [0, *normal, int(times[-1]) + usual]
    return max(0, max(later - earlier for earlier, later in pairwise(marks)) - usual) // 90
