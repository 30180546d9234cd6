from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from proxy.detectors.ensemble import Ensemble
from proxy.errors import DetectorError
from proxy.media.formats import VideoFormat
from proxy.media.planes import Planes
from proxy.vision.detections import Detections, Label


def _black(width: int = 200, height: int = 100) -> Planes:
    shape = VideoFormat(width, height)
    return Planes.of_buffer(np.zeros(shape.buffer_shape, np.uint8), shape)


@dataclass
class Finds:
    """Finds the same things in whatever it is shown."""

    name: str
    found: Detections
    seen: list[tuple[int, ...]] = field(default_factory=list)

    def detect(self, planes: Planes) -> Detections:
        self.seen.append(planes.y.shape)
        return self.found


class Breaks:
    name = "breaks"

    def detect(self, planes: Planes) -> Detections:
        raise DetectorError("broken")


def _face(x: float, score: float, label: Label = Label.FACE) -> Detections:
    return Detections.of(np.float32([[x, 10, x + 20, 30]]), np.float32([score]), label)


def test_a_face_found_by_two_is_kept_once_with_the_better_score() -> None:
    found = Ensemble([Finds("a", _face(10, 0.5)), Finds("b", _face(12, 0.8)), Finds("c", _face(90, 0.3))])
    assert found.name == "a+b+c"
    assert found.detect(_black()).score.tolist() == pytest.approx([0.8, 0.3])


def test_a_body_never_hides_a_face() -> None:
    both = Ensemble([Finds("a", _face(10, 0.5)), Finds("b", _face(10, 0.8, Label.BODY))]).detect(_black())
    assert sorted(both.label.tolist()) == [Label.FACE, Label.BODY]


def test_one_broken_member_breaks_the_whole() -> None:
    with pytest.raises(DetectorError, match="broken"):
        Ensemble([Finds("a", _face(10, 0.5)), Breaks()]).detect(_black())


def test_nobody_found_by_anybody_is_nobody() -> None:
    assert len(Ensemble([Finds("a", Detections.empty()), Finds("b", Detections.empty())]).detect(_black())) == 0


def test_an_ensemble_of_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Ensemble([])
