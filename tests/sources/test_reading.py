"""The thread that reads an input is never waited for without a bound, and a live input never ends well."""

from __future__ import annotations

import os
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from proxy.errors import SourceUnreachable
from proxy.media.raw import RawFrame
from proxy.sources import reading
from proxy.sources.file import Options
from proxy.sources.opening import Input
from proxy.sources.protocol import Damage
from proxy.sources.reading import Intake, Reader
from tests.sources.clips import write
from tests.sources.peering import decoding_threads


def live(path: Path, *, silence_s: float = 10.0) -> Input:
    return replace(Options(path=path).input(), live=True, silence_s=silence_s)


async def test_the_end_of_a_live_input_is_an_error_after_its_last_picture(tmp_path: Path) -> None:
    seen = []
    with pytest.raises(SourceUnreachable, match="ended the stream"):
        async for item in Intake(live(write(tmp_path / "a.mkv"))).frames():
            seen.append(item)
    assert len(seen) == 5


async def test_a_call_that_never_returns_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_STUCK_S", 0.1)
    monkeypatch.setattr(reading, "_CLOSE_S", 0.1)
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    stuck = replace(Options(path=fifo).input(), open_s=0.1)
    with pytest.raises(SourceUnreachable, match="does not answer"):
        async for _ in Intake(stuck).frames():
            pass
    with fifo.open("wb"):
        assert decoding_threads() == 0


async def test_an_input_can_be_read_again(tmp_path: Path) -> None:
    intake = Intake(Options(path=write(tmp_path / "a.mkv")).input())
    for _ in range(2):
        async with aclosing(intake.frames()) as items:
            assert [item.pts async for item in items] == [0, 3600, 7200, 10_800, 14_400]


def test_packets_without_a_picture_are_borne_longer_than_silence_but_not_for_ever(tmp_path: Path) -> None:
    reader = Reader(live(tmp_path / "a.mkv", silence_s=2), Damage(), Event())
    for _ in range(6):
        reader._watch(1.0, came=True, pictured=False)
    with pytest.raises(SourceUnreachable, match="no picture for 6 s"):
        reader._watch(1.0, came=True, pictured=False)


def test_silence_counts_from_the_last_packet(tmp_path: Path) -> None:
    reader = Reader(live(tmp_path / "a.mkv", silence_s=2), Damage(), Event())
    for came in (False, False, True, False, False):
        reader._watch(1.0, came=came, pictured=came)
    with pytest.raises(SourceUnreachable, match="silent for 2 s"):
        reader._watch(1.0, came=False, pictured=False)


def test_a_reader_told_to_stop_gives_nothing_more_and_closes_twice(tmp_path: Path) -> None:
    stop = Event()
    reader = Reader(Options(path=write(tmp_path / "a.mkv")).input(), Damage(), stop)
    reader.open()
    items = reader.pull()
    assert items
    assert isinstance(items[0], RawFrame)
    stop.set()
    assert reader.pull() is None
    reader.close()
    reader.close()
