"""Session descriptions are read as the RFCs write them, and nobody is asked about a name in one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.webrtc.sdp import kinds_of, named_by_address, parse_fragment, username_of

HOST = "a=candidate:1 1 udp 2122260223 192.0.2.7 50000 typ host generation 0"
HIDDEN = "a=candidate:2 1 udp 2122260223 0f3c1d5e-4c6f.local 50001 typ host"
NAMED = "a=candidate:3 1 udp 1 relay.example.org 3478 typ relay"
SIX = "a=candidate:4 1 udp 2122260223 2001:db8::7 50002 typ host"
END = "a=end-of-candidates"


def test_candidates_that_are_names_are_left_out_and_addresses_stay() -> None:
    said = named_by_address("\r\n".join(["v=0", HOST, HIDDEN, NAMED, SIX, END, ""]))
    assert said.split("\r\n") == ["v=0", HOST, SIX, ""]


def test_a_description_that_loses_nothing_stays_as_it_is() -> None:
    whole = "\r\n".join(["v=0", HOST, SIX, END, ""])
    assert named_by_address(whole) == whole
    assert named_by_address(whole.replace("\r\n", "\n")) == whole


@given(st.text(max_size=300))
def test_whatever_comes_no_name_is_left(text: str) -> None:
    kept = named_by_address(f"{text}\n{HIDDEN}\n")
    assert ".local" not in kept or ".local" in text


def test_media_sections_are_told_in_order() -> None:
    assert kinds_of("v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\nm=video 9 X 96\r\n") == ("audio", "video")


def test_a_fragment_names_its_session_its_sections_and_its_end() -> None:
    lines = [
        "a=ice-ufrag:EsAw",
        "a=ice-pwd:P2",
        "m=audio 9 UDP/TLS/RTP/SAVPF 0",
        "a=mid:0",
        HOST,
        HIDDEN,
        "m=video 9 X 0",
        SIX,
        END,
    ]
    fragment = parse_fragment("\r\n".join(lines))
    assert fragment.username == "EsAw"
    assert fragment.complete
    assert [(c.ip, c.port, c.sdpMid, c.sdpMLineIndex) for c in fragment.candidates] == [
        ("192.0.2.7", 50000, "0", None),
        ("2001:db8::7", 50002, None, 1),
    ]


@pytest.mark.parametrize("line", ["a=candidate:1 1 udp x 192.0.2.7 50000 typ host", "a=candidate:1 1 udp 1 192.0.2.7 50000"])
def test_a_candidate_that_cannot_be_read_is_an_error(line: str) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        parse_fragment(line)


def test_a_fragment_of_two_sessions_is_an_error() -> None:
    with pytest.raises(ValueError, match="one a=ice-ufrag"):
        parse_fragment("a=ice-ufrag:a\na=ice-ufrag:b\n")


def test_the_user_name_of_a_description_is_found() -> None:
    assert username_of("v=0\r\na=ice-ufrag:EsAw\r\n") == "EsAw"
    assert username_of("v=0\r\n") == ""
