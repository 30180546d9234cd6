"""``anonymise`` refuses what would destroy something, and leaves nothing half-written."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from proxy.cli import anonymise, entry
from proxy.errors import SourceDamaged
from proxy.redactors.regions import Regions
from proxy.settings.camera import CameraSettings
from proxy.sinks import file as file_sink
from proxy.sources import file as file_source
from proxy.telemetry.events import FrameSent, Observer

NOBODY = Regions(np.empty((0, 4), np.int32), np.empty(0, np.uint8), np.empty(0, np.int32))


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "in.mp4"
    path.write_bytes(b"a film")
    return path


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[CameraSettings]:
    """What the application was asked to anonymise; it says that two frames were sent."""
    cameras: list[CameraSettings] = []

    def take(camera: CameraSettings, *, observer: Observer) -> None:
        cameras.append(camera)
        for index in range(2):
            observer(FrameSent("c", index, index * 3000, None, NOBODY))

    monkeypatch.setattr(anonymise.application, "anonymise", take)
    return cameras


def test_options_become_a_camera_of_two_files(clip: Path, asked: list[CameraSettings], tmp_path: Path) -> None:
    options = ["--targets", "face,body", "--method", "solid", "--accuracy", "max", "--encoder-preset", "medium"]
    options += ["--lookback-ms", "500", "--codec", "hevc", "--audio", "pass", "--notice", "Hidden"]
    assert entry.execute(["anonymise", str(clip), str(tmp_path / "out.mkv"), *options]) == 0
    (camera,) = asked
    assert camera.source == file_source.Options(path=clip)
    assert camera.sinks == (file_sink.Options(path=tmp_path / "out.mkv", atomic=True),)
    hidden, encoding = camera.privacy, camera.encoding
    assert (hidden.targets, hidden.method, hidden.accuracy) == (("face", "body"), "solid", "max")
    assert (hidden.lookback_ms, encoding.preset, encoding.codec, camera.audio) == (500, "medium", "hevc", "pass")
    assert camera.signs.notice_text == "Hidden"


def test_masks_and_report_are_written(clip: Path, asked: list[CameraSettings], tmp_path: Path) -> None:
    masks, report = tmp_path / "m.jsonl", tmp_path / "r.json"
    assert entry.execute(["anonymise", str(clip), str(tmp_path / "o.mp4"), "--masks", str(masks), "--report", str(report)]) == 0
    assert asked
    assert [json.loads(line)["frame"] for line in masks.read_text().splitlines()] == [0, 1]
    document = json.loads(report.read_text())
    assert document["frames"]["out"] == 2
    assert document["settings"]["privacy"]["targets"] == ["face", "head", "body"]
    assert {len(model["sha256"]) for model in document["models"]} == {16}


def test_a_job_that_fails_leaves_neither_masks_nor_report(clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: CameraSettings, *, observer: Observer) -> None:
        observer(FrameSent("c", 0, 0, None, NOBODY))
        raise SourceDamaged("in.mp4 holds no video")

    monkeypatch.setattr(anonymise.application, "anonymise", fail)
    arguments = ["anonymise", str(clip), str(tmp_path / "o.mp4"), "--masks", str(tmp_path / "m"), "--report", str(tmp_path / "r")]
    assert entry.execute(arguments) == 13
    assert list(tmp_path.iterdir()) == [clip]


def test_input_and_output_are_never_the_same_file(clip: Path, asked: list[CameraSettings], tmp_path: Path) -> None:
    os.link(clip, tmp_path / "hard.mp4")
    (tmp_path / "soft.mp4").symlink_to(clip)
    for out in (clip, tmp_path / "hard.mp4", tmp_path / "soft.mp4", tmp_path / "x" / ".." / "in.mp4"):
        assert entry.execute(["anonymise", "-y", str(clip), str(out)]) == 2
    assert entry.execute(["anonymise", "-y", str(clip), str(tmp_path / "o.mp4"), "--masks", str(tmp_path / "o.mp4")]) == 2
    assert entry.execute(["anonymise", "-y", str(clip), str(tmp_path / "o.mp4"), "--report", str(clip)]) == 2
    assert not asked
    assert clip.read_bytes() == b"a film"


def test_what_exists_is_replaced_only_when_told(clip: Path, asked: list[CameraSettings], tmp_path: Path) -> None:
    out = tmp_path / "o.mp4"
    out.write_bytes(b"precious")
    assert entry.execute(["anonymise", str(clip), str(out)]) == 22
    assert not asked
    assert entry.execute(["anonymise", "-y", str(clip), str(out)]) == 0


@pytest.mark.parametrize(("out", "code"), [("none/o.mp4", 22), (".", 22), ("o.avi", 2), ("o", 2)])
def test_an_output_that_cannot_be_is_refused_at_once(
    out: str, code: int, clip: Path, asked: list[CameraSettings], tmp_path: Path
) -> None:
    assert entry.execute(["anonymise", str(clip), str(tmp_path / out)]) == code
    assert not asked
