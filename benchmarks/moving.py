"""Attacks on moving pictures of hidden heads: frames fused, then recognised."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from benchmarks.chance import Score, nearest, ranks
from benchmarks.fusion import fused
from benchmarks.heads import ROOM, People, Row, chips
from benchmarks.hiders import hiders
from benchmarks.people import chip_box, crop
from benchmarks.recogniser import SIDE, Recogniser
from proxy.media.time import TICKS_PER_SECOND

FRAMES: Final = (1, 10, 50, 250)


def watched(people: People, recogniser: Recogniser, sizes: Sequence[int], methods: Sequence[str], films: int) -> Iterator[Row]:
    """Rows of recognition after each number of frames, of so many ``films`` of everybody.

    They are compared with the clear photographs that the attacker has, and with these hidden in the same way, one frame of each.
    """
    known = np.flatnonzero(people.known)
    owner = people.person[known]
    clear = recogniser.embed([crop(people.photos[at].image, chip_box(people.photos[at].face), (SIDE, SIDE)) for at in known])
    nth = np.array([(people.person[:index] == people.person[index]).sum() for index in range(len(people.person))])
    first = len(known) // people.count
    chosen = np.flatnonzero((nth >= first) & (nth < first + films))
    for head_px in sizes:
        stills = [people.photos[at].cut_out(ROOM).shown_at(head_px) for at in known]
        for method in methods:
            print(f"moving: {method} at {head_px} px", file=sys.stderr, flush=True)
            hider = hiders()[method]()
            parrot = recogniser.embed(
                chips(
                    [
                        hider.hide(still, pts=index * TICKS_PER_SECOND, track=len(people.photos) + index)
                        for index, still in enumerate(stills)
                    ]
                )
            )
            shown = [fused(hider, people.photos[index], head_px, FRAMES, track=int(index)) for index in chosen]
            for frames in FRAMES:
                points = recogniser.embed([film[frames] for film in shown])
                for gallery, name in ((clear, "clear"), (parrot, "parrot")):
                    ranked = ranks(nearest(points, gallery, owner), people.person[chosen])
                    row = {"method": method, "head_px": head_px, "frames": frames, "attack": f"fused, {name} gallery"}
                    yield row | Score.of(ranked, people.count).figures()
