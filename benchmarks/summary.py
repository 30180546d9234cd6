"""Verdicts into figures, and figures into tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from benchmarks.judge import Verdict
from benchmarks.tally import Judged, by_journal, by_size, people, tracks

GOALS: Final = {
    ("escalator", "head"): "≥ .98 at ≤ .45 area",
    ("escalator", "person"): "≥ .95",
    ("faces_dense", "face"): "≥ .96",
    ("faces_small", "face"): "≥ .97",
    ("persons_1080p", "person"): "≥ .95",
    ("track_crossing", "person"): "0 exposed",
    ("samples", "face"): "0 exposed",
    ("samples", "head"): "0 exposed",
    ("samples", "person"): "0 exposed",
    ("nobody", ""): "≤ .02 area",
}

Figures = dict[str, Any]


def figures(verdicts: Sequence[Verdict]) -> Figures:
    """One tool's figures for the clips of one set."""
    frames, seconds = sum(verdict.frames_in for verdict in verdicts), sum(verdict.seconds for verdict in verdicts)
    hidden = np.array([share for verdict in verdicts for share in verdict.hidden])
    painted = np.array([share for verdict in verdicts for share in verdict.painted])
    kinds = sorted({kind for verdict in verdicts for kind in verdict.judged})
    return {
        "frames_in": frames,
        "frames_out": sum(verdict.frames_out for verdict in verdicts),
        "frames_per_second": round(frames / seconds, 2) if seconds else None,
        "hidden_area": _mean(hidden),
        "painted_area": _mean(painted),
        "kinds": {kind: _kind(kind, [verdict.judged[kind] for verdict in verdicts if kind in verdict.judged]) for kind in kinds},
        "clips": {verdict.clip: _clip(verdict) for verdict in verdicts},
    }


def _kind(kind: str, judged: list[Judged]) -> Figures:
    return {
        "by_size": by_size(kind, judged),
        "covered_by_journal": by_journal(judged),
        "people": people([track for some in judged for track in tracks(some)]),
    }


def _clip(verdict: Verdict) -> Figures:
    return {
        "frames_in": verdict.frames_in,
        "frames_out": verdict.frames_out,
        "seconds": round(verdict.seconds, 2),
        "hidden_area": _mean(np.array(verdict.hidden)),
        "exposed": {kind: int(judged.exposed.sum()) for kind, judged in verdict.judged.items()},
    }


def _mean(values: np.ndarray) -> float | None:
    return round(float(values.mean()), 4) if len(values) else None


def markdown(results: dict[str, dict[str, Figures]]) -> str:
    """``results[set][tool]`` as three tables: the goals, sizes, people."""
    return "\n\n".join([_overview(results), _sizes(results), _people(results)]) + "\n"


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join("–" if cell is None else str(cell) for cell in line) + " |" for line in lines)


def _overview(results: dict[str, dict[str, Figures]]) -> str:
    rows = []
    for name, tools in results.items():
        for tool, found in tools.items():
            shared = [
                found["hidden_area"],
                found["painted_area"],
                found["frames_in"],
                found["frames_out"],
                found["frames_per_second"],
            ]
            for kind, of_kind in found["kinds"].items() or {"": None}.items():
                total = of_kind["by_size"]["all"] if of_kind else {"labels": 0, "covered": None}
                exposed = of_kind["people"]["exposed_frames"] if of_kind else None
                said = of_kind["covered_by_journal"] if of_kind else None
                rows.append([name, kind, tool, total["labels"], total["covered"], said, exposed, GOALS.get((name, kind)), *shared])
    head = [
        "set",
        "kind",
        "tool",
        "labels",
        "covered",
        "journal",
        "exposed",
        "goal",
        "hidden area",
        "painted area",
        "in",
        "out",
        "frames/s",
    ]
    return "## Covered\n\n" + _table(head, rows)


def _sizes(results: dict[str, dict[str, Figures]]) -> str:
    rows = [
        [name, kind, tool, size, share["labels"], share["covered"]]
        for name, tools in results.items()
        for tool, found in tools.items()
        for kind, of_kind in found["kinds"].items()
        for size, share in of_kind["by_size"].items()
        if size != "all"
    ]
    return "## By height of the box\n\n" + _table(["set", "kind", "tool", "height", "labels", "covered"], rows)


def _people(results: dict[str, dict[str, Figures]]) -> str:
    keys = [
        "people",
        "ever_exposed",
        "never_covered",
        "frames_until_covered_mean",
        "frames_until_covered_max",
        "longest_exposure_frames",
        "flicker",
    ]
    rows = [
        [name, kind, tool, *(of_kind["people"].get(key) for key in keys)]
        for name, tools in results.items()
        for tool, found in tools.items()
        for kind, of_kind in found["kinds"].items()
    ]
    return "## Per person\n\n" + _table(["set", "kind", "tool", *(key.replace("_", " ") for key in keys)], rows)
