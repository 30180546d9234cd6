"""Every method has a redactor, and an honest word about its strength."""

from __future__ import annotations

import pytest

from proxy.media.planes import Planes
from proxy.redactors.method import CELLS, SOFTNESS, Method
from tests.redactors.scenes import noise, planes_of, region


@pytest.mark.parametrize("method", Method)
def test_every_method_builds_its_own_redactor_each_time(method: Method) -> None:
    first, second = method.build(), method.build()
    assert first is not second
    assert first.reversible == method.reversible
    assert type(first).__name__.lower() == method.value


@pytest.mark.parametrize("method", Method)
def test_every_method_changes_every_part_of_a_box(method: Method) -> None:
    picture = noise(1)
    before = planes_of(picture)
    method.build().paint(picture, region((100, 60, 180, 220)), pts=0)
    after: Planes = picture
    assert (after.y[60:220, 100:180] != before[0][60:220, 100:180]).mean() > 0.9
    assert (after.u[30:110, 50:90] != before[1][30:110, 50:90]).mean() > 0.9


@pytest.mark.parametrize("method", Method)
def test_nobody_and_everybody_are_no_trouble_at_any_strength(method: Method) -> None:
    strength = method.strength
    for value in (strength.least, strength.usual, strength.most) if strength else (None,):
        redactor = method.build(value)
        redactor.paint(noise(1), region(), pts=0)
        redactor.paint(noise(1), region(*[(0, 0, 320, 240)] * 5, *[(10, 10, 12, 12)] * 5), pts=1)


def test_exactly_the_reversible_methods_have_a_strength_and_one_side_of_the_usual_is_weaker() -> None:
    assert [method for method in Method if method.strength] == [method for method in Method if method.reversible]
    for strength in (CELLS, SOFTNESS):
        assert not strength.weaker(strength.usual)
        assert strength.weaker(strength.least) == strength.more_hides_more
        assert strength.weaker(strength.most) != strength.more_hides_more


def test_only_what_leaves_nothing_is_called_irreversible() -> None:
    assert [method.value for method in Method if not method.reversible] == ["silhouette", "solid"]
