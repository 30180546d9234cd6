"""AMF0 values survive the way there and back, and hostile ones end in an error."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.sinks._rtmp.amf import MAX_DEPTH, AmfError, decode, encode

LEAF = st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=20)
NAME = st.text(min_size=1, max_size=8)
VALUE = st.recursive(LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAME, inner, max_size=3), max_leaves=6)


@given(st.lists(VALUE, max_size=4))
def test_values_come_back_as_they_were(values):
    assert decode(encode(*values)) == values


@given(st.binary(max_size=300))
def test_any_bytes_are_values_or_an_error(data):
    with contextlib.suppress(AmfError):
        decode(data)


def test_a_command_is_what_the_specification_says():
    assert encode("connect", 1, None) == b"\x02\x00\x07connect" + b"\x00\x3f\xf0" + bytes(6) + b"\x05"
    assert encode({"a": True}) == b"\x03\x00\x01a\x01\x01\x00\x00\x09"


def test_an_ecma_array_a_date_and_a_long_string_are_understood():
    assert decode(b"\x08\xff\xff\xff\xff\x00\x01a\x01\x01\x00\x00\x09") == [{"a": True}]
    assert decode(b"\x0b" + encode(5.0)[1:] + b"\x00\x00") == [5.0]
    assert decode(b"\x0c\x00\x00\x00\x02hi") == ["hi"]


@pytest.mark.parametrize(
    "hostile",
    [
        b"\x0a\x00\x00\x00\x01" * (MAX_DEPTH + 2) + b"\x05",
        b"\x0a\xff\xff\xff\xff" + b"\x05" * 100,
        b"\x05" * 2000,
        b"\x0c\xff\xff\xff\xffx",
        b"\x03\x00\x01a",
        b"\x07\x00\x01",
        b"\x00\x00",
    ],
)
def test_what_is_too_deep_too_many_or_cut_off_is_an_error(hostile):
    with pytest.raises(AmfError):
        decode(hostile)


def test_text_too_long_for_a_command_is_an_error():
    with pytest.raises(AmfError):
        encode("x" * 65536)
