"""A stream is looked at now and then, and no longer than there is time for it."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import SourceUnreachable
from proxy.sinks.file import FileSink, Options
from proxy.sources.glimpses import Allowance, Glimpses, glimpses
from proxy.sources.opening import Input
from tests.programmes import STEP, encoded, every, pictures, stream


@pytest.fixture
async def clip(tmp_path):
    await FileSink(Options(path=tmp_path / "a.mp4")).run(stream(encoded(pictures(every(STEP, 60)))))
    return Input(str(tmp_path / "a.mp4"), "a.mp4", live=False)


async def test_pictures_come_as_far_apart_as_asked_for(clip):
    with glimpses(clip, every=5 * STEP, share=1.0) as seen:
        assert [raw.pts for raw in seen.read(lambda: False)] == every(5 * STEP, 12)


async def test_reading_stops_when_it_is_told_to(clip):
    with glimpses(clip, every=STEP, share=1.0) as seen:
        taken: list[int] = []
        for raw in seen.read(lambda: len(taken) == 3):
            taken.append(raw.pts)
    assert len(taken) == 3


async def test_who_has_no_time_decodes_nothing_and_begins_again_at_a_keyframe(tmp_path):
    """The allowance is made up: it is spent from the fourth packet to the fifteenth."""
    packets = encoded(pictures(every(STEP, 60)))
    begins = [at for at, packet in enumerate(packets) if packet.keyframe]
    await FileSink(Options(path=tmp_path / "a.mp4")).run(stream(packets))
    clip = Input(str(tmp_path / "a.mp4"), "a.mp4", live=False)
    asked = itertools.count()

    class Spent(Allowance):
        def may_go_on(self, *, now_s: float, used_s: float) -> bool:
            return not 3 <= next(asked) < 15

    with glimpses(clip, every=STEP, share=1.0) as seen:
        shown = [raw.pts // STEP for raw in Glimpses(clip, seen._held, every=STEP, allowance=Spent(1.0)).read(lambda: False)]
    again = next(at for at in [*begins, len(packets)] if at >= 15)
    before, after = [at for at in shown if at < 15], [at for at in shown if at >= 15]
    assert set(before) <= {0, 1, 2}, "what the decoder still held is given up"
    assert after == list(range(again, 60))


def test_what_is_not_there_says_so(tmp_path):
    with pytest.raises(SourceUnreachable), glimpses(Input(str(tmp_path / "none"), "none", live=False), every=1, share=1.0):
        pass


@given(st.floats(0.05, 1.0), st.lists(st.floats(0.001, 0.5), min_size=20, max_size=200))
def test_nobody_takes_more_than_the_share_and_what_was_saved_up(share, works):
    """Work that takes so long on a processor of its own, with as little rest as is allowed."""
    allowance, now, used = Allowance(share, most_s=2.0), 0.0, 0.0
    for work in works:
        while not allowance.may_go_on(now_s=now, used_s=used):
            now += 0.05
        now, used = now + work, used + work
    assert used <= 2.0 + share * now + max(works) + 1e-6


def test_who_rests_rests_until_it_is_worth_it():
    allowance = Allowance(0.5, most_s=2.0)
    assert allowance.may_go_on(now_s=0, used_s=0)
    assert not allowance.may_go_on(now_s=0, used_s=2.5)
    assert not allowance.may_go_on(now_s=2, used_s=2.5)
    assert allowance.may_go_on(now_s=3.1, used_s=2.5)
