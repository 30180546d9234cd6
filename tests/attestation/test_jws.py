"""Signed text is taken in one form only."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.attestation import jws
from proxy.attestation.keys import DeviceKey
from proxy.attestation.text import encoded

KEY, OTHER = DeviceKey.new(), DeviceKey.new()


def with_header(**members):
    head = encoded(json.dumps({"alg": "EdDSA", "kid": KEY.public.id, "typ": jws.TYPE} | members).encode())
    message = f"{head}.{encoded(b'{}')}"
    return f"{message}.{encoded(KEY.sign(message.encode()))}"


def test_what_a_key_signed_is_known_to_be_by_it_and_by_no_other():
    signed = jws.take_apart(jws.sign(b"text", KEY))
    assert signed.payload == b"text"
    assert signed.is_by(KEY.public)
    assert not signed.is_by(OTHER.public)


@given(st.integers(0, 10_000), st.sampled_from("AaBb09-_."))
def test_no_character_can_be_changed_unseen(at, letter):
    text = jws.sign(b'{"some":"text"}', KEY)
    at %= len(text)
    changed = text[:at] + letter + text[at + 1 :]
    if changed != text:
        with contextlib.suppress(ValueError):
            assert not jws.take_apart(changed).is_by(KEY.public)


@pytest.mark.parametrize(
    "members", [{"alg": "none"}, {"alg": "HS256"}, {"typ": "JWT"}, {"jwk": KEY.public.jwk()}, {"crit": ["exp"]}, {"kid": 7}]
)
def test_a_header_that_asks_for_anything_else_is_refused(members):
    with pytest.raises(ValueError, match="expected"):
        jws.take_apart(with_header(**members))


@given(st.text(max_size=60) | st.binary(max_size=60).map(encoded).map(lambda part: f"{part}.{part}.{part}"))
def test_what_is_no_signed_text_is_refused(text):
    with pytest.raises(ValueError):
        jws.take_apart(text)
    with pytest.raises(ValueError, match="at most"):
        jws.take_apart("A" * (jws.LIMIT + 1))
