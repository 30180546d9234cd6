"""Sums of what comes with every frame."""

import numpy as np

from proxy.masking.plan import CoverReason
from proxy.redactors.regions import Regions
from proxy.telemetry.events import Connection, FramesDropped, FrameSent, SourceChanged, Stage, StageTimed, Tally
from proxy.telemetry.tally import Tallier
from proxy.vision.detections import Label


def regions(*labels):
    count = len(labels)
    return Regions(np.zeros((count, 4), np.int32), np.array(labels, np.uint8), np.arange(count, dtype=np.int32))


def test_a_tally_sums_frames_covers_regions_stages_and_latency_and_starts_anew():
    seen = []
    tallier = Tallier("door", seen.append)
    tallier.observe(FrameSent("door", 0, 0, None, regions(Label.BODY, Label.HEAD), latency_ns=10_000_000))
    tallier.observe(FrameSent("door", 1, 3600, CoverReason.LATE, regions(), latency_ns=30_000_000))
    tallier.observe(StageTimed("door", Stage.PAINT, 2_000_000))
    tallier.observe(StageTimed("door", Stage.PAINT, 4_000_000))
    tallier.observe(FramesDropped("door", 3))
    tallier.flush()
    tallier.flush()
    first, second = seen
    assert isinstance(first, Tally)
    assert (first.sent, first.dropped, first.people) == (2, 3, 0)
    assert first.covered == {"late": 1}
    assert first.regions == {"body": 1, "head": 1}
    assert first.stages == {"paint": (2, 0.006)}
    assert first.latency_ms[0] == 20.0
    assert (second.sent, second.dropped, second.covered, second.stages) == (0, 0, {}, {})


def test_rare_events_pass_through():
    seen = []
    event = SourceChanged("door", Connection.RUNNING)
    Tallier("door", seen.append).observe(event)
    assert seen == [event]
