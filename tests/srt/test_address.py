"""Where an SRT peer is, and as whom it is met."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.srt.address import Address


def test_a_host_is_called_and_no_host_is_listened_at() -> None:
    assert Address.parse("srt://camera:9000") == Address("camera", 9000, False)
    assert Address.parse("srt://:9000") == Address("", 9000, True)
    assert Address.parse("srt://127.0.0.1:9000?mode=listener").listener
    assert Address.parse("srt://[::1]:9000").host == "::1"


def test_everything_may_stand_in_the_url_and_what_is_given_apart_wins() -> None:
    url = "srt://h:9000?streamid=%23%21%3A%3Ar%3Dlive&passphrase=0123456789&latency=80&pbkeylen=32"
    assert Address.parse(url) == Address("h", 9000, False, "#!::r=live", "0123456789", 80, 32)
    apart = Address.parse(url, streamid="other", passphrase="abcdefghij", latency_ms=0)
    assert (apart.streamid, apart.passphrase, apart.latency_ms) == ("other", "abcdefghij", 0)


@pytest.mark.parametrize(
    "url",
    [
        "srt://host",
        "srt://host:0",
        "srt://host:port",
        "srt://user@host:9000",
        "srt://host:9000/path",
        "http://host:9000",
        "srt://:9000?mode=caller",
        "srt://host:9000?mode=rendezvous",
        "srt://host:9000?passphrase=short",
        "srt://host:9000?latency=long",
        "srt://host:9000?latency=9000",
        "srt://host:9000?pbkeylen=8",
        "srt://host:9000?transtype=file",
        "srt://host:9000?streamid=" + "x" * 513,
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"expected|needs|has|unknown"):
        Address.parse(url)


@given(st.text("abcdefgh:/?#&=@0123456789", min_size=10, max_size=40))
def test_no_secret_shows_in_names_representations_or_refusals(secret: str) -> None:
    secret = f"key{secret}"
    address = Address("h", 9000, False, secret, secret)
    assert secret not in f"{address!r} {address.name}"
    with pytest.raises(ValueError, match="expected mode") as refused:
        Address.parse(f"srt://h:9000?passphrase={quote(secret)}&mode=x")
    assert secret not in str(refused.value)


def test_names_say_who_listens() -> None:
    assert Address.parse("srt://[::1]:9000").name == "srt://[::1]:9000"
    assert Address.parse("srt://:9000").name == "srt://:9000 (listening)"
