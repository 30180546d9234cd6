"""Text becomes coverage, in whatever script it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import ConfigError
from proxy.signs.lettering import Lettering, wrapped

LETTERING = Lettering()


@pytest.mark.parametrize(
    "text", ["Notice", "Überwachung", "Łódź ěščř", "İstanbul ğ", "Увага їґ", "Ωμέγα", "直播", "體驗", "かな漢字", "한국어"]
)
def test_the_bundled_fonts_have_the_letters_of_many_languages(text: str) -> None:
    assert LETTERING.missing(text) == ""
    drawn = LETTERING.draw(text, size_px=24, limit_px=1000)
    assert drawn.max() == 255
    assert drawn.shape[1] > 20


def test_what_no_font_has_is_named_once() -> None:
    assert LETTERING.missing("a\N{DEVANAGARI LETTER KA}\N{DEVANAGARI LETTER KA}b\n\N{GRINNING FACE}") == "\u0915\U0001f600"


def test_every_letter_is_drawn_whole() -> None:
    drawn = LETTERING.draw("ÅẾgjpqy|", size_px=40, limit_px=1000)
    assert not drawn[0].any()
    assert not drawn[-1].any()


def test_two_scripts_stand_on_one_line() -> None:
    alone = LETTERING.draw("直播", size_px=30, limit_px=1000)
    both = LETTERING.draw("live 直播", size_px=30, limit_px=1000)
    assert both.shape[0] == alone.shape[0]
    assert both.shape[1] > alone.shape[1]
    assert (both[:, -alone.shape[1] + 4 :].any(axis=1) == alone[:, 4:].any(axis=1)).all()


def test_long_text_is_wrapped_and_a_long_word_is_made_smaller() -> None:
    sentence = LETTERING.draw("one two three four five six", size_px=20, limit_px=120)
    assert sentence.shape[1] <= 121
    assert sentence.shape[0] >= 3 * 20
    assert LETTERING.draw("W" * 60, size_px=20, limit_px=120).shape[1] <= 121


def test_centred_lines_have_their_middle_in_the_middle() -> None:
    drawn = LETTERING.draw("a long line\nshort", size_px=20, limit_px=400, centred=True)
    columns = np.nonzero(drawn[drawn.shape[0] // 2 :].any(axis=0))[0]
    assert abs((columns[0] + columns[-1]) / 2 - drawn.shape[1] / 2) < 3


@given(st.text("ab c直播", max_size=40), st.integers(1, 12))
def test_wrapping_loses_nothing_but_spaces_and_keeps_to_the_limit_where_it_can(line: str, limit: int) -> None:
    pieces = wrapped(line, limit, len)
    assert "".join(pieces).replace(" ", "") == line.replace(" ", "")
    assert all(len(piece) <= limit or len(piece.split()) == 1 for piece in pieces)


def test_a_font_that_is_none_is_named(tmp_path: Path) -> None:
    path = tmp_path / "no.ttf"
    path.write_bytes(b"no font")
    with pytest.raises(ConfigError, match=r"no\.ttf cannot be used"):
        Lettering(path)
    with pytest.raises(ConfigError, match="cannot be used"):
        Lettering(tmp_path / "absent.ttf")
