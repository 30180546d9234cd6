"""Whether hidden people can be recognised after all: attacks on the product's output and others' (``--help``).

Every method hides the same photographs of known people at several sizes, the product's through its own policy and gate; then
recognisers, classifiers and inversions are let loose on what left. Only figures and plots are written, never a picture.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import cv2

from benchmarks.bodies import followed
from benchmarks.heads import People, Row, recognised
from benchmarks.hiders import hiders
from benchmarks.machine import describe
from benchmarks.moving import watched
from benchmarks.people import Photo, load
from benchmarks.recogniser import Recogniser, RecogniserMissing
from benchmarks.reident_tables import markdown, plot
from benchmarks.seen import found
from benchmarks.tools import ToolFailed
from benchmarks.useful import usefulness
from proxy.errors import VeilcastError

RESULTS: Final = Path(__file__).parent / "results"
DATA_VARIABLE: Final = "VEILCAST_EVAL"
SIZES: Final = (24, 48, 96, 192)
PACKAGES: Final = ("dlib-bin", "face_recognition_models", "scikit-learn", "onnx")


def _heads(chosen: argparse.Namespace) -> Iterator[Row]:
    return recognised(People.of(_photos(chosen)), Recogniser(), chosen.sizes, chosen.methods)


def _moving(chosen: argparse.Namespace) -> Iterator[Row]:
    return watched(People.of(_photos(chosen)), Recogniser(), chosen.sizes, chosen.methods, chosen.films)


def _detection(chosen: argparse.Namespace) -> Iterator[Row]:
    return found(People.of(_photos(chosen)), chosen.sizes, chosen.methods, chosen.centerface)


def _bodies(chosen: argparse.Namespace) -> Iterator[Row]:
    return followed(chosen.data)


def _usefulness(chosen: argparse.Namespace) -> Iterator[Row]:
    return usefulness(chosen.data, chosen.methods)


def _photos(chosen: argparse.Namespace) -> list[Photo]:
    return load(chosen.data / "identities", people=chosen.people, photos=chosen.photos)


PARTS: Final[dict[str, tuple[Callable[[argparse.Namespace], Iterator[Row]], str]]] = {
    "heads": (_heads, "single pictures: recognition, learned classifier, patch lookup, deconvolution"),
    "moving": (_moving, "1, 10, 50 and 250 frames of a moving head, registered and averaged, then recognised"),
    "detection": (_detection, "whether face detectors find a face where one was hidden"),
    "bodies": (_bodies, "persons followed across frames by colours and looks, for each choice of targets"),
    "usefulness": (_usefulness, "persons still to be counted, the scene's likeness, bits"),
}


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    parts = "\n".join(f"  {name:10} {what}" for name, (_, what) in PARTS.items())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.reident",
        description=f"{__doc__}\nparts:\n{parts}\nmethods: {', '.join(hiders())}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--parts", default=",".join(PARTS), help="comma-separated; all unless told")
    parser.add_argument(
        "--data", type=Path, default=os.environ.get(DATA_VARIABLE), help=f"evaluation material; else ${DATA_VARIABLE}"
    )
    parser.add_argument("--methods", default=",".join(hiders()), help="comma-separated; all unless told")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="heights of heads in pixels")
    parser.add_argument("--people", type=int, default=62, help="how many of the people")
    parser.add_argument("--photos", type=int, default=12, help="how many photographs of each; the attacker knows the first half")
    parser.add_argument("--films", type=int, default=2, help="how many photographs of each become moving pictures")
    parser.add_argument("--centerface", type=Path, help="CenterFace as ONNX: the second of the detectors of 'detection'")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for figures, tables and plots")
    parser.add_argument("--name", default="reident", help="what their names begin with; the part's name follows")
    chosen = parser.parse_args(argv)
    if chosen.data is None:
        parser.error(f"say where the evaluation material is: --data DIR or ${DATA_VARIABLE}")
    chosen.data = Path(chosen.data)
    chosen.sizes = [int(size) for size in chosen.sizes.split(",")]
    for option, known in (("parts", PARTS), ("methods", hiders())):
        setattr(chosen, option, getattr(chosen, option).split(","))
        if unknown := sorted(set(getattr(chosen, option)) - set(known)):
            parser.error(f"no such {option}: {', '.join(unknown)}; there are {', '.join(known)}")
    if chosen.people < 2 or chosen.photos < 3:
        parser.error("two people with three photographs each are the least that can be told apart")
    return chosen


def write(folder: Path, name: str, header: dict[str, object], rows: list[Row]) -> None:
    """``NAME.json``, ``NAME.md`` and ``NAME.png``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps({**header, "rows": rows}, indent=1, ensure_ascii=False) + "\n")
    said = json.dumps(header, indent=1, ensure_ascii=False)
    (folder / f"{name}.md").write_text(f"# {name}\n\n```json\n{said}\n```\n\n{markdown(rows)}")
    plot(rows, folder / f"{name}.png")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def main(argv: Sequence[str]) -> int:
    """Attack, write, and print the tables."""
    chosen = _arguments(argv)
    cv2.setNumThreads(1)  # pictures are small: threads would only wait for one another
    try:
        for part in chosen.parts:
            header = describe() | {
                "when": datetime.now(UTC).isoformat(timespec="minutes"),
                "part": part,
                "people": chosen.people,
                "photos": chosen.photos,
                "of the attack": {package: _version(package) for package in PACKAGES},
            }
            rows: list[Row] = []
            for row in PARTS[part][0](chosen):
                rows.append(row)
                write(chosen.out, f"{chosen.name}-{part}", header, rows)
            print(markdown(rows))
    except (OSError, RecogniserMissing, ToolFailed, VeilcastError) as error:
        print(f"reident: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
