"""Units of AV1 are found by their sizes, and what is cut short is told apart from what is not there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.encoding.obu import DELIMITER, sequence_header, units

HEADER = bytes.fromhex("0a0b000000043cffbc4af90040")
"""What SVT-AV1 writes for 320x240."""


def leb128(value: int) -> bytes:
    rest = value >> 7
    return bytes([value & 0x7F | (0x80 if rest else 0)]) + (leb128(rest) if rest else b"")


def unit(kind: int, body: bytes, *, extended: bool) -> bytes:
    head = bytes([kind << 3 | 0x02 | (0x04 if extended else 0)]) + (b"\x20" if extended else b"")
    return head + leb128(len(body)) + body


made = st.builds(unit, st.integers(0, 15), st.binary(max_size=300), extended=st.booleans())


@given(st.lists(made, max_size=6))
def test_units_come_out_as_they_went_in(parts: list[bytes]) -> None:
    assert [whole for _, whole in units(b"".join(parts))] == parts
    assert [kind for kind, _ in units(b"".join(parts))] == [part[0] >> 3 for part in parts]


def test_the_sequence_header_is_found_among_the_others() -> None:
    assert sequence_header(DELIMITER + HEADER + unit(6, b"picture", extended=False)) == HEADER
    assert sequence_header(DELIMITER + unit(6, b"picture", extended=True)) == b""


@given(st.binary(max_size=40))
def test_whatever_comes_is_units_or_an_error(data: bytes) -> None:
    try:
        assert b"".join(whole for _, whole in units(data)) == data
    except ValueError as error:
        assert "OBU" in str(error)  # noqa: PT017 - nothing else may be raised


@pytest.mark.parametrize("data", [HEADER[:-1], HEADER[:1], b"\x0a" + b"\xff" * 9, b"\x08\x01", b"\x0e"])
def test_what_is_cut_short_or_has_no_size_is_an_error(data: bytes) -> None:
    with pytest.raises(ValueError, match="OBU"):
        sequence_header(data)
