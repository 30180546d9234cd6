"""Playlists are read as RFC 8216 writes them; what is not supported is told, and nothing is guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.sources._http.playlist import Playlist, Segment, Unreadable, Variant, chosen, parse

AT = "https://host/live/index.m3u8"


def media(*lines: str) -> str:
    return "\n".join(["#EXTM3U", "#EXT-X-TARGETDURATION:4", *lines])


def test_segments_are_numbered_and_found_beside_the_playlist() -> None:
    found = parse(media("#EXT-X-MEDIA-SEQUENCE:7", "#EXTINF:4.0,", "a.ts", "#EXTINF:3.9,", "/other/b.ts?x=1", "#EXTINF:1,"), AT)
    assert found == Playlist(
        (Segment("https://host/live/a.ts", 7, None), Segment("https://host/other/b.ts?x=1", 8, None)), 4.0, ended=False
    )


def test_headers_and_the_end_are_told() -> None:
    text = media(
        '#EXT-X-MAP:URI="init-0.mp4"', "a.m4s", "#EXT-X-DISCONTINUITY", '#EXT-X-MAP:URI="init-1.mp4"', "b.m4s", "#EXT-X-ENDLIST"
    )
    found = parse(text, AT)
    assert isinstance(found, Playlist)
    assert [segment.header for segment in found.segments] == ["https://host/live/init-0.mp4", "https://host/live/init-1.mp4"]
    assert found.ended


def test_variants_are_told_with_their_size() -> None:
    text = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=800000,CODECS="avc1.4d401f,mp4a.40.2",RESOLUTION=640x360\nlow/i.m3u8\n'
    text += "#EXT-X-STREAM-INF:BANDWIDTH=5000000,RESOLUTION=1920x1080\nhigh/i.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=64000\nsound.m3u8\n"
    assert parse(text, AT) == (
        Variant("https://host/live/low/i.m3u8", 800_000, 360),
        Variant("https://host/live/high/i.m3u8", 5_000_000, 1080),
        Variant("https://host/live/sound.m3u8", 64_000, 0),
    )


def test_the_best_variant_that_is_not_too_tall_is_chosen_and_else_the_smallest() -> None:
    variants = (Variant("low", 1, 360), Variant("mid", 2, 720), Variant("better", 3, 720), Variant("high", 9, 2160))
    assert [chosen(variants, max_height=height).url for height in (1080, 720, 400, 100, 4000)] == [
        "better", "better", "low", "low", "high",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no playlist"),
        ("<html>", "no playlist"),
        ("#EXTM3U\na.ts", "how long"),
        (media('#EXT-X-KEY:METHOD=AES-128,URI="k"', "a.ts"), "encrypted"),
        (media("#EXT-X-BYTERANGE:100@0", "a.ts"), "byte ranges"),
        (media('#EXT-X-MAP:URI="a.mp4",BYTERANGE="10@0"', "a.m4s"), "byte ranges"),
        ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n", "names no stream"),
        ("#EXTM3U\n" + "\n" * 20_000, "no playlist"),
    ],
)
def test_what_is_none_or_not_supported_says_so(text: str, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        parse(text, AT)


def test_a_key_that_is_none_is_no_hindrance() -> None:
    assert isinstance(parse(media("#EXT-X-KEY:METHOD=NONE", "a.ts"), AT), Playlist)


@given(st.text(max_size=400))
def test_any_text_is_a_playlist_or_an_error_of_ours(text: str) -> None:
    try:
        parse(f"#EXTM3U\n{text}", AT)
    except ValueError:
        return
