"""Requests are written and answers read however they are cut up, and a password is proven and not told."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.sinks._rtsp.messages import Incoming, Login, Response, Violation, request

OK = b"RTSP/1.0 200 OK\r\nCSeq: 2\r\nSession: abc;timeout=60\r\nContent-Length: 3\r\n\r\nyes"


def challenge(*texts: str) -> Response:
    return Response(401, "Unauthorized", {"www-authenticate": list(texts)})


@given(st.lists(st.sampled_from([OK, b"$\x01\x00\x04abcd", b"$\x00\x00\x00"]), max_size=8), st.integers(1, 40))
def test_answers_are_read_however_they_are_cut_and_packets_between_them_skipped(pieces: list[bytes], step: int) -> None:
    incoming, wire, got = Incoming(), b"".join(pieces), list[Response]()
    for begin in range(0, len(wire), step):
        got += incoming.receive_data(wire[begin : begin + step])
    assert len(got) == pieces.count(OK)
    assert {(answer.status, answer.session, answer.first("cseq")) for answer in got} <= {(200, "abc", "2")}


@pytest.mark.parametrize(
    "data", [b"HTTP/1.1 200 OK\r\n\r\n", b"\x16\x03\x01\x00\x00\x00", b"RTSP/1.0 xyz\r\n\r\n", b"RTSP" + b"x" * 20_000]
)
def test_what_is_no_rtsp_is_refused(data: bytes) -> None:
    with pytest.raises(Violation):
        Incoming().receive_data(data)


@given(st.binary(max_size=200))
def test_no_bytes_do_anything_but_be_read_or_refused(data: bytes) -> None:
    try:
        answers = Incoming().receive_data(data)
    except Violation:
        answers = []
    assert all(isinstance(answer, Response) for answer in answers)


def test_a_request_has_its_body_s_length() -> None:
    assert request("ANNOUNCE", "rtsp://h/x", {"CSeq": "1"}, "é") == (
        b"ANNOUNCE rtsp://h/x RTSP/1.0\r\nCSeq: 1\r\nContent-Length: 2\r\n\r\n\xc3\xa9"
    )


def test_digest_without_qop_is_that_of_rfc_2617() -> None:
    """Section 3.2.2.1 with the secret of its example, without qop: MD5(MD5(A1):nonce:MD5(A2))."""
    login = Login("Mufasa", "Circle Of Life")
    assert login.challenged(challenge('Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'))
    header = login.header("GET", "/dir/index.html", nonce="")["Authorization"]
    assert 'response="670fd8c2df070c60b045671b8b24ff02"' in header


def test_digest_with_qop_is_that_of_rfc_2617() -> None:
    login = Login("Mufasa", "Circle Of Life")
    asked = 'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c"'
    login.challenged(challenge(asked))
    header = login.header("GET", "/dir/index.html", nonce="0a4f113b")["Authorization"]
    assert 'response="6629fae49393a05397450978507c4ef1"' in header
    assert 'nc=00000001, cnonce="0a4f113b"' in header
    assert 'opaque="5ccc069c"' in header
    assert "Circle" not in header + repr(login)


def test_digest_is_preferred_to_basic_and_what_is_unknown_is_no_challenge() -> None:
    both = Login("a", "b")
    assert both.challenged(challenge('Basic realm="x"', 'Digest realm="x", nonce="y"'))
    assert both.header("OPTIONS", "rtsp://h/x", nonce="n")["Authorization"].startswith("Digest")
    basic = Login("a", "b:c")
    assert basic.header("OPTIONS", "rtsp://h/x", nonce="n") == {}
    assert basic.challenged(challenge('Basic realm="x"'))
    assert basic.header("OPTIONS", "u", nonce="n") == {"Authorization": "Basic " + base64.b64encode(b"a:b:c").decode()}
    assert not Login("a", "b").challenged(challenge('Digest realm="x", nonce="y", algorithm=SHA-512-256', "Negotiate"))


def test_a_challenge_cannot_break_out_of_its_header() -> None:
    login = Login('a"b', "c")
    login.challenged(challenge('Digest realm="x", nonce="y"'))
    assert 'username="a\\"b"' in login.header("OPTIONS", "u", nonce="n")["Authorization"]
