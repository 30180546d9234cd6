"""No password, token or stream key survives."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.media.redact import redact


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("rtsp://user:pw@cam:554/stream", "rtsp://***@cam:554/stream"),
        ("RTSP://user@cam/stream", "rtsp://***@cam/stream"),
        ("rtsp://cam/stream?token=1&b=2", "rtsp://cam/stream?***"),
        ("https://cam/stream#token", "https://cam/stream?***"),
        ("rtmp://platform/app/key", "rtmp://platform/app/***"),
        ("rtmps://platform:443/app/inst/key?x=1", "rtmps://platform:443/app/***?***"),
        ("srt://host:9000?streamid=key", "srt://host:9000?***"),
        ("whip://host/app/token", "whip://host/app/***"),
        ("rtsp://[fe80::1]:554/x", "rtsp://[fe80::1]:554/x"),
        ("cannot open 'rtsp://u:p@cam/x': refused", "cannot open 'rtsp://***@cam/x': refused"),
        ("rtsp://cam:554: refused", "rtsp://cam:554: refused"),
        ("file:///home/a@b/c?.mp4", "file:///home/a@b/c?.mp4"),
        ("no address at all", "no address at all"),
    ],
)
def test_secrets_go_and_the_peer_stays(text: str, shown: str) -> None:
    assert redact(text) == shown


@pytest.mark.parametrize("password", ["a/b", "a?b", "a#b", "a@b", "a:b", "a/b@c?d"])
def test_a_password_may_hold_what_a_url_ends_with(password: str) -> None:
    assert redact(f"failed: rtsp://user:{password}@cam/x") == "failed: rtsp://***@cam/x"


def test_a_password_that_is_cut_off_is_hidden_too() -> None:
    assert redact("rtsp://user:secret") == "rtsp://***"
    assert redact("rtsp://user:sec'ret@cam/x").startswith("rtsp://***")


@given(st.text(string.ascii_letters + string.digits + "/?#:@!$&()*+,;=%-._~", min_size=8).map(lambda text: "KEY" + text + "YEK"))
def test_no_password_is_ever_shown(password: str) -> None:
    shown = redact(f"x rtsp://user:{password}@cam:554/stream y")
    assert "KEY" not in shown
    assert "YEK" not in shown


def test_many_addresses_in_one_text_are_all_redacted() -> None:
    assert redact('["rtsp://a:b@c/d","rtmp://e/f/g"]') == '["rtsp://***@c/d","rtmp://e/f/***"]'
