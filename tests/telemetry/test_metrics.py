"""Numbers in Prometheus' format, from single events and from tallies alike."""

from __future__ import annotations

import numpy as np

from proxy.masking.plan import CoverReason
from proxy.redactors.regions import Regions
from proxy.telemetry.events import (
    Connection,
    DamageSeen,
    EncoderOpened,
    FramesDropped,
    FrameSent,
    PassFailed,
    ProcessChanged,
    SinkChanged,
    SourceChanged,
    Stage,
    StageTimed,
    Tally,
)
from proxy.telemetry.metrics import Metrics

ONE_FACE = Regions(np.array([[0, 0, 2, 2]], np.int32), np.zeros(1, np.uint8), np.zeros(1, np.int32))


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"veilcast_{name}", {"camera": "yard", **labels})


def test_frames_are_counted_one_by_one() -> None:
    metrics = Metrics()
    metrics.observe(FrameSent("yard", 0, 0, None, ONE_FACE))
    metrics.observe(FrameSent("yard", 1, 3000, CoverReason.LATE, ONE_FACE))
    metrics.observe(FramesDropped("yard", 4))
    metrics.observe(StageTimed("yard", Stage.PAINT, 2_000_000))
    assert value(metrics, "frames_sent_total") == 2
    assert value(metrics, "frames_covered_total", reason="late") == 1
    assert value(metrics, "frames_dropped_total") == 4
    assert value(metrics, "regions_total", label="face") == 2
    assert value(metrics, "stage_seconds_total", stage="paint") == 0.002
    assert value(metrics, "stage_runs_total", stage="paint") == 1


def test_tallies_add_up() -> None:
    metrics = Metrics()
    for _ in range(2):
        metrics.observe(Tally("yard", 0.5, 15, 1, {"late": 2}, {"body": 30}, 3, {"faces": (15, 0.1)}, (12.0, 40.0)))
    assert value(metrics, "frames_sent_total") == 30
    assert value(metrics, "frames_dropped_total") == 2
    assert value(metrics, "frames_covered_total", reason="late") == 4
    assert value(metrics, "regions_total", label="body") == 60
    assert value(metrics, "stage_runs_total", stage="faces") == 30
    assert value(metrics, "people") == 3
    assert value(metrics, "frame_rate") == 30
    assert value(metrics, "latency_seconds", quantile="0.99") == 0.04


def test_exactly_one_state_holds_at_a_time_and_waits_are_counted() -> None:
    metrics = Metrics()
    for state in (Connection.CONNECTING, Connection.WAITING, Connection.RUNNING):
        metrics.observe(SourceChanged("yard", state))
        metrics.observe(SinkChanged("yard", "null", state))
        metrics.observe(ProcessChanged("yard", state))
    assert sum(value(metrics, "source_state", state=str(state)) or 0 for state in Connection) == 1
    assert value(metrics, "sink_state", sink="null", state="running") == 1
    assert value(metrics, "process_state", state="waiting") == 0
    assert value(metrics, "retries_total", what="sink") == 1


def test_only_the_encoder_that_runs_is_shown() -> None:
    metrics = Metrics()
    metrics.observe(EncoderOpened("yard", "h264_vaapi", hardware=True, width=640, height=360))
    metrics.observe(EncoderOpened("yard", "libx264", hardware=False, width=640, height=360))
    assert value(metrics, "encoder_info", encoder="libx264", hardware="false", size="640x360") == 1
    assert b"h264_vaapi" not in metrics.render()


def test_damage_and_failed_looks_are_counted() -> None:
    metrics = Metrics()
    metrics.observe(DamageSeen("yard", 3, "bad"))
    metrics.observe(PassFailed("yard", "yunet", "boom"))
    assert value(metrics, "damaged_packets_total") == 3
    assert value(metrics, "pass_failures_total", detector="yunet") == 1


def test_two_sets_of_metrics_share_nothing() -> None:
    first, second = Metrics(), Metrics()
    first.observe(FramesDropped("yard", 1))
    assert value(second, "frames_dropped_total") is None
    assert b'veilcast_frames_dropped_total{camera="yard"} 1.0' in first.render()
