"""Videos are read upright; photographs become videos that keep them apart."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from benchmarks.footage import BLANK, HELD, STILL_FPS, pictures, stills_to_video
from benchmarks.sets import SAMPLES, SETS


def test_photographs_are_held_and_kept_apart_for_longer_than_a_second(tmp_path: Path) -> None:
    for name, level in (("a", 40), ("b", 220)):
        cv2.imwrite(str(tmp_path / f"{name}.png"), np.full((40, 48, 3), level, np.uint8))
    stills_to_video([tmp_path / "a.png", tmp_path / "b.png"], 64, 48, tmp_path / "out.mp4")
    lumas = [int(picture.y[:40, :48].mean()) for _, picture in pictures(tmp_path / "out.mp4")]
    dark, grey, light = lumas[0], lumas[HELD], lumas[HELD + BLANK]
    assert dark < grey - 30 < light - 60
    assert np.allclose(lumas, [dark] * HELD + [grey] * BLANK + [light] * HELD + [grey] * BLANK, atol=2)
    assert BLANK / STILL_FPS > 1


def test_a_rotation_flag_turns_the_picture_upright() -> None:
    _, first = next(iter(pictures(SAMPLES / "vfr.mp4")))
    assert first.y.shape == (640, 360)
    assert first.y[:60].mean() > first.y[300:].mean() + 20, "the sky is above the ground"


def test_the_sample_clips_are_a_set_that_needs_no_other_material(tmp_path: Path) -> None:
    clips = SETS["samples"](tmp_path, tmp_path)
    assert {clip.name for clip in clips} == {"sample-street", "sample-cafe", "sample-cuts", "sample-vfr"}
    assert all(labels.ids.min(initial=0) >= 0 for clip in clips for kind in clip.labels.values() for labels in kind.values())
