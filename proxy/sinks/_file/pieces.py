"""The pieces of a recording: their names, and which of them are kept no longer. Pure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_CODES: Final = {"%Y": r"\d{4}", "%j": r"\d{3}", "%%": "%", **dict.fromkeys(("%m", "%d", "%H", "%M", "%S"), r"\d\d")}
_CODE: Final = re.compile(r"%.?")


@dataclass(frozen=True, slots=True)
class Piece:
    """A file that is finished: ``size`` in bytes, ``ended_s`` in Unix time."""

    path: Path
    size: int
    ended_s: float


def unknown_code(name: str) -> str | None:
    """The first code in ``name`` that no piece's name may hold; ``None`` where all are known."""
    return next((code for code in _CODE.findall(name) if code not in _CODES), None)


def names(path: Path, now: dt.datetime) -> Iterator[Path]:
    """Names for a piece that begins ``now``, the first to be tried first: ``path`` with its codes filled in, then numbered."""
    named = path.with_name(_CODE.sub(lambda code: now.strftime(code[0]), path.name))
    yield named
    number = 2
    while True:
        yield named.with_stem(f"{named.stem}-{number}")
        number += 1


def belongs(path: Path, name: str) -> bool:
    """Whether a file called ``name`` is a piece of the recording ``path``, of this run or of an earlier one."""
    stem, ending = (re.sub(_CODE, lambda code: _CODES[code[0]], _escaped(part)) for part in (path.stem, path.suffix))
    return re.fullmatch(rf"{stem}(?:-\d+)?{ending}", name) is not None


def too_many(pieces: Iterable[Piece], *, now_s: float, keep_s: float | None, keep_bytes: int | None) -> list[Path]:
    """Those of ``pieces`` that ended longer than ``keep_s`` ago, and the oldest beyond ``keep_bytes`` together."""
    gone: list[Path] = []
    total = 0
    for piece in sorted(pieces, key=lambda piece: piece.ended_s, reverse=True):
        total += piece.size
        if (keep_s is not None and now_s - piece.ended_s > keep_s) or (keep_bytes is not None and total > keep_bytes):
            gone.append(piece.path)
    return gone


def _escaped(text: str) -> str:
    """``text`` as a regular expression, but for its codes."""
    return "".join(part if _CODE.fullmatch(part) else re.escape(part) for part in re.split(r"(%.?)", text))
