"""What is fetched comes from the place that was named, or from where it leads, and from nowhere in clear when it was not."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from proxy.errors import SourceRejected, SourceUnreachable
from proxy.sources._http.fetching import Fetcher, Place
from tests.peers.http_camera import HttpCamera


def place(url: str, *, silence_s: float = 10.0) -> Place:
    return Place.parse(url, ca_file=None, open_s=3.0, silence_s=silence_s)


@pytest.mark.parametrize(
    ("url", "bare", "user", "password"),
    [
        ("http://host/a?b=c#d", "http://host/a?b=c", "", ""),
        ("https://u:p%40%2Fx@host:8443/a", "https://host:8443/a", "u", "p@/x"),
        ("http://u@[::1]:80/", "http://[::1]:80/", "u", ""),
    ],
)
def test_user_and_password_are_taken_out_of_the_url(url: str, bare: str, user: str, password: str) -> None:
    found = place(url)
    assert (found.url, found.user, found.password) == (bare, user, password)
    assert not password or password not in f"{found!r} {found.name}"


@pytest.mark.parametrize("url", ["", "host/a", "file:///etc/passwd", "http://", "http://h:0/", "http://h:x/"])
def test_what_is_no_place_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        place(url)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("file:///etc/passwd", "another scheme"),
        ("ftp://host/x", "another scheme"),
        ("http://host/x", "from https to http"),
        ("https://other/x", "another host, other"),
        ("https://host.other/x", "another host"),
        ("https://host@other/x", "another host"),
    ],
)
def test_nothing_leads_from_tls_to_another_scheme_or_to_a_host_that_is_not_named(url: str, said: str) -> None:
    with pytest.raises(SourceRejected, match=said):
        Fetcher(place("https://host/")).get(url)


def test_a_host_that_is_named_may_be_led_to() -> None:
    named = Place.parse("http://Host/", ca_file=None, open_s=1, silence_s=1, hosts=("CDN.example",))
    assert [named.refusal(url) for url in ("http://cdn.example:81/a", "https://host/b", "http://HOST/c")] == ["", "", ""]
    assert named.refusal("http://evil.example/") != ""


@pytest.mark.peer
def test_a_file_is_read_to_its_end(tmp_path: Path) -> None:
    with HttpCamera(tmp_path) as camera:
        (camera.folder / "x").write_bytes(b"0123456789")
        fetcher = Fetcher(place(camera.url("/x")))
        answer = fetcher.get(camera.url("/x"))
        assert fetcher.read(answer, 4) == b"0123"
        assert fetcher.read(answer, 100) == b"456789"
        assert fetcher.read(answer, 100) == b""
        fetcher.close()
        fetcher.close()


@pytest.mark.peer
def test_stopping_ends_a_read_that_waits_and_every_later_one(tmp_path: Path) -> None:
    with HttpCamera(tmp_path) as camera:
        fetcher = Fetcher(place(camera.url("/video"), silence_s=60))
        answer = fetcher.get(camera.url("/video"))
        camera.freeze()
        threading.Timer(0.3, fetcher.stop).start()
        began = time.monotonic()
        try:
            while fetcher.read(answer, 1 << 16):
                pass
        except SourceUnreachable:
            pass
        assert time.monotonic() - began < 5
        with pytest.raises(SourceUnreachable):
            fetcher.get(camera.url("/video"))
        answer.close()
        fetcher.close()


@pytest.mark.peer
def test_proxies_of_the_environment_are_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with HttpCamera(tmp_path) as camera:
        (camera.folder / "x").write_bytes(b"there")
        fetcher = Fetcher(place(camera.url("/x")))
        assert fetcher.read(fetcher.get(camera.url("/x")), 100) == b"there"
        fetcher.close()
