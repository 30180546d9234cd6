"""The recogniser is dlib's, weight for weight."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.recogniser import Recogniser, RecogniserMissing, tensors, weights


def _number(value: int) -> bytes:
    body = value.to_bytes((value.bit_length() + 7) // 8, "little")
    return bytes([len(body)]) + body


def _tensor(values: np.ndarray) -> bytes:
    sizes = (*values.shape, *(1,) * (4 - values.ndim))
    return b"\x01\x02" + b"".join(map(_number, sizes)) + values.astype("<f4").tobytes()


def test_tensors_are_found_among_everything_else() -> None:
    first, second = np.arange(300, dtype=np.float32), np.arange(256, dtype=np.float32).reshape(64, 4)
    data = b"con_4\x01\x02junk" + _tensor(first) + b"\x01\x02\x01\x07affine_" + _tensor(second) + _tensor(np.ones(3))
    found = tensors(data)
    assert [len(values) for values in found] == [300, 256]
    assert (found[0] == first).all()
    assert (found[1] == second.reshape(-1)).all()


@pytest.mark.parametrize("data", [b"", b"\x01\x02", b"\x01\x02\x02\x00", b"\x01\x02\x02\x00\x10\x01\x01\x01\x01\x01\x01abc"])
def test_a_file_that_ends_early_holds_nothing(data: bytes) -> None:
    assert tensors(data) == []


def test_it_answers_as_dlib_does() -> None:
    dlib = pytest.importorskip("dlib", reason="the extra bench is not installed")
    pytest.importorskip("onnx", reason="the extra bench is not installed")
    try:
        path = weights()
    except RecogniserMissing:
        pytest.skip("the extra bench is not installed")
    chips = [np.random.default_rng(seed).integers(0, 256, (150, 150, 3), np.uint8) for seed in range(2)]
    theirs = dlib.face_recognition_model_v1(str(path))
    for chip, ours in zip(chips, Recogniser().embed(chips), strict=True):
        rgb = np.ascontiguousarray(chip[..., ::-1])
        assert ours == pytest.approx(np.array(theirs.compute_face_descriptor(rgb, 0)), abs=1e-4)
