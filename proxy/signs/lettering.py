"""Text as coverage: how much of each pixel its letters take."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from proxy.errors import ConfigError
from proxy.media.planes import U8

_FONTS: Final = Path(__file__).parent / "fonts"
_BUNDLED: Final = (_FONTS / "NotoSans-subset.ttf", _FONTS / "NotoSansCJKsc-subset.otf")
_ABSENT: Final = "\U0010fffd"
"""A character that no font has: every font shows its own sign for "missing" in its place."""
_TRIAL_PX: Final = 24
_WORDS: Final = re.compile(r"[\u2e80-\uffef]|[^\s\u2e80-\uffef]+\s*|\s+")


class Lettering:
    """Draws text with the bundled fonts; each character in the first font that has it.

    Args:
        font: one to prefer to them.
    """

    def __init__(self, font: Path | None = None) -> None:
        self._faces = [_Face(path) for path in ((font,) if font else ()) + _BUNDLED]

    def missing(self, text: str) -> str:
        """The characters of ``text`` that no font has, each once."""
        return "".join(dict.fromkeys(letter for letter in text if letter != "\n" and self._of(letter) is None))

    def draw(self, text: str, *, size_px: int, limit_px: int, centred: bool = False) -> U8:
        """``(H, W)`` uint8 coverage of ``text``, wrapped at ``limit_px``, and smaller where a single word is longer."""
        lines = self._lines(text, size_px, limit_px)
        widest = max(self._length(line, size_px) for line in lines)
        if widest > limit_px and size_px > 1:
            size_px = max(1, min(size_px - 1, int(size_px * limit_px / widest)))
            return self.draw(text, size_px=size_px, limit_px=limit_px, centred=centred)
        return self._drawn(lines, size_px, int(np.ceil(widest)), centred=centred)

    def _lines(self, text: str, size_px: int, limit_px: int) -> list[str]:
        return [part for line in text.split("\n") for part in wrapped(line, limit_px, lambda part: self._length(part, size_px))]

    def _drawn(self, lines: list[str], size_px: int, width: int, *, centred: bool) -> U8:
        step, ascent = round(size_px * 1.36), round(size_px * 1.06)
        image = Image.new("L", (max(1, width), step * len(lines)))
        pen = ImageDraw.Draw(image)
        for number, line in enumerate(lines):
            left = (width - self._length(line, size_px)) / 2 if centred else 0.0
            for face, run in self._runs(line):
                pen.text((left, step * number + ascent), run, fill=255, font=face.at(size_px), anchor="ls")
                left += face.at(size_px).getlength(run)
        return np.asarray(image, np.uint8)

    def _length(self, line: str, size_px: int) -> float:
        return sum(face.at(size_px).getlength(run) for face, run in self._runs(line))

    def _runs(self, line: str) -> list[tuple[_Face, str]]:
        """Stretches of one font; what none has is shown in the first one's way."""
        return [(face, "".join(letters)) for face, letters in groupby(line, lambda letter: self._of(letter) or self._faces[0])]

    def _of(self, letter: str) -> _Face | None:
        return next((face for face in self._faces if face.has(letter)), None)


class _Face:
    """One font file, at any size."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.at = lru_cache(maxsize=8)(self._opened)
        self.has = lru_cache(maxsize=4096)(self._has)
        self._nothing = self._shape(_ABSENT)

    def _opened(self, size_px: int) -> ImageFont.FreeTypeFont:
        try:
            return ImageFont.truetype(self._path, size_px)
        except (OSError, ValueError) as error:
            raise ConfigError(f"font {self._path} cannot be used", hint="name a TrueType or OpenType file") from error

    def _has(self, letter: str) -> bool:
        return letter.isspace() or self._shape(letter) != self._nothing

    def _shape(self, letter: str) -> tuple[tuple[int, int], bytes]:
        mask = self.at(_TRIAL_PX).getmask(letter)
        return mask.size, bytes(mask)


def wrapped(line: str, limit: float, length: Callable[[str], float]) -> list[str]:
    """``line`` in pieces no longer than ``limit`` where it can be parted: at spaces, and between Chinese and Japanese signs."""
    pieces = [""]
    for word in _WORDS.findall(line):
        if pieces[-1] and length((pieces[-1] + word).rstrip()) > limit:
            pieces.append("")
        pieces[-1] += word
    return [piece.rstrip() for piece in pieces]
