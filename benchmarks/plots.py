"""Plots of the figures; numbers only, never a picture of anybody."""

from __future__ import annotations

from pathlib import Path

from benchmarks.summary import Figures


def draw(results: dict[str, dict[str, Figures]], path: Path) -> None:
    """Covered share over size of the box, one field for each set and kind, one line for each tool."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    fields = [(name, kind) for name, tools in results.items() for kind in next(iter(tools.values()))["kinds"]]
    if not fields:
        return
    figure, axes = plt.subplots(len(fields), 1, figsize=(8, 2.3 * len(fields)), squeeze=False, layout="constrained")
    for axis, (name, kind) in zip(axes[:, 0], fields, strict=True):
        for number, (tool, found) in enumerate(results[name].items()):
            sizes = {size: share for size, share in found["kinds"][kind]["by_size"].items() if size != "all"}
            places = [index + 0.38 * number - 0.19 for index in range(len(sizes))]
            bars = axis.bar(places, [share["covered"] for share in sizes.values()], 0.36, label=tool)
            axis.bar_label(bars, fmt="%.2f", fontsize=7)
            axis.set_xticks(range(len(sizes)), [f"{size}\n{share['labels']}" for size, share in sizes.items()], fontsize=7)
        axis.set(title=f"{name}: {kind}s covered, by height of the box (below: labels)", ylim=(0, 1.12))
        axis.legend(fontsize=7, loc="lower right")
    figure.savefig(path, dpi=80)
    plt.close(figure)
