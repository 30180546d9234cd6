"""Attacks on hidden heads that need no recogniser of their own: a classifier, and ways of undoing what hid them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.hiders import Hidden
from benchmarks.people import crop

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

PIXELS: Final = 24
"""Rows and columns of what the classifier sees of a hidden head: more than any method leaves."""
AROUND: Final = 0.25
"""What it sees beside the mask when it may look around, in sizes of the mask."""
FOLDS: Final = 3
COMPONENTS: Final = 60
LEAST_STRENGTH: Final = 0.02
"""Of the strongest component."""
LEAST_SPREAD: Final = 1e-3

WIENER_NOISE: Final = 1e-3
"""Power of the noise as a share of the signal's: 8 bits and some compression."""

PATCH: Final = 30
STEP: Final = 15
LOOKUP_SIDE: Final = 150


def pixels(hidden: Sequence[Hidden]) -> F32:
    """``(N, PIXELS² · 3)`` what left in place of each head: the mask's box cut out first, so that nothing beside it is mixed in."""
    rows = []
    for one in hidden:
        x1, y1, x2, y2 = np.rint(one.box).astype(int)
        rows.append(cv2.resize(one.image[y1:y2, x1:x2], (PIXELS, PIXELS), interpolation=cv2.INTER_AREA).reshape(-1))
    return np.array(rows, np.float32)


def surroundings(hidden: Sequence[Hidden]) -> F32:
    """``(N, PIXELS² · 3)`` the same with what is seen beside the mask: hair, clothes, the place."""
    rows = []
    for one in hidden:
        size = one.box[2:] - one.box[:2]
        box = one.box + AROUND * np.concatenate([-size, size])
        rows.append(crop(one.image, box, (PIXELS, PIXELS)).reshape(-1))
    return np.array(rows, np.float32)


def outlines(hidden: Sequence[Hidden]) -> F32:
    """``(N, 2)`` the mask's proportions and size: what is left when its pixels say nothing."""
    size = np.array([one.box[2:] - one.box[:2] for one in hidden])
    return np.stack([size[:, 0] / size[:, 1], size[:, 1]], axis=1).astype(np.float32)


def learned(features: F32, person: I64) -> F64:
    """``(N, people)`` what a classifier that saw two thirds of everybody's pictures says about the other third, each third once.

    Args:
        features: ``(N, D)``, person after person, of each equally many.
        person: ``(N,)`` whose they are, 0..people - 1.
    """
    from sklearn.svm import SVC

    people = int(person.max()) + 1
    scores = np.zeros((len(person), people))
    fold = np.array([(person[:index] == person[index]).sum() % FOLDS for index in range(len(person))])
    for held in range(FOLDS):
        seen = fold != held
        whiten = whitening(features[seen])
        machine = SVC(C=10, max_iter=20_000, random_state=0).fit(whiten(features[seen]), person[seen])
        scores[~seen] = _votes(machine.decision_function(whiten(features[~seen])), people)
    return scores


def _votes(decision: F64, people: int) -> F64:
    """``(N, people)``; of two people the machine gives one number, high for the second."""
    return decision if people > 2 else np.stack([-decision, decision], axis=1)


def whitening(features: F32) -> Callable[[F32], F64]:
    """What turns features into their principal components of equal strength, as far as ``features`` ``(N, D)`` hold any.

    Components that are hardly there are left out: enlarged to the strength of the others they would be noise, and blind the attack.
    """
    centre = features.mean(axis=0, dtype=np.float64)
    spread = features.std(axis=0, dtype=np.float64)
    spread[spread < LEAST_SPREAD] = np.inf
    _, strength, axes = np.linalg.svd((features - centre) / spread, full_matrices=False)
    kept = (strength > LEAST_STRENGTH * strength[0]) & (strength > 0) & (np.arange(len(strength)) < COMPONENTS)
    turn = axes[kept].T / strength[kept] * np.sqrt(len(features))

    def whiten(some: F32) -> F64:
        return np.asarray((some - centre) / spread @ turn, np.float64) if kept.any() else np.zeros((len(some), 1))

    return whiten


def gaussian(sigma: float) -> Callable[[int, int], F64]:
    """The kernel of a Gaussian of ``sigma`` pixels, for pictures of so many rows and columns, its middle at their middle."""

    def kernel(rows: int, columns: int) -> F64:
        down = np.exp(-0.5 * ((np.arange(rows) - rows // 2) / sigma) ** 2)
        across = np.exp(-0.5 * ((np.arange(columns) - columns // 2) / sigma) ** 2)
        whole = np.outer(down, across)
        return np.asarray(whole / whole.sum(), np.float64)

    return kernel


def box_kernel(height: int, width: int) -> Callable[[int, int], F64]:
    """The kernel of OpenCV's box blur."""

    def kernel(rows: int, columns: int) -> F64:
        whole = np.zeros((rows, columns))
        top, left = rows // 2 - height // 2, columns // 2 - width // 2
        whole[max(top, 0) : top + height, max(left, 0) : left + width] = 1
        return np.asarray(whole / whole.sum(), np.float64)

    return kernel


def sharpened(image: U8, box: F64, kernel: Callable[[int, int], F64], noise: float = WIENER_NOISE) -> U8:
    """``image`` with a known blur of ``box`` undone as well as noise allows (N. Wiener, 1949)."""
    result = image.copy()
    x1, y1, x2, y2 = np.rint(box).astype(int)
    part = image[y1:y2, x1:x2].astype(np.float64)
    room = max(part.shape[:2]) // 2
    padded = np.stack([np.pad(part[..., plane], room, mode="reflect") for plane in range(3)])
    mean = padded.mean(axis=(1, 2), keepdims=True)
    transfer = np.fft.rfft2(np.fft.ifftshift(kernel(*padded.shape[1:])))
    inverse = np.conj(transfer) / (np.abs(transfer) ** 2 + noise)
    undone = np.fft.irfft2(np.fft.rfft2(padded - mean) * inverse, s=padded.shape[1:]) + mean
    inner = undone[:, room : room + part.shape[0], room : room + part.shape[1]].transpose(1, 2, 0)
    result[y1:y2, x1:x2] = np.clip(np.rint(inner), 0, 255).astype(np.uint8)
    return result


def looked_up(chips: Sequence[U8], known_hidden: Sequence[U8], known_clear: Sequence[U8]) -> list[U8]:
    """Each hidden chip put together again from clear patches whose hidden look is the most like it, place by place.

    Args:
        chips: ``(150, 150, 3)`` hidden pictures.
        known_hidden, known_clear: the same of other pictures, of which the attacker has both.
    """
    side = LOOKUP_SIDE
    probes, hidden = (_features(some) for some in (chips, known_hidden))
    clear = np.array(known_clear, np.float32)
    weight = np.outer(*[np.hanning(PATCH + 2)[1:-1]] * 2)[..., None].astype(np.float32)
    result = np.zeros((len(chips), side, side, 3), np.float32)
    total = np.zeros((side, side, 1), np.float32)
    for y in range(0, side - PATCH + 1, STEP):
        for x in range(0, side - PATCH + 1, STEP):
            here = slice(y, y + PATCH), slice(x, x + PATCH)
            choice = _nearest(_context(probes, y, x), _context(hidden, y, x))
            result[:, here[0], here[1]] += clear[choice, here[0], here[1]] * weight
            total[here] += weight
    return list(np.clip(np.rint(result / total), 0, 255).astype(np.uint8))


def _features(chips: Sequence[U8]) -> F32:
    """``(N, 30, 30, 3)`` chips at a fifth of their size."""
    return np.array([cv2.resize(chip, (LOOKUP_SIDE // 5,) * 2, interpolation=cv2.INTER_AREA) for chip in chips], np.float32)


def _context(small: F32, y: int, x: int) -> F32:
    """``(N, D)`` what lies in and around the patch at ``y, x``."""
    room = PATCH // 2
    rows = slice(max(y - room, 0) // 5, (y + PATCH + room) // 5)
    columns = slice(max(x - room, 0) // 5, (x + PATCH + room) // 5)
    return small[:, rows, columns].reshape(len(small), -1)


def _nearest(probes: F32, known: F32) -> I64:
    squares = (known**2).sum(axis=1)[None] - 2 * probes @ known.T
    return np.asarray(squares.argmin(axis=1), np.int64)
