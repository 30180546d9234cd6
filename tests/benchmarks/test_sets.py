"""Labels are read as their files mean them."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np

from benchmarks.footage import BLANK, HELD
from benchmarks.sets import SETS


def _photograph(path: Path, width: int, height: int) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((height, width, 3), 90, np.uint8))
    return path.name


def test_frame_numbers_start_where_the_set_says(tmp_path: Path) -> None:
    (tmp_path / "track_crossing").mkdir()
    (tmp_path / "track_crossing" / "tracks.csv").write_text("frame,id,x,y,w,h\n1,4,10,20,5,6\n3,4,11,20,5,6\n")
    (clip,) = SETS["track_crossing"](tmp_path, tmp_path)
    assert sorted(clip.labels["person"]) == [0, 2]
    assert clip.labels["person"][0].xyxy.tolist() == [[10, 20, 15, 26]]
    assert clip.labels["person"][0].ids.tolist() == [4]


def test_photographs_of_a_size_share_a_video_and_every_held_frame_has_the_labels(tmp_path: Path) -> None:
    folder = tmp_path / "faces_dense"
    entries = [
        {
            "image": _photograph(folder / f"{name}.png", width, 60),
            "width": width,
            "height": 60,
            "boxes": [[1, 2, 3, 4]],
            "ignore": [],
        }
        for name, width in (("a", 100), ("b", 120), ("c", 200))
    ]
    (folder / "labels.json").write_text(json.dumps(entries))
    small, large = SETS["faces_dense"](tmp_path, tmp_path)
    assert sorted(small.labels["face"]) == [*range(HELD), *range(HELD + BLANK, 2 * HELD + BLANK)]
    assert sorted(large.labels["face"]) == list(range(HELD))
    assert small.labels["face"][0].xyxy.tolist() == [[1, 2, 4, 6]]
    assert small.labels["face"][0].ids.tolist() != small.labels["face"][HELD + BLANK].ids.tolist()


def test_persons_who_are_hardly_in_sight_are_not_judged(tmp_path: Path) -> None:
    folder = tmp_path / "persons_1080p"
    entry = {"image": _photograph(folder / "a.png", 64, 48), "width": 64, "height": 48, "boxes": [[1, 1, 9, 9], [2, 2, 9, 9]]}
    (folder / "s.json").write_text(json.dumps([entry | {"visibility": [0.29, 0.3], "ignore": []}]))
    (clip,) = SETS["persons_1080p"](tmp_path, tmp_path)
    assert clip.labels["person"][0].xyxy.tolist() == [[2, 2, 11, 11]]
