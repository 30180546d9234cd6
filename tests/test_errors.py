"""The tree in the docstring of ``proxy.errors`` is the tree of its classes."""

from __future__ import annotations

import re
from collections.abc import Iterator

import proxy.errors
from proxy.errors import ConfigError, SourceUnreachable, VeilcastError

DOCSTRING = proxy.errors.__doc__ or ""


def drawn() -> Iterator[tuple[int, str, str]]:
    """Depth, name and remark of every line of the drawing."""
    for line in DOCSTRING.splitlines():
        if match := re.match(r"    (?P<branch>(?:[│ ]   )*(?:[├└]── )?)(?P<name>[A-Z]\w+)(?P<remark>.*)", line):
            yield len(match["branch"]) // 4, match["name"], match["remark"]


def real(kind: type[VeilcastError], depth: int = 0) -> Iterator[tuple[int, str]]:
    """The same of the classes, in the order of their definition."""
    yield depth, kind.__name__
    for child in kind.__subclasses__():
        if child.__module__ == proxy.errors.__name__:
            yield from real(child, depth + 1)


def test_the_drawing_shows_every_class_below_its_parent() -> None:
    assert [(depth, name) for depth, name, _ in drawn()] == list(real(VeilcastError))


def test_the_drawing_tells_the_exit_codes() -> None:
    codes = {name: int(code[1]) for _, name, remark in drawn() if (code := re.search(r"exit (\d+)$", remark))}
    assert codes == {name: getattr(proxy.errors, name).exit_code for name in codes}
    kinds = [kind for kind in vars(proxy.errors).values() if isinstance(kind, type) and issubclass(kind, VeilcastError)]
    own = [kind for kind in kinds if "exit_code" in vars(kind)]
    assert codes.keys() == {kind.__name__ for kind in own if not any(child in own for child in kind.__subclasses__())}


def test_an_error_carries_its_line_its_hint_and_its_problems() -> None:
    error = ConfigError("two problems", problems=("a: wrong", "b: wrong"), hint="mend them")
    assert (str(error), error.hint, error.problems) == ("two problems", "mend them", ("a: wrong", "b: wrong"))
    assert SourceUnreachable("silent").retryable
    assert not error.retryable
