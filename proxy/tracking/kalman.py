"""A constant-velocity Kalman filter over many boxes at once.

R. E. Kalman, "A New Approach to Linear Filtering and Prediction Problems", 1960; used on boxes as in A. Bewley et al.,
"Simple Online and Realtime Tracking", 2016 (SORT), and Y. Zhang et al., "ByteTrack", 2022.

The state of a box is (cx, cy, ln w, ln h) and its rates. Process noise is white acceleration, measurement noise is independent
in each coordinate, so the covariance never couples two coordinates: the filter is four filters of two states, in closed form
over columns. All lengths scale with the box's size, so that far and near people obey the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from proxy.tracking.rules import Movement

F64 = NDArray[np.float64]

LARGEST_SIZE_RATE = 2.0
"""Bound on the rate of ln w and ln h, per second: people do not grow e² times in a second, boxes do."""


@dataclass(frozen=True, slots=True)
class Motion:
    """N moving boxes.

    Attributes:
        place: ``(N, 4)`` float64: cx, cy in pixels, ln w, ln h.
        rate: ``(N, 4)`` float64, change of ``place`` per second.
        place_var: ``(N, 4)`` variance of ``place``.
        cross_var: ``(N, 4)`` covariance of ``place`` and ``rate``.
        rate_var: ``(N, 4)`` variance of ``rate``.
    """

    place: F64
    rate: F64
    place_var: F64
    cross_var: F64
    rate_var: F64

    def __len__(self) -> int:
        return len(self.place)

    @classmethod
    def started(cls, xyxy: F64, movement: Movement) -> Motion:
        """Boxes seen for the first time, standing still as far as anybody knows; ``xyxy`` is ``(N, 4)`` pixels."""
        place = to_place(xyxy)
        scale = _scale(place)
        return cls(
            place,
            np.zeros_like(place),
            (movement.jitter * scale) ** 2,
            np.zeros_like(place),
            (movement.speed * scale * _RATE_SHARE) ** 2,
        )

    def predicted(self, seconds: F64, movement: Movement) -> Motion:
        """Each box ``seconds`` ``(N,)`` later: x' = F x, P' = F P Fᵀ + Q with Q of white acceleration."""
        dt = seconds[:, None]
        noise = (movement.acceleration * _scale(self.place) * _RATE_SHARE) ** 2
        return Motion(
            self.place + dt * self.rate,
            self.rate,
            self.place_var + 2 * dt * self.cross_var + dt**2 * self.rate_var + noise * dt**3 / 3,
            self.cross_var + dt * self.rate_var + noise * dt**2 / 2,
            self.rate_var + noise * dt,
        )

    def updated(self, xyxy: F64, movement: Movement) -> Motion:
        """Each box after it was seen at ``xyxy`` ``(N, 4)``: K = P Hᵀ (H P Hᵀ + R)⁻¹, x' = x + K (z - H x), P' = (I - K H) P."""
        measured = to_place(xyxy)
        spread = self.place_var + (movement.jitter * _scale(measured)) ** 2
        gain, rate_gain = self.place_var / spread, self.cross_var / spread
        surprise = measured - self.place
        rate = self.rate + rate_gain * surprise
        rate[:, 2:] = np.clip(rate[:, 2:], -LARGEST_SIZE_RATE, LARGEST_SIZE_RATE)
        return Motion(
            self.place + gain * surprise,
            rate,
            (1 - gain) * self.place_var,
            (1 - gain) * self.cross_var,
            self.rate_var - rate_gain * self.cross_var,
        )

    def where(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> Motion:
        """The rows that a boolean mask or an index array selects."""
        return Motion(self.place[rows], self.rate[rows], self.place_var[rows], self.cross_var[rows], self.rate_var[rows])

    def joined(self, other: Motion) -> Motion:
        """These boxes, then the other's."""
        return Motion(
            np.concatenate([self.place, other.place]),
            np.concatenate([self.rate, other.rate]),
            np.concatenate([self.place_var, other.place_var]),
            np.concatenate([self.cross_var, other.cross_var]),
            np.concatenate([self.rate_var, other.rate_var]),
        )

    def replaced(self, rows: NDArray[np.intp], other: Motion) -> Motion:
        """These boxes with ``rows`` taken from ``other``, in order."""
        columns = [
            (self.place.copy(), other.place),
            (self.rate.copy(), other.rate),
            (self.place_var.copy(), other.place_var),
            (self.cross_var.copy(), other.cross_var),
            (self.rate_var.copy(), other.rate_var),
        ]
        for column, values in columns:
            column[rows] = values
        return Motion(*(column for column, _ in columns))

    @property
    def xyxy(self) -> F64:
        """``(N, 4)`` pixels."""
        return to_xyxy(self.place)

    @property
    def drift(self) -> F64:
        """``(N,)`` standard deviation of the centre, in sizes."""
        drift: F64 = np.sqrt(self.place_var[:, :2].max(axis=1, initial=0.0)) / np.exp(self.place[:, 2:].mean(axis=1))
        return drift


_RATE_SHARE = np.array([1.0, 1.0, 0.25, 0.25])
"""People walk faster than they grow: the rates of ln w and ln h are a quarter of those of the centre."""


def to_place(xyxy: F64) -> F64:
    """``(N, 4)`` pixels as cx, cy, ln w, ln h; sides below one pixel count as one."""
    boxes = np.asarray(xyxy, np.float64)
    sides = np.maximum(boxes[:, 2:] - boxes[:, :2], 1.0)
    return np.concatenate([(boxes[:, :2] + boxes[:, 2:]) / 2, np.log(sides)], axis=1)


def to_xyxy(place: F64) -> F64:
    """``(N, 4)`` cx, cy, ln w, ln h as pixels."""
    half = np.exp(place[:, 2:]) / 2
    return np.concatenate([place[:, :2] - half, place[:, :2] + half], axis=1)


def _scale(place: F64) -> F64:
    """``(N, 4)``: what one size is worth in each coordinate: pixels for the centre, 2 for the logarithms of the sides."""
    size = np.exp(place[:, 2:].mean(axis=1))
    return np.stack([size, size, np.full_like(size, 2.0), np.full_like(size, 2.0)], axis=1)
