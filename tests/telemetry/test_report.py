"""A finished job in one JSON document."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.detectors.weights import ModelUsed
from proxy.masking.plan import CoverReason
from proxy.redactors.regions import Regions
from proxy.telemetry.events import DamageSeen, EncoderOpened, FramesDropped, FrameSent, PassFailed, Stage, StageTimed
from proxy.telemetry.report import Report, Sample

BODY = Regions(np.array([[0, 0, 2, 2]], np.int32), np.array([2], np.uint8), np.zeros(1, np.int32))


def observed() -> Report:
    report = Report("in.mp4", "out.mp4", (ModelUsed("yunet", "y.onnx", "abcd"),))
    for index in range(100):
        report.observe(FrameSent("c", index, index * 3000, CoverReason.LATE if index < 2 else None, BODY))
        report.observe(StageTimed("c", Stage.PAINT, (index + 1) * 1_000_000))
    report.observe(FramesDropped("c", 5))
    report.observe(DamageSeen("c", 2, "bad"))
    report.observe(PassFailed("c", "yunet", "boom"))
    report.observe(EncoderOpened("c", "libx264", hardware=False, width=640, height=360))
    return report


def test_it_sums_up_what_was_observed() -> None:
    document = observed().document(seconds=4.0)
    assert document["frames"] == {"in": 105, "out": 100, "dropped": 5}
    assert document["covered_whole"] == {"frames": 2, "by_reason": {"late": 2}}
    assert document["regions"] == {"face": 0, "head": 0, "body": 100, "motion": 0, "zone": 0}
    assert document["damaged_packets"] == 2
    assert document["failed_passes"] == {"yunet": 1}
    assert document["duration_ms"] == pytest.approx(3300)
    assert document["frames_per_second"] == 25.0
    assert document["encoder"] == "libx264 640x360"
    assert document["models"] == [{"name": "yunet", "file": "y.onnx", "sha256": "abcd"}]


def test_stage_times_have_percentiles_in_ms() -> None:
    stages = observed().document(seconds=4.0)["stages_ms"]
    assert stages == {"paint": {"count": 100, "mean": 50.5, "p50": 50.5, "p95": 95.05, "p99": 99.01, "max": 100.0}}


def test_versions_name_what_ran() -> None:
    versions = Report("a", "b").document(seconds=1.0)["versions"]
    assert isinstance(versions, dict)
    assert {"python", "veilcast", "av", "openvino", "numpy", "libavcodec"} <= versions.keys()


def test_names_are_redacted() -> None:
    document = Report("rtsp://u:hunter2@h/x", "rtmp://h/app/live_key").document(seconds=1.0)
    assert (document["input"], document["output"]) == ("rtsp://***@h/x", "rtmp://h/app/***")


def test_it_is_written_as_json(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    observed().write(path, seconds=4.0)
    assert json.loads(path.read_text())["frames"]["out"] == 100


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=300))
def test_a_sample_stays_within_its_limit_and_holds_only_what_came(values: list[int]) -> None:
    sample = Sample(limit=50)
    for value in values:
        sample.add(value)
    assert len(sample.values) == min(50, len(values))
    assert set(sample.values) <= set(values)
    assert (sample.seen, sample.total, sample.largest) == (len(values), sum(values), max(values))


def test_a_sample_is_fair_over_the_whole_time() -> None:
    sample = Sample(limit=1000)
    for value in range(10_000):
        sample.add(value)
    assert np.mean(sample.values) == pytest.approx(5000, rel=0.1)
