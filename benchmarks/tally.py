"""Figures from judged labels: covered by size, and what became of every person over time."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.detail import EXPOSED_SHARE

SIZES: Final = {"face": (16, 24, 32, 48, 96), "head": (16, 24, 32, 48, 96), "person": (64, 128, 256, 512)}
"""Limits between size classes, height of the box in pixels."""


@dataclass(frozen=True, slots=True)
class Judged:
    """N labels of one kind in one clip: frame, person's id, height of the box in pixels, share of the box still shown.

    ``painted`` is the share that the tool says it painted, NaN when it says nothing.
    """

    frame: NDArray[np.int64]
    person: NDArray[np.int64]
    height: NDArray[np.float64]
    shown: NDArray[np.float32]
    painted: NDArray[np.float32]

    @property
    def exposed(self) -> NDArray[np.bool_]:
        """``(N,)`` more of the box is shown than may be."""
        return self.shown > EXPOSED_SHARE


@dataclass(frozen=True, slots=True)
class Track:
    """One person: labelled frames, exposed ones, frames before the first covered one, the longest exposure, gaps in the cover."""

    frames: int
    exposed: int
    until_covered: int
    longest: int
    flicker: int


def by_size(kind: str, judged: list[Judged]) -> dict[str, dict[str, float]]:
    """Per size class and over ``all``: how many labels, and which share of them is covered."""
    height = np.concatenate([some.height for some in judged])
    covered = ~np.concatenate([some.exposed for some in judged])
    limits = (0, *SIZES[kind], np.inf)
    table = {"all": _share(covered)}
    for low, high in pairwise(limits):
        mine = (height >= low) & (height < high)
        if mine.any():
            table[f"{low:g}–{high:g} px" if np.isfinite(high) else f"from {low:g} px"] = _share(covered[mine])
    return table


def by_journal(judged: list[Judged]) -> float | None:
    """The share of labels that the tool says it painted to at least four fifths; ``None`` when it says nothing."""
    painted = np.concatenate([some.painted for some in judged])
    if not len(painted) or np.isnan(painted).any():
        return None
    return round(float((painted >= 1 - EXPOSED_SHARE).mean()), 4)


def _share(covered: NDArray[np.bool_]) -> dict[str, float]:
    return {"labels": len(covered), "covered": round(float(covered.mean()), 4) if len(covered) else 1.0}


def tracks(judged: Judged) -> list[Track]:
    """What became of each person, in the order of the frames in which it is labelled."""
    found = []
    for person in np.unique(judged.person):
        mine = judged.person == person
        order = np.argsort(judged.frame[mine], kind="stable")
        found.append(track(judged.exposed[mine][order]))
    return found


def track(exposed: NDArray[np.bool_]) -> Track:
    """The figures of one person from ``(N,)`` exposed or not, frame after frame."""
    edges = np.diff(np.concatenate([[0], exposed.astype(np.int8), [0]]))
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    return Track(
        frames=len(exposed),
        exposed=int(exposed.sum()),
        until_covered=int(np.argmin(exposed)) if not exposed.all() else len(exposed),
        longest=int((ends - starts).max()) if len(starts) else 0,
        flicker=int(((starts > 0) & (ends < len(exposed))).sum()),
    )


def people(found: list[Track]) -> dict[str, float]:
    """The same over many persons."""
    if not found:
        return {"people": 0}
    columns = {key: np.array([asdict(one)[key] for one in found]) for key in asdict(found[0])}
    return {
        "people": len(found),
        "ever_exposed": int((columns["exposed"] > 0).sum()),
        "never_covered": int((columns["until_covered"] == columns["frames"]).sum()),
        "frames_until_covered_mean": round(float(columns["until_covered"].mean()), 3),
        "frames_until_covered_max": int(columns["until_covered"].max()),
        "longest_exposure_frames": int(columns["longest"].max()),
        "exposed_frames": int(columns["exposed"].sum()),
        "flicker": int(columns["flicker"].sum()),
    }
