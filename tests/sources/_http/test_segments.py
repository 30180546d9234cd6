"""Segments follow one another as one file, from the live edge on, and every way in which they can stop is told."""

from __future__ import annotations

import io
from typing import Any

import pytest

from proxy.errors import SourceRejected, SourceUnreachable, SourceUnsupported
from proxy.sources._http.fetching import Fetcher, Place
from proxy.sources._http.segments import Segments

AT = "http://host/live/i.m3u8"


class Answer(io.BytesIO):
    """As much of an HTTP answer as is needed; no connection is behind it."""

    def __init__(self, body: bytes, url: str) -> None:
        super().__init__(body)
        self._url = url

    def geturl(self) -> str:
        return self._url


class Web(Fetcher):
    """A web of prepared bodies; a list is given one after another, the last again and again. Waiting takes no time."""

    def __init__(self, **pages: Any) -> None:
        super().__init__(Place(AT, "http://host/live/i.m3u8", silence_s=0.0))
        self.pages = {name.replace("_", "."): page for name, page in pages.items()}
        self.asked: list[str] = []
        self.stopped = Patience()

    def get(self, url: str) -> Any:
        name = url.rpartition("/")[2]
        self.asked.append(name)
        page = self.pages.get(name)
        if isinstance(page, list):
            page = page.pop(0) if len(page) > 1 else page[0]
        if page is None:
            raise SourceRejected("http://host: no such stream")
        return Answer(page.encode(), url)


class Patience:
    """An event that nobody sets and nobody waits for."""

    def __init__(self) -> None:
        self.pauses: list[float] = []
        self.over = False

    def wait(self, seconds: float) -> bool:
        self.pauses.append(seconds)
        return self.over

    def is_set(self) -> bool:
        return self.over


def playlist(first: int, *names: str, ended: bool = False, target: int = 2, header: str = "") -> str:
    lines = ["#EXTM3U", f"#EXT-X-TARGETDURATION:{target}", f"#EXT-X-MEDIA-SEQUENCE:{first}"]
    lines += [f'#EXT-X-MAP:URI="{header}"'] if header else []
    return "\n".join([*lines, *names, *(["#EXT-X-ENDLIST"] if ended else [])])


def everything(segments: Segments) -> str:
    text = b""
    while data := segments.read(3):
        text += data
    return text.decode()


def test_a_recording_is_read_from_its_beginning_to_its_end() -> None:
    web = Web(i_m3u8=playlist(0, "a.ts", "b.ts", "c.ts", "d.ts", "e.ts", ended=True), **{f"{n}_ts": n * 4 for n in "abcde"})
    assert everything(Segments(web, max_height=1080)) == "aaaabbbbccccddddeeee"


def test_a_live_stream_is_entered_near_its_end_and_followed() -> None:
    lists = [playlist(5, *"abcde"), playlist(5, *"abcde"), playlist(7, *"cdef"), playlist(8, *"defg", ended=True)]
    web = Web(i_m3u8=lists, **{n: n.upper() for n in "abcdefg"})
    assert everything(Segments(web, max_height=1080)) == "CDEFG"


def test_a_header_comes_first_and_once() -> None:
    lists = [playlist(0, "a", "b", header="h"), playlist(0, "a", "b", "c", header="h", ended=True)]
    web = Web(i_m3u8=lists, a="A", b="B", c="C", h="H")
    assert everything(Segments(web, max_height=1080)) == "HABC"


def test_the_variant_that_was_chosen_is_followed() -> None:
    low, high = ("#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=64x36", "#EXT-X-STREAM-INF:BANDWIDTH=2,RESOLUTION=128x72")
    master = "\n".join(["#EXTM3U", low, "l.m3u8", high, "h.m3u8"])
    web = Web(i_m3u8=master, l_m3u8=playlist(0, "a", ended=True), h_m3u8=playlist(0, "b", ended=True), a="A", b="B")
    assert everything(Segments(web, max_height=1080)) == "B"
    assert web.asked.count("i.m3u8") == 1


def test_a_segment_that_is_gone_is_left_out_but_not_all_of_them() -> None:
    web = Web(i_m3u8=playlist(0, *"abc", ended=True), a="A", c="C")
    assert everything(Segments(web, max_height=1080)) == "AC"
    with pytest.raises(SourceRejected):
        everything(Segments(Web(i_m3u8=playlist(0, "a", ended=True)), max_height=1080))
    gone = Web(i_m3u8=playlist(0, *"abcdefg", ended=True))
    with pytest.raises(SourceRejected):
        everything(Segments(gone, max_height=1080))


@pytest.mark.parametrize(
    ("lists", "error", "words"),
    [
        ([playlist(5, "a", "b"), playlist(5, "a", "b")], SourceUnreachable, "no new segment"),
        ([playlist(50, "a", "b"), playlist(0, "a")], SourceUnreachable, "began anew"),
        ([playlist(0, "a", header="h"), playlist(1, "b", header="b")], SourceUnreachable, "another programme"),
        (["<html>"], SourceUnsupported, "no playlist"),
    ],
)
def test_what_cannot_go_on_is_told(lists: list[str], error: type[Exception], words: str) -> None:
    segments = Segments(Web(i_m3u8=lists, a="A", b="B", h="H"), max_height=1080)
    segments._target_s = 0.0
    with pytest.raises(error, match=words):
        everything(segments)


def test_a_playlist_is_asked_for_no_more_than_twice_in_its_longest_segment() -> None:
    web = Web(i_m3u8=[playlist(0, "a", target=6), playlist(0, "a", "b", ended=True, target=6)], a="A", b="B")
    assert everything(Segments(web, max_height=1080)) == "AB"
    waited = web.stopped.pauses
    assert waited[0] == 0
    assert waited[1] == pytest.approx(3, abs=0.2)


def test_who_is_told_to_stop_reads_nothing_more() -> None:
    web = Web(i_m3u8=playlist(0, "a"), a="A")
    web.stopped.over = True
    assert Segments(web, max_height=1080).read(10) == b""
    assert web.asked == []
