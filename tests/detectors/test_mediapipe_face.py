from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from proxy.detectors.mediapipe_face import MediapipeFace
from proxy.detectors.weights import ModelStore
from proxy.errors import DetectorError, ModelError
from proxy.media.formats import VideoFormat
from proxy.media.planes import Planes


@pytest.fixture
def detector() -> Iterator[MediapipeFace]:
    detector = MediapipeFace(ModelStore.open().load("blazeface-full-range"), name="blazeface", min_score=0.4)
    yield detector
    detector.close()


def _black(width: int, height: int) -> Planes:
    shape = VideoFormat(width, height)
    return Planes.of_buffer(np.zeros(shape.buffer_shape, np.uint8), shape)


@pytest.mark.parametrize(("width", "height"), [(2, 2), (4096, 2), (1920, 1080), (1080, 1920)])
def test_nobody_is_found_in_a_black_picture_of_any_shape(detector: MediapipeFace, width: int, height: int) -> None:
    assert len(detector.detect(_black(width, height))) == 0


def test_nothing_is_written_to_standard_error(capfd: pytest.CaptureFixture[str]) -> None:
    detector = MediapipeFace(ModelStore.open().load("blazeface-full-range"), name="blazeface", min_score=0.4)
    detector.detect(_black(64, 64))
    detector.close()
    assert capfd.readouterr().err == ""


def test_bytes_that_are_no_network_are_a_clear_error() -> None:
    with pytest.raises(ModelError, match="model junk cannot be read") as caught:
        MediapipeFace(b"junk", name="junk", min_score=0.4)
    assert "\n" not in caught.value.message


def test_boxes_that_are_no_numbers_are_a_failure(detector: MediapipeFace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detector, "_find", lambda _: (np.full((1, 4), np.nan, np.float32), np.ones(1, np.float32)))
    with pytest.raises(DetectorError, match="no numbers"):
        detector.detect(_black(64, 64))


def test_after_close_looking_is_a_failure_and_closing_again_is_harmless(detector: MediapipeFace) -> None:
    detector.close()
    detector.close()
    with pytest.raises(DetectorError, match="closed"):
        detector.detect(_black(64, 64))
