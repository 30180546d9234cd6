"""Bytes and values have one spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.attestation.text import canonical, decoded, encoded, fingerprint


@given(st.binary(max_size=80))
def test_bytes_come_back_from_their_text(data):
    assert decoded(encoded(data)) == data


@pytest.mark.parametrize("text", ["=", "AA==", "A", "a b", "AB", "ä", "AA\n", "+/", "AAAAA"])
def test_another_spelling_is_refused(text):
    with pytest.raises(ValueError, match="base64url"):
        decoded(text)


def test_a_value_is_written_in_one_way_whatever_the_order_of_its_keys():
    assert canonical({"b": [1, None], "a": "é"}) == canonical({"a": "é", "b": [1, None]}) == b'{"a":"\\u00e9","b":[1,null]}'


def test_a_fingerprint_is_sha256():
    assert fingerprint(b"") == "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"
