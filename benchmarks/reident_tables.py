"""Tables and plots of attacks; figures only, never a picture of anybody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import cast

Rows = Sequence[Mapping[str, object]]


def markdown(rows: Rows) -> str:
    """One table for each attack: methods down, sizes across. Above chance is bold."""
    parts = []
    for attack in _distinct(row["attack"] for row in rows):
        mine = [row for row in rows if row["attack"] == attack]
        columns = _distinct(_column(row) for row in mine)
        lines = [f"| method | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
        for method in _distinct(row["method"] for row in mine):
            cells = {_column(row): _cell(row) for row in mine if row["method"] == method}
            lines.append(f"| {method} | {' | '.join(cells.get(column, '–') for column in columns)} |")
        parts.append(f"## {attack}\n\n{_note(mine[0])}" + "\n".join(lines) + "\n")
    return "\n".join(parts)


def _distinct(values: Iterable[object]) -> list[str]:
    return list(dict.fromkeys(str(value) for value in values))


def _column(row: Mapping[str, object]) -> str:
    size = f"{row['head_px']} px" if "head_px" in row else ""
    frames = f"{row['frames']} frames" if "frames" in row else ""
    return ", ".join(part for part in (str(row.get("of", "")), size, frames) if part) or "value"


def _note(row: Mapping[str, object]) -> str:
    if "rank1" not in row:
        return ""
    low, high = _pair(row["chance_interval"])
    return (
        f"Rank 1 with its 95 % interval / rank 5, of {row['tries']}; guessing gets {row['chance']}, "
        f"and {low}–{high} in 95 of 100 cases; more is bold.\n\n"
    )


def _cell(row: Mapping[str, object]) -> str:
    if "rank1" not in row:
        return str(row["value"])
    low, high = _pair(row["rank1_interval"])
    rank1 = f"{row['rank1']:.3f}"
    return f"{f'**{rank1}**' if row['above_chance'] else rank1} ({low:.3f}–{high:.3f}) / {row['rank5']:.3f}"


def _pair(values: object) -> tuple[float, float]:
    low, high = cast("list[float]", values)
    return low, high


def plot(rows: Rows, path: Path) -> None:
    """Rank 1 over size (or frames), one field for each attack, one line for each method, and what guessing gets in grey."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    ranked = [row for row in rows if "rank1" in row]
    fields = _distinct(_field(row) for row in ranked)
    if not fields:
        return
    across = min(3, len(fields))
    down = -(-len(fields) // across)
    figure, axes = plt.subplots(down, across, figsize=(4.4 * across, 3.2 * down), squeeze=False, layout="constrained")
    methods = _distinct(row["method"] for row in ranked)
    for axis, name in zip(axes.flat, fields, strict=False):
        mine = [row for row in ranked if _field(row) == name]
        axis.axhspan(*_pair(mine[0]["chance_interval"]), color="0.85", label="guessing")
        for number, method in enumerate(methods):
            points = sorted((_place(row), float(str(row["rank1"]))) for row in mine if row["method"] == method)
            style = {"linewidth": 2.5} if method in ("silhouette", "solid") else {"linestyle": "--"}
            axis.plot(*zip(*points, strict=True) if points else ([], []), marker="o", color=f"C{number}", label=method, **style)
        axis.set(title=name, xscale="log", yscale="symlog", ylim=(0, 1.05))
        axis.set_yscale("symlog", linthresh=0.02)
        axis.set_xticks(*zip(*sorted({(_place(row), str(_place(row))) for row in mine}), strict=True), minor=False)
        axis.minorticks_off()
        axis.set_yticks([0, 0.016, 0.05, 0.1, 0.3, 1], ["0", ".016", ".05", ".1", ".3", "1"])
    for axis in axes.flat[len(fields) :]:
        axis.set_axis_off()
    figure.legend(*axes[0, 0].get_legend_handles_labels(), fontsize=8, loc="outside right upper")
    figure.supylabel("rank 1")
    figure.savefig(path, dpi=80)
    plt.close(figure)


def _field(row: Mapping[str, object]) -> str:
    return f"{row['attack']}, {row['head_px']} px" if "frames" in row else str(row["attack"])


def _place(row: Mapping[str, object]) -> int:
    return int(str(row.get("frames", row.get("head_px", 1))))
