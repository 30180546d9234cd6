"""What may be asked of signs, and what is refused."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from proxy.media.formats import VideoFormat
from proxy.signs.options import Options


def test_nothing_is_written_unless_it_is_asked_for() -> None:
    signs = Options()
    assert (signs.notice_text, signs.image, signs.clock, signs.starting_format) == ("", None, False, None)


def test_a_notice_is_in_own_words_or_the_standard_one() -> None:
    assert Options(notice="Hello\nthere").notice_text == "Hello\nthere"
    assert Options.model_validate({"notice_at": "example.org", "languages": ["zh"]}).notice_text == "已匿名处理的直播 · example.org"
    with pytest.raises(ValidationError, match="exclude each other"):
        Options(notice="one", notice_at="other")


@pytest.mark.parametrize("text", ["", "a\tb", "bell\a", "x" * 401])
def test_a_text_that_cannot_be_written_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        Options(notice=text)


@pytest.mark.parametrize("shown", ["%H:%M:%S.%f", "   ", "%H\n%M", "%n"])
def test_a_clock_is_one_line_that_changes_at_most_once_a_second(shown: str) -> None:
    with pytest.raises(ValidationError, match="strftime"):
        Options(clock_format=shown)


def test_a_time_zone_is_one_that_exists() -> None:
    assert Options(timezone="Europe/Paris").timezone == "Europe/Paris"
    for name in ("Europe/Nowhere", "../etc/passwd", ""):
        with pytest.raises(ValidationError, match="time zone"):
            Options(timezone=name)


def test_the_size_of_first_slates_is_a_picture_s() -> None:
    assert Options(starting_size="1280x720").starting_format == VideoFormat(1280, 720)
    for size in ("1281x720", "0x0", "1280", "axb"):
        with pytest.raises(ValidationError):
            Options(starting_size=size)
