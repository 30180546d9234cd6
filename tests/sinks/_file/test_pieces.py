"""A piece is named by when it begins, and only pieces of the same recording are ever counted or removed."""

from __future__ import annotations

import datetime as dt
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.sinks._file.pieces import Piece, belongs, names, too_many, unknown_code

NOON = dt.datetime(2026, 3, 1, 12, 0, 5, tzinfo=dt.UTC)


def test_codes_become_the_time_and_a_name_that_is_taken_gets_a_number() -> None:
    found = list(islice(names(Path("/rec/door-%Y%m%d-%H%M%S.mkv"), NOON), 3))
    assert found == [Path(f"/rec/door-20260301-120005{end}.mkv") for end in ("", "-2", "-3")]
    assert next(names(Path("/rec/door.mkv"), NOON)) == Path("/rec/door.mkv")


@pytest.mark.parametrize(("name", "code"), [("a-%Y-%j.mkv", None), ("100%%.mkv", None), ("a-%c.mkv", "%c"), ("a%", "%")])
def test_only_codes_of_fixed_length_are_known(name: str, code: str | None) -> None:
    assert unknown_code(name) == code


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("door+1-20260301-120005.mkv", True),
        ("door+1-20260301-120005-12.mkv", True),
        ("door+1-20260301-120005.mp4", False),
        ("door+1-20260301-120005.mkv.part", False),
        ("xdoor+1-20260301-120005.mkv", False),
        ("doorr1-20260301-120005.mkv", False),
        ("door+1-2026-03-01.mkv", False),
        ("holiday.mkv", False),
    ],
)
def test_other_files_are_no_pieces(name: str, is_one: bool) -> None:
    assert belongs(Path("/rec/door+1-%Y%m%d-%H%M%S.mkv"), name) is is_one


@given(st.integers(0, 4_000_000_000), st.integers(0, 5))
def test_every_name_of_a_piece_belongs(when_s: int, number: int) -> None:
    now = dt.datetime.fromtimestamp(when_s, dt.UTC)
    path = Path("/rec/a.b-%Y-%j %H%M%S%%.mp4")
    assert belongs(path, next(islice(names(path, now), number, None)).name)


def test_old_pieces_go_and_the_oldest_beyond_the_room_for_them() -> None:
    pieces = [Piece(Path(f"{number}"), 100, 1000.0 + number) for number in (3, 1, 2, 0)]
    assert too_many(pieces, now_s=1003, keep_s=None, keep_bytes=None) == []
    assert too_many(pieces, now_s=1003, keep_s=1.5, keep_bytes=None) == [Path("1"), Path("0")]
    assert too_many(pieces, now_s=1003, keep_s=None, keep_bytes=300) == [Path("0")]
    assert too_many(pieces, now_s=1003, keep_s=0.5, keep_bytes=250) == [Path("2"), Path("1"), Path("0")]
