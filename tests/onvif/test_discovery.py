"""Who answers a probe is a camera at its own address, or nobody."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import SourceUnreachable
from proxy.onvif.discovery import Found, discover, found


def answer(xaddrs: str, scopes: str = "onvif://www.onvif.org/name/Front%20door onvif://www.onvif.org/hardware/X-1") -> bytes:
    return (
        '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><e:Body>'
        f"<d:ProbeMatches><d:ProbeMatch><d:Scopes>{scopes}</d:Scopes><d:XAddrs>{xaddrs}</d:XAddrs></d:ProbeMatch></d:ProbeMatches>"
        "</e:Body></e:Envelope>"
    ).encode()


def test_a_camera_says_its_name_model_and_service() -> None:
    service = "http://10.0.0.9:8080/onvif/device_service"
    assert found(answer(f"http://[fe80::1]/onvif/device_service {service}"), "10.0.0.9") == [
        Found("10.0.0.9", service, "Front door", "X-1")
    ]


ELSEWHERE = (
    "http://10.0.0.8/x",
    "http://10.0.0.9.evil.example/x",
    "ftp://10.0.0.9/x",
    "http://user@10.0.0.8/",
    "http://10.0.0.9:99999/",
    "x",
    "",
)


@pytest.mark.parametrize("xaddrs", ELSEWHERE)
def test_nobody_is_sent_to_another_address_than_the_one_that_answered(xaddrs: str) -> None:
    assert found(answer(xaddrs), "10.0.0.9") == []


def test_names_hold_nothing_that_moves_a_terminal() -> None:
    (camera,) = found(answer("http://10.0.0.9/x", "onvif://www.onvif.org/name/%1b%5b2Jbad%0aline"), "10.0.0.9")
    assert camera.name == "[2Jbadline"


@given(st.binary(max_size=200))
def test_no_datagram_does_anything_but_be_ignored(datagram: bytes) -> None:
    assert found(datagram, "10.0.0.9") == []


@pytest.mark.peer
async def test_an_address_that_this_machine_does_not_have_is_told() -> None:
    with pytest.raises(SourceUnreachable, match="cannot ask the network"):
        await discover(wait_s=0.1, interface="192.0.2.1")
