"""Sums up the events that come with every frame, so that a process can tell of itself twice a second at no cost."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from proxy.redactors.regions import Regions, people_in
from proxy.telemetry.events import Aim, Event, FramesDropped, FrameSent, Observer, SceneSeen, StageTimed, Tally
from proxy.vision.detections import Label

HEIGHT_STEP: Final = 8
"""Heights of people are told in steps of so many pixels."""


def tasks_now() -> int:
    """How many tasks the running event loop has; 0 where none runs."""
    try:
        return len(asyncio.all_tasks())
    except RuntimeError:
        return 0


@dataclass(slots=True)
class Tallier:
    """Observes one camera; passes on what is rare and sums what is frequent until :meth:`flush`.

    Called from the stages' threads as well: each update is a single operation on a container of its own, and a sum that misses
    the last event counts it in the next tally.
    """

    camera: str
    observer: Observer
    _since: float = field(default_factory=time.monotonic)
    _cpu_s: float = field(default_factory=time.process_time)
    _sent: int = 0
    _dropped: int = 0
    _people: int = 0
    _covered: Counter[str] = field(default_factory=Counter)
    _regions: Counter[str] = field(default_factory=Counter)
    _stages: list[StageTimed] = field(default_factory=list)
    _scenes: list[SceneSeen] = field(default_factory=list)
    _heights: Counter[int] = field(default_factory=Counter)
    _painted: float = 0.0
    _latencies_ns: list[int] = field(default_factory=list)

    def observe(self, event: Event) -> None:
        """Take an event of this camera."""
        match event:
            case FrameSent():
                self._count(event)
            case FramesDropped():
                self._dropped += event.count
            case StageTimed():
                self._stages.append(event)
            case SceneSeen():
                self._scenes.append(event)
            case _:
                self.observer(event)

    def flush(self) -> None:
        """Emit the sums since the last time."""
        now, cpu_s = time.monotonic(), time.process_time()
        timed, self._stages = self._stages, []
        scenes, self._scenes = self._scenes, []
        runs = Counter(str(event.stage) for event in timed)
        spent: Counter[str] = Counter()
        for event in timed:
            spent[str(event.stage)] += event.nanoseconds
        latency = tuple(np.percentile(self._latencies_ns, (50, 99)) / 1e6) if self._latencies_ns else (0.0, 0.0)
        self.observer(
            Tally(
                camera=self.camera,
                seconds=now - self._since,
                sent=self._sent,
                dropped=self._dropped,
                covered=dict(self._covered),
                regions=dict(self._regions),
                people=self._people,
                stages={stage: (runs[stage], spent[stage] / 1e9) for stage in runs},
                latency_ms=(float(latency[0]), float(latency[1])),
                tasks=tasks_now(),
                cpu_s=cpu_s - self._cpu_s,
                aim=Aim(
                    frames=len(scenes),
                    luma=sum(scene.luma for scene in scenes),
                    moving=sum(scene.moving for scene in scenes),
                    heights=dict(self._heights),
                    painted=self._painted,
                ),
            )
        )
        self._cpu_s = cpu_s
        self._since, self._sent, self._dropped = now, 0, 0
        self._heights.clear()
        self._painted = 0.0
        self._covered.clear()
        self._regions.clear()
        self._latencies_ns.clear()

    def _count(self, event: FrameSent) -> None:
        self._sent += 1
        self._latencies_ns.append(event.latency_ns)
        if event.cover is not None:
            self._covered[str(event.cover)] += 1
        counts = np.bincount(event.regions.label, minlength=len(Label)).tolist()
        self._regions.update({label.name.lower(): count for label, count in zip(Label, counts, strict=True) if count})
        self._people = people_in(event.regions)
        self._measure(event.regions)

    def _measure(self, regions: Regions) -> None:
        """Heights of people, and how much of the picture hides them: bodies where there are any, else what else there is."""
        bodies = regions.xyxy[regions.label == Label.BODY]
        boxes = bodies if len(bodies) else regions.xyxy
        sides = boxes[:, 2:] - boxes[:, :2]
        self._painted += float(sides.prod(axis=1).sum())
        if len(bodies):
            self._heights.update((sides[:, 1] // HEIGHT_STEP * HEIGHT_STEP).tolist())
