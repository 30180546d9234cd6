"""Only the owner of a sealed type makes one."""

from __future__ import annotations

import copy
import dataclasses
import pickle

import pytest

from proxy.media.sealed import Sealed, insist


@dataclasses.dataclass(frozen=True, slots=True)
class Thing(metaclass=Sealed):
    value: int


class Heir(Thing):
    pass


def test_calling_the_class_is_refused() -> None:
    with pytest.raises(TypeError, match="no public constructor"):
        Thing(1)


def test_its_owner_makes_one() -> None:
    assert Thing._create(1).value == 1


def test_replacing_copying_and_pickling_are_refused() -> None:
    thing = Thing._create(1)
    for attempt in (lambda: dataclasses.replace(thing, value=2), lambda: copy.copy(thing), lambda: copy.deepcopy(thing)):
        with pytest.raises(TypeError):
            attempt()
    with pytest.raises(TypeError, match="neither copied nor pickled"):
        pickle.dumps(thing)


def test_insisting_refuses_heirs_and_strangers() -> None:
    insist(Thing._create(1), Thing)
    for stranger in (Heir._create(1), object(), None, Thing):
        with pytest.raises(TypeError, match="expected Thing"):
            insist(stranger, Thing)
