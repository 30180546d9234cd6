"""The attackers on voices: what they read is safe, and they do tell voices apart."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import numpy as np
import pytest

from benchmarks.speakers import RATE, Cepstrum, mel_filters, read_checkpoint
from benchmarks.voices import SHIFT, WARPS, recognised, shifted, untouched
from tests.voices.speaking import speech


def voices() -> dict[str, list[np.ndarray]]:
    """Four throats of different sizes, seven clips each."""
    kinds = ((110, 0.9), (120, 1.0), (200, 1.1), (220, 1.2))
    return {
        f"{pitch}": [speech(2, RATE, pitch=pitch, size=size, seed=100 * pitch + clip) for clip in range(7)] for pitch, size in kinds
    }


def test_untreated_voices_are_told_apart() -> None:
    assert recognised(voices(), Cepstrum(), learned=untouched, heard=untouched) > 0.8


def test_an_attacker_who_undoes_a_constant_shift_wins_back_what_it_took() -> None:
    said = voices()
    fooled = recognised(said, Cepstrum(), learned=untouched, heard=shifted)
    undone = recognised(said, Cepstrum(), learned=untouched, heard=shifted, warps=WARPS)
    assert min(WARPS) < SHIFT < max(WARPS)
    assert undone > fooled


@pytest.mark.parametrize("slaney", [False, True])
def test_every_filter_hears_something(slaney: bool) -> None:
    rows = mel_filters(40, 0, RATE / 2, slaney=slaney)
    assert rows.shape == (40, 201)
    assert (rows >= 0).all()
    assert (rows[4:].sum(axis=1) > 0).all()


class Evil:
    """Runs a command when it is unpickled."""

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, ("true",)


def test_a_checkpoint_that_would_run_something_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "evil.pt"
    path.write_bytes(b"".join(pickle.dumps(part) for part in (1, 2, 3, Evil())))
    with pytest.raises(pickle.UnpicklingError, match="not expected"):
        read_checkpoint(path)
