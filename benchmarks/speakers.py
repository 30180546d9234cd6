"""Who is speaking, guessed from sound in two ways: by mean cepstrum, and by a speaker encoder that was trained for it."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dct

RATE: Final = 16_000
_WINDOW, _HOP = 400, 160

F32 = NDArray[np.float32]


def mel_filters(bands: int, low_hz: float, high_hz: float, *, slaney: bool = False) -> F32:
    """``(bands, bins)`` triangles on the mel scale (HTK's, or Slaney's with its area normalisation) for windows of 25 ms."""
    bins = np.fft.rfftfreq(_WINDOW, 1 / RATE)
    to_mel, to_hz = (
        (_slaney_mel, _slaney_hz) if slaney else (lambda f: 2595 * np.log10(1 + f / 700), lambda m: 700 * (10 ** (m / 2595) - 1))
    )
    corners = to_hz(np.linspace(to_mel(np.array(low_hz)), to_mel(np.array(high_hz)), bands + 2))
    rising = (bins - corners[:-2, None]) / np.diff(corners)[:-1, None]
    falling = (corners[2:, None] - bins) / np.diff(corners)[1:, None]
    rows = np.maximum(0, np.minimum(rising, falling))
    return np.asarray(rows * (2 / (corners[2:] - corners[:-2]))[:, None] if slaney else rows, np.float32)


def _slaney_mel(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(hz < 1000, hz * 3 / 200, 15 + 27 * np.log(np.maximum(hz, 1) / 1000) / np.log(6.4))


def _slaney_hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp(np.log(6.4) * (mel - 15) / 27))


def spectrogram(sound: F32) -> F32:
    """``(frames, bins)`` power, 25 ms Hann windows every 10 ms, as far as centred windows reach."""
    padded = np.pad(sound, _WINDOW // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP]
    return np.asarray(np.abs(np.fft.rfft(frames * np.hanning(_WINDOW + 1)[:-1], axis=1)) ** 2, np.float32)


def voiced(sound: F32) -> F32:
    """Power spectra of the louder half of the frames: speech without its pauses."""
    power = spectrogram(sound)
    loudness = power.sum(axis=1)
    return power[loudness >= np.quantile(loudness, 0.5)]


class Cepstrum:
    """Mean and spread of 20 mel cepstra: a classic, and all that an untrained attacker needs against an untreated voice."""

    name = "mean cepstrum"

    def __init__(self) -> None:
        self._filters = mel_filters(40, 80, 7000)

    def embed(self, sound: F32, *, warp: float = 1.0) -> F32:
        """``(40,)`` float32; frequencies are divided by ``warp`` first, as somebody does who undoes a constant shift."""
        power = voiced(sound)
        bins = np.arange(power.shape[1])
        moved = np.array([np.interp(bins * warp, bins, row) for row in power]) if warp != 1 else power
        cepstra = dct(np.log(moved @ self._filters.T + 1e-8), axis=1, norm="ortho")[:, 1:21]
        return np.concatenate([cepstra.mean(axis=0), cepstra.std(axis=0)]).astype(np.float32)


class Encoder:
    """The GE2E speaker encoder of Resemblyzer (Apache-2.0), out of its wheel's ``pretrained.pt``, run in numpy."""

    name = "speaker encoder (GE2E)"

    def __init__(self, path: Path) -> None:
        weights = read_checkpoint(path)["model_state"]
        self._layers = [
            tuple(weights[f"lstm.{part}_l{layer}"] for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
            for layer in range(3)
        ]
        self._out = weights["linear.weight"], weights["linear.bias"]
        self._filters = mel_filters(40, 0, RATE / 2, slaney=True)

    def embed(self, sound: F32, *, warp: float = 1.0) -> F32:
        """``(256,)`` float32 of length 1: the mean over stretches of 1.6 s, loudness made equal first."""
        if warp != 1:
            sound = np.interp(np.arange(0, len(sound), 1 / warp), np.arange(len(sound)), sound).astype(np.float32)
        sound = sound * np.float32(10 ** (-30 / 20) / (np.sqrt(np.mean(sound**2)) + 1e-9))
        mel = spectrogram(sound) @ self._filters.T
        mel = np.pad(mel, ((0, max(0, 160 - len(mel))), (0, 0)), mode="wrap")
        stretches = np.stack([mel[begin : begin + 160] for begin in range(0, len(mel) - 159, 80)])
        embedded = self._embed(stretches).mean(axis=0)
        return np.asarray(embedded / np.linalg.norm(embedded), np.float32)

    def _embed(self, mel: F32) -> F32:
        """``(B, 256)`` of ``(B, 160, 40)``."""
        for weight_in, weight_own, bias_in, bias_own in self._layers:
            hidden = cell = np.zeros((len(mel), weight_own.shape[1]), np.float32)
            rows = mel @ weight_in.T + bias_in + bias_own
            out = []
            for step in range(rows.shape[1]):
                enter, forget, candidate, leave = np.split(rows[:, step] + hidden @ weight_own.T, 4, axis=1)
                cell = _sigmoid(forget) * cell + _sigmoid(enter) * np.tanh(candidate)
                hidden = _sigmoid(leave) * np.tanh(cell)
                out.append(hidden)
            mel = np.stack(out, axis=1)
        weight, bias = self._out
        raw = np.maximum(0, mel[:, -1] @ weight.T + bias)
        return np.asarray(raw / (np.linalg.norm(raw, axis=1, keepdims=True) + 1e-9), np.float32)


def _sigmoid(values: F32) -> F32:
    return np.asarray(1 / (1 + np.exp(-values)), np.float32)


def read_checkpoint(path: Path) -> dict[str, Any]:
    """What an early torch file holds (pickles, then each storage's count and its numbers), with arrays in place of tensors."""
    with path.open("rb") as file:
        for _ in range(3):
            _Reader(file).load()
        reader = _Reader(file)
        loaded = reader.load()
        for key in _Reader(file).load():
            count = int.from_bytes(file.read(8), "little")
            reader.storages[key][:] = np.frombuffer(file.read(count * reader.storages[key].itemsize), reader.storages[key].dtype)
    return dict(loaded)


class _Named(dict[str, Any]):
    """A dictionary that may have attributes, as those of torch do."""


class _Reader(pickle.Unpickler):
    """Reads arrays and plain containers, and refuses every other name."""

    def __init__(self, file: Any) -> None:
        super().__init__(file)
        self.storages: dict[str, NDArray[Any]] = {}

    def persistent_load(self, pid: Any) -> NDArray[Any]:
        _, kind, key, _, count, *_ = pid
        return self.storages.setdefault(key, np.zeros(count, kind))

    def find_class(self, module: str, name: str) -> Any:
        known = {
            ("torch", "FloatStorage"): np.float32,
            ("torch", "LongStorage"): np.int64,
            ("torch._utils", "_rebuild_tensor_v2"): _tensor,
            ("torch._utils", "_rebuild_parameter"): lambda data, *_: data,
            ("collections", "OrderedDict"): _Named,
        }
        if (module, name) not in known:
            raise pickle.UnpicklingError(f"{module}.{name} is not expected in a checkpoint")
        return known[module, name]


def _tensor(storage: NDArray[Any], offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_: object) -> NDArray[Any]:
    strides = tuple(step * storage.itemsize for step in stride)
    return np.lib.stride_tricks.as_strided(storage[offset:], size, strides)
