"""Requests prove the password without telling it, and answers cannot do harm."""

from __future__ import annotations

import base64
import contextlib
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.onvif.soap import Credentials, Fault, Malformed, envelope, every, first, parsed, security, text_of


def test_a_password_is_proven_and_not_told() -> None:
    """The digest of the profile: base64(SHA-1(nonce + created + password))."""
    header = security(Credentials("a<b", "secret & word"), nonce=b"0123456789abcdef", created="2026-01-31T12:00:00Z")
    root = parsed(envelope("<x/>", security=header))
    expected = hashlib.sha1(b"0123456789abcdef" + b"2026-01-31T12:00:00Z" + b"secret & word", usedforsecurity=False).digest()
    assert text_of(root, "Username") == "a<b"
    assert base64.b64decode(text_of(root, "Password")) == expected
    assert "secret" not in header
    assert "secret" not in repr(Credentials("a", "secret"))


BOMB = b'<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><a>&c;</a>'
OUTSIDE = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'


@pytest.mark.parametrize(
    "answer", [b"", b"no xml", b"<a>", b"\xff\xfe", BOMB, OUTSIDE, b'<!DOCTYPE a SYSTEM "http://h/x.dtd"><a/>']
)
def test_what_is_no_harmless_xml_is_refused(answer: bytes) -> None:
    with pytest.raises(Malformed):
        parsed(answer)


@given(st.binary(max_size=300))
def test_no_bytes_do_anything_but_parse_or_fail(answer: bytes) -> None:
    with contextlib.suppress(Malformed, Fault):
        parsed(answer)


def fault(code: str, reason: str) -> bytes:
    return (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode>'
        f"<s:Value>{code}</s:Value></s:Subcode></s:Code><s:Reason><s:Text>{reason}</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>"
    ).encode()


@pytest.mark.parametrize(
    ("code", "reason", "denied"),
    [
        ("ter:NotAuthorized", "Sender not authorized", True),
        ("wsse:FailedAuthentication", "x", True),
        ("ter:ActionNotSupported", "no such\n action", False),
    ],
)
def test_a_fault_says_why_and_whether_a_password_would_help(code: str, reason: str, denied: bool) -> None:
    with pytest.raises(Fault) as said:
        parsed(fault(code, reason))
    assert said.value.denied is denied
    assert "\n" not in str(said.value)


def test_names_are_found_in_any_namespace() -> None:
    root = parsed(b'<a xmlns="urn:x"><b xmlns="urn:y"> one \n two </b><c><b>3</b></c></a>')
    assert text_of(root, "b") == "one two"
    assert len(list(every(root, "b"))) == 2
    assert first(root, "d") is None
    assert text_of(root, "d") == ""
