"""What is worth changing about a camera's place is said once it is known, and nothing where all is well."""

import pytest

from proxy.control.aim import Frame, words
from proxy.telemetry.events import Aim

FRAME = Frame(1280, 720, 0.025)
FINE = {"frames": 100, "luma": 11_000.0, "moving": 2, "heights": {200: 300, 24: 10}, "painted": 100 * 90_000.0}


def said(frame=FRAME, **changes):
    return [found.en for found in words(Aim(**FINE | changes), frame)]


def test_nothing_is_said_where_all_is_well_or_nothing_is_known_yet():
    assert said() == []
    assert said(heights={}) == []
    assert said(frames=5, luma=0.0) == []
    assert said(Frame(0, 0, 0.025), luma=0.0) == []


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"luma": 3_000.0}, "dark"),
        ({"moving": 60}, "shakes"),
        ({"heights": {16: 60, 24: 20, 200: 20}}, "80 %"),
        ({"painted": 100 * 1280 * 720 * 0.7}, "70 %"),
        ({"painted": 100 * 1280 * 720 * 1.4}, "100 %"),
    ],
)
def test_what_is_measured_is_said_in_both_languages(changes, part):
    (found,) = words(Aim(**FINE | changes), FRAME)
    assert part in found.en
    assert found.zh
    assert "{" not in found.en + found.zh


def test_a_higher_accuracy_finds_smaller_people():
    small = {"heights": {24: 100}}
    assert said(**small)
    assert not said(Frame(1280, 720, 0.017), **small)
