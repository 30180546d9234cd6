"""The standard words are there in every language, and the bundled fonts have all their letters."""

from __future__ import annotations

from dataclasses import astuple

import pytest

from proxy.masking.plan import CoverReason
from proxy.signs.lettering import Lettering
from proxy.signs.words import WORDS, Language, about, notice

LETTERING = Lettering()


@pytest.mark.parametrize("language", Language)
def test_every_language_says_everything_in_letters_that_the_fonts_have(language: Language) -> None:
    said = astuple(WORDS[language])
    assert all(said)
    assert LETTERING.missing("".join(said)) == ""


def test_a_notice_has_a_line_for_each_language_and_leads_somewhere() -> None:
    assert notice([Language.EN, Language.ZH], "example.org") == "Anonymised live stream · example.org\n已匿名处理的直播"


def test_a_slate_says_which_of_three_things_is_the_matter() -> None:
    said = {about([Language.DE, Language.EN], reason) for reason in CoverReason}
    assert said == {
        "Kamera offline\nCamera offline",
        "Die Übertragung beginnt gleich\nThe stream is about to start",
        "Bild abgedeckt\nPicture covered",
    }
