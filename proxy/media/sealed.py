"""Types that only their own module can make.

A class with ``metaclass=Sealed`` has no public constructor: calling it raises ``TypeError``, and so does copying or pickling an
instance. The module that owns the type makes instances with ``Class._create(...)``; lint (``tests/arch``) holds that
``._create(`` on a sealed type appears nowhere else. The idea is trio's ``NoPublicConstructor``.
"""

from __future__ import annotations

from typing import Any, TypeVar

T = TypeVar("T")


def _refuse_to_reduce(self: object) -> object:
    raise TypeError(f"{type(self).__qualname__} is sealed: it can be neither copied nor pickled")


class Sealed(type):
    """Metaclass of types without a public constructor."""

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, object]) -> Sealed:
        """Make the class; its instances cannot be copied or pickled."""
        return super().__new__(mcs, name, bases, {**namespace, "__reduce__": _refuse_to_reduce})

    def __call__(cls, *args: object, **kwargs: object) -> Any:
        """Refuse."""
        raise TypeError(f"{cls.__module__}.{cls.__qualname__} has no public constructor: only its own module makes it")

    def _create(cls: type[T], *args: object, **kwargs: object) -> T:
        return super().__call__(*args, **kwargs)  # type: ignore[misc,no-any-return]


def insist(value: object, kind: Sealed) -> None:
    """Refuse at run time what is not exactly a sealed ``kind``: mypy says so too, and does not see everything.

    Raises:
        TypeError: ``value`` is something else.
    """
    if type(value) is not kind:
        raise TypeError(f"expected {kind.__qualname__}, which only its own module makes, got {type(value).__qualname__}")
