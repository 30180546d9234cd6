"""One clip through one tool: what its output still shows of every label."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.detail import Picture, compare
from benchmarks.footage import Clip, pictures
from benchmarks.journal import Journal, inside
from benchmarks.linking import link
from benchmarks.tally import Judged
from benchmarks.tools import Tool, ToolFailed


@dataclass(slots=True)
class Verdict:
    """What one tool made of one clip.

    Attributes:
        judged: labels by kind.
        hidden: share of the picture that the output does not show, per judged frame, measured on pixels.
        painted: the same from the tool's journal; empty without one.
        frames_in: frames decoded from the input, ``frames_out`` from the output.
        seconds: wall time of the command with start-up.
    """

    clip: str
    judged: dict[str, Judged] = field(default_factory=dict)
    hidden: list[float] = field(default_factory=list)
    painted: list[float] = field(default_factory=list)
    frames_in: int = 0
    frames_out: int = 0
    seconds: float = 0.0


class Nearest:
    """The frames of a video by time, asked in order; some tools write more frames than they read."""

    def __init__(self, frames: Iterator[tuple[float, Picture]]) -> None:
        self._frames = frames
        self._count = 0
        first = self._take()
        if first is None:
            raise ToolFailed("the output holds no picture")
        self._now, self._next = first, self._take()

    def at(self, seconds: float) -> Picture:
        """The picture whose time is nearest to ``seconds``, which never goes back."""
        while self._next is not None and abs(self._next[0] - seconds) <= abs(self._now[0] - seconds):
            self._now, self._next = self._next, self._take()
        return self._now[1]

    def count_all(self) -> int:
        """How many frames there are, those never asked for included."""
        while self._take() is not None:
            pass
        return self._count

    def _take(self) -> tuple[float, Picture] | None:
        taken = next(self._frames, None)
        self._count += taken is not None
        return taken


def judge(tool: Tool, clip: Clip, folder: Path) -> Verdict:
    """Run ``tool`` on ``clip`` and compare every labelled frame of the input with the output's frame nearest in time."""
    run = tool.run(clip.path, folder)
    verdict = Verdict(clip.name, seconds=run.seconds)
    ids = {kind: link(frames) for kind, frames in clip.labels.items()}
    rows: dict[str, list[tuple[np.ndarray, ...]]] = defaultdict(list)
    wanted = set().union(*clip.labels.values()) if clip.labels else None
    journal = None if run.journal is None else Journal(run.journal)
    output = Nearest(pictures(run.output))
    for frame, (seconds, before) in enumerate(pictures(clip.path)):
        after = output.at(seconds)
        verdict.frames_in += 1
        if wanted is not None and frame not in wanted:
            continue
        kinds = [kind for kind, frames in clip.labels.items() if frame in frames]
        boxes = [clip.labels[kind][frame].xyxy for kind in kinds]
        shown = compare(before, after, np.concatenate([*boxes, np.empty((0, 4))]))
        verdict.hidden.append(shown.hidden_share())
        painted = None if journal is None else journal.painted(frame, before.y.shape[1], before.y.shape[0])
        if painted is not None:
            verdict.painted.append(float(painted.mean()))
        for kind, xyxy in zip(kinds, boxes, strict=True):
            said = np.full(len(xyxy), np.nan) if painted is None else inside(painted, xyxy)
            rows[kind].append((np.full(len(xyxy), frame), ids[kind][frame], xyxy[:, 3] - xyxy[:, 1], shown.shares(xyxy), said))
    verdict.frames_out = output.count_all()
    verdict.judged = {kind: Judged(*(np.concatenate(column) for column in zip(*some, strict=True))) for kind, some in rows.items()}
    return verdict
