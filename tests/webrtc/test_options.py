"""ICE servers are named in full, and told to clients as RFC 9725 has it."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from proxy.webrtc.options import IceServer, PeerOptions


def server(url: str, **more: str) -> IceServer:
    return IceServer.model_validate({"url": url, **more})


@pytest.mark.parametrize(
    "url", ["stun:stun.example.org", "turn:192.0.2.1:3478?transport=tcp", "turns:turn.example.org?transport=tcp"]
)
def test_stun_and_turn_are_taken(url: str) -> None:
    assert server(url).link() == f'<{url}>; rel="ice-server"'


@pytest.mark.parametrize("url", ["http://turn.example.org", "stun:", "turn:host?transport=sctp", 'stun:a">; rel="x"', "stun:a b"])
def test_anything_else_is_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        server(url)


def test_the_link_header_carries_the_credential_and_the_repr_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TURN_SECRET", 'pa"ss\\word')
    known = server("turn:turn.example.org", username="camera", credential="env:TURN_SECRET")
    tail = 'rel="ice-server"; username="camera"; credential="pa\\"ss\\\\word"; credential-type="password"'
    assert known.link() == f"<turn:turn.example.org>; {tail}"
    assert "pa" not in repr(known).replace("camera", "")


def test_a_credential_that_is_not_there_is_told_without_being_shown() -> None:
    with pytest.raises(ValidationError, match="NO_SUCH_VARIABLE is not set"):
        server("turn:turn.example.org", username="camera", credential="env:NO_SUCH_VARIABLE")


def test_without_settings_nobody_is_asked_and_addresses_must_be_addresses() -> None:
    assert PeerOptions().ice_servers == ()
    with pytest.raises(ValidationError):
        PeerOptions.model_validate({"addresses": ["localhost"]})
