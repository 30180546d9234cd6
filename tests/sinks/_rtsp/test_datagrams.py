"""What a server says of its ports is believed only where it makes sense. Sending is tried in tests/sinks/test_rtsp.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.sinks._rtsp.datagrams import server_ports

PORTS = st.integers(1, 65_535)


@given(PORTS, PORTS, st.sampled_from(["RTP/AVP", "RTP/AVP/UDP", "rtp/avp"]))
def test_the_servers_ports_are_found_wherever_they_stand(packets: int, reports: int, profile: str) -> None:
    named = f"server_port={packets}-{reports}"
    assert server_ports(f"{profile};unicast;client_port=5000-5001;{named};ssrc=1;mode=record") == (packets, reports)
    assert server_ports(f"{profile}; {named}") == (packets, reports)


@pytest.mark.parametrize(
    "transport",
    [
        "",
        "RTP/AVP;unicast;client_port=5000-5001",
        "RTP/AVP/TCP;unicast;interleaved=0-1;server_port=5000-5001",
        "RTP/AVP;server_port=0-1",
        "RTP/AVP;server_port=5000-65536",
        "RTP/AVP;server_port=5000",
        "RTP/AVP;xserver_port=5000-5001",
        "RTP/AVP;server_port=99999999-5001",
        "RAW;server_port=5000-5001",
    ],
)
def test_what_names_no_two_ports_names_none(transport: str) -> None:
    assert server_ports(transport) is None


@given(st.text(max_size=80))
def test_whatever_a_server_says_is_no_failure(transport: str) -> None:
    ports = server_ports(transport)
    assert ports is None or all(0 < port < 65_536 for port in ports)
