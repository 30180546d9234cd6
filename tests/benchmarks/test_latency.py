from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks.latency import Stopwatch, many, summary
from benchmarks.sets import SAMPLES
from proxy.masking.plan import CoverReason, CoverRegions
from proxy.redactors.regions import Regions
from proxy.telemetry.events import FramesDropped, FrameSent

NOBODY = Regions.outward(CoverRegions.nobody(), width=64, height=48)


def test_the_look_back_is_taken_off_and_frames_are_counted() -> None:
    watch = Stopwatch(settle_s=-1)
    watch.since_capture = [float(value) for value in np.linspace(420, 520, 101)]
    for cover in (None, CoverReason.LATE, None):
        watch.observe(FrameSent("door", 0, 0, cover, NOBODY, 0))
    watch.observe(FramesDropped("door", 7))
    found = summary(watch, lookback_ms=400, measured_s=2.0, processor_s=1.0)
    assert found["capture_to_sink_ms"] == {"p50": 70.0, "p99": 119.0, "pictures": 101}
    assert (found["sent"], found["covered"], found["dropped"]) == (3, 1, 7)
    assert (found["frames_per_second"], found["processor_cores"]) == (1.5, 0.5)


def test_what_happens_while_everything_starts_does_not_count() -> None:
    watch = Stopwatch(settle_s=60)
    watch.observe(FramesDropped("door", 7))
    assert watch.counts["dropped"] == 0


@pytest.mark.peer
@pytest.mark.timeout(120)
def test_a_real_camera_is_measured() -> None:
    (found,) = many(SAMPLES / "vfr.mp4", cameras=1, accuracy="light", seconds=3, settle_s=6)
    assert found["sent"], json.dumps(found)
    assert found["capture_to_sink_ms"]["pictures"] > 0
