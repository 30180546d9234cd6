"""Attacks on single pictures of hidden heads: recognising, learning, undoing."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.attacks import box_kernel, gaussian, learned, looked_up, outlines, pixels, sharpened, surroundings
from benchmarks.chance import Score, nearest, ranks
from benchmarks.hiders import GAUSSIAN_SIGMA, WEAK, Hidden, hiders
from benchmarks.people import Photo, chip_box, crop, of_people
from benchmarks.recogniser import SIDE, Recogniser
from proxy.media.time import TICKS_PER_SECOND
from proxy.redactors.blur import PERCENT

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]
I64 = NDArray[np.int64]
Row = dict[str, object]

ROOM: Final = 1.0
"""What is kept of a photograph around the face, in sizes of it: masks lie inside it as they do in a wide picture."""
DISTANCE: Final = (0.8, 1.25)
"""Heads are between so many times the size asked for: nobody outside knows how far away somebody stood."""


@dataclass(frozen=True, slots=True)
class People:
    """Photographs, and which of them the attacker has in clear: the first half of everybody's."""

    photos: list[Photo]
    person: I64
    known: NDArray[np.bool_]

    @classmethod
    def of(cls, photos: list[Photo]) -> People:
        """From photographs, person after person."""
        person = of_people(photos)
        nth = np.array([(person[:index] == person[index]).sum() for index in range(len(person))])
        return cls(photos, person, nth < max(1, np.bincount(person).min() // 2))

    @property
    def count(self) -> int:
        """How many people there are."""
        return int(self.person.max()) + 1

    def shown_at(self, head_px: int) -> list[Photo]:
        """Every photograph with a head of about that height."""
        distances = np.random.default_rng(head_px).uniform(*DISTANCE, len(self.photos))
        return [photo.cut_out(ROOM).shown_at(head_px * float(by)) for photo, by in zip(self.photos, distances, strict=True)]


def chips(hidden: Sequence[Hidden]) -> list[U8]:
    """What the recogniser looks at, as the mask shows where the face is."""
    return [crop(one.image, chip_box(one.face), (SIDE, SIDE)) for one in hidden]


def recognised(people: People, recogniser: Recogniser, sizes: Sequence[int], methods: Sequence[str]) -> Iterator[Row]:
    """Rows of every attack on every method at every size."""
    originals = [crop(photo.image, chip_box(photo.face), (SIDE, SIDE)) for photo in people.photos]
    clear = recogniser.embed(originals)
    for head_px in sizes:
        photos = people.shown_at(head_px)
        for method in methods:
            print(f"heads: {method} at {head_px} px", file=sys.stderr, flush=True)
            hider = hiders()[method]()
            hidden = [hider.hide(photo, pts=index * TICKS_PER_SECOND, track=index) for index, photo in enumerate(photos)]
            for attack, ranked in _attacks(people, recogniser, method, hidden, originals, clear):
                yield {"method": method, "head_px": head_px, "attack": attack} | Score.of(ranked, people.count).figures()


def _attacks(
    people: People, recogniser: Recogniser, method: str, hidden: list[Hidden], originals: list[U8], clear: F32
) -> Iterator[tuple[str, I64]]:
    known, person = people.known, people.person
    seen = chips(hidden)
    points = recogniser.embed(seen)

    def against(probes: F32, gallery: F32) -> I64:
        return ranks(nearest(probes, gallery[known], person[known]), person[~known])

    yield "clear gallery", against(points[~known], clear)
    yield "parrot gallery", against(points[~known], points)
    yield "learned, mask only", ranks(learned(pixels(hidden), person), person)
    yield "learned, with surroundings", ranks(learned(surroundings(hidden), person), person)
    yield "learned, outline only", ranks(learned(outlines(hidden), person), person)
    chosen = np.flatnonzero(known)
    guessed = looked_up(
        [seen[index] for index in np.flatnonzero(~known)],
        [seen[index] for index in chosen],
        [originals[index] for index in chosen],
    )
    yield "patch lookup", against(recogniser.embed(guessed), clear)
    undone = [_undone(method, hidden[index]) for index in np.flatnonzero(~known)]
    if undone and undone[0] is not None:
        yield "deconvolution", against(recogniser.embed(chips([one for one in undone if one is not None])), clear)


def _undone(method: str, hidden: Hidden) -> Hidden | None:
    """``hidden`` with the blur of ``method`` undone; ``None`` when it is no blur."""
    width, height = hidden.box[2:] - hidden.box[:2]
    kernels = {
        "blur": lambda: gaussian(PERCENT / 100 * width),
        "deface": lambda: box_kernel(int(height) // 2, int(width) // 2),
        "gauss-99px": lambda: gaussian(GAUSSIAN_SIGMA),
        "weak-blur": lambda: gaussian(max((hidden.face[2] - hidden.face[0]) * WEAK, 0.3)),
    }
    if method not in kernels:
        return None
    return Hidden(sharpened(hidden.image, hidden.box, kernels[method]()), hidden.box, hidden.face)
