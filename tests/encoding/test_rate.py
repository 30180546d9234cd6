"""Frame rates from steps, bitrates from sizes."""

from fractions import Fraction

import pytest

from proxy.encoding.rate import live_bitrate_kbps, nominal_rate


@pytest.mark.parametrize(
    ("steps", "rate"),
    [
        ([3600] * 4, Fraction(25)),
        ([3000] * 4, Fraction(30)),
        ([3003] * 4, Fraction(30000, 1001)),
        ([3754, 3753, 3754, 3754], Fraction(24000, 1001)),
        ([3690, 3510, 3600, 3690], Fraction(25)),
        ([2970, 3060, 2970, 2970], Fraction(30)),
        ([1500, 1500, 90000, 1500], Fraction(60)),
        ([18000] * 4, Fraction(5)),
    ],
)
def test_the_nominal_rate_is_the_common_rate_near_the_median_step(steps, rate):
    assert abs(nominal_rate(steps) - rate) <= rate / 500


def test_an_odd_rate_is_taken_as_it_is():
    assert nominal_rate([6923] * 4) == Fraction(90000, 6923).limit_denominator(1001)


def test_without_a_step_and_out_of_bounds_the_rate_is_still_usable():
    assert nominal_rate([]) == 25
    assert nominal_rate([900_000]) == 1
    assert nominal_rate([1]) == 240


def test_a_bitrate_is_4500_for_1080p30_and_grows_with_size_and_rate():
    assert live_bitrate_kbps(width=1920, height=1080, rate=30) == 4500
    assert 2000 < live_bitrate_kbps(width=1280, height=720, rate=30) < 3000
    assert live_bitrate_kbps(width=1920, height=1080, rate=60) > 6000
    assert live_bitrate_kbps(width=160, height=96, rate=5) == 300
