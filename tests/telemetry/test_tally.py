"""Sums of what comes with every frame."""

import numpy as np

from proxy.masking.plan import CoverReason
from proxy.redactors.regions import Regions
from proxy.telemetry.events import Aim, Connection, FramesDropped, FrameSent, SceneSeen, SourceChanged, Stage, StageTimed, Tally
from proxy.telemetry.tally import Tallier
from proxy.telemetry.wire import from_line, to_line
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


def test_what_tells_of_a_cameras_aim_is_summed_and_crosses_to_the_parent():
    seen = []
    tallier = Tallier("door", seen.append)
    boxes = np.array([[0, 0, 20, 60], [40, 0, 60, 62], [2, 2, 10, 10]], np.int32)
    labels = np.array([Label.BODY, Label.BODY, Label.HEAD], np.uint8)
    tallier.observe(FrameSent("door", 0, 0, None, Regions(boxes, labels, np.arange(3, dtype=np.int32))))
    tallier.observe(SceneSeen("door", 80.0, moving=True))
    tallier.observe(SceneSeen("door", 90.0, moving=False))
    tallier.flush()
    aim = seen[0].aim
    assert aim == Aim(frames=2, luma=170.0, moving=1, heights={56: 2}, painted=20 * 60 + 20 * 62)
    assert from_line(to_line(seen[0])) == seen[0]
    assert (aim + aim).heights == {56: 4}
    tallier.flush()
    assert seen[1].aim == Aim()
