"""What a peer sends is taken at once, kept short, and placed in time: pictures by their stamps, sound by when it came."""

from __future__ import annotations

import time
from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError

from proxy.media.raw import RawAudio, RawFrame
from proxy.media.time import TICKS_PER_SECOND
from proxy.media.timeline import Timeline
from proxy.sources._webrtc.received import Received, expect
from proxy.sources.protocol import Damage
from proxy.webrtc.options import PeerOptions
from proxy.webrtc.peer import Peer

STEP = 3600


class Prepared(MediaStreamTrack):
    """A track whose frames are there already, and which then ends; no peer is behind it."""

    def __init__(self, frames: Iterable[av.VideoFrame | av.AudioFrame]) -> None:
        super().__init__()
        self._frames = iter(frames)

    async def recv(self) -> av.VideoFrame | av.AudioFrame:
        for frame in self._frames:
            return frame
        raise MediaStreamError


def picture(pts: int, *, width: int = 64) -> av.VideoFrame:
    frame = av.VideoFrame.from_ndarray(np.full((72, width), 90, np.uint8), "yuv420p")
    frame.pts, frame.time_base = pts, Fraction(1, 90_000)
    return frame


def block(pts: int) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(np.full((1, 960), 1000, np.int16), "s16", "mono")
    frame.sample_rate, frame.pts, frame.time_base = 48_000, pts, Fraction(1, 48_000)
    return frame


def received() -> Received:
    return Received(Peer(PeerOptions()), Timeline(jump=10 * TICKS_PER_SECOND), Damage())


async def test_pictures_keep_their_steps_and_a_slow_reader_gets_the_newest() -> None:
    got = received()
    await got._pump(Prepared(picture(1_000_000 + number * STEP) for number in range(30)))
    items = await got.items(0)
    assert [item.pts for item in items] == [0, STEP, 2 * STEP, 3 * STEP]
    await got._pump(Prepared([picture(1_000_000 + 40 * STEP)]))
    assert [item.pts for item in await got.items(0)] == [14 * STEP], "as far after the newest of those as its stamp says"
    assert got.pictured
    assert all(isinstance(item, RawFrame) for item in items)


async def test_sound_waits_for_the_first_picture_and_lies_where_it_came() -> None:
    got = received()
    await got._pump(Prepared(block(5_000_000 + number * 960) for number in range(20)))
    assert await got.items(0) == [], "nobody knows yet where 0 is"
    await got._pump(Prepared([picture(7)]))
    items = await got.items(0)
    heard = [item for item in items if isinstance(item, RawAudio)]
    assert heard
    assert all(item.pts >= 0 for item in heard), "what lies before the first picture is left out"
    ends = heard[-1].pts + 1800
    expected = 20 * 1800 - TICKS_PER_SECOND * 80 // 1000
    assert abs(ends - expected) < TICKS_PER_SECOND // 20
    assert {after.pts - before.pts for before, after in pairwise(heard[1:])} == {1800}


async def test_a_picture_too_small_to_be_one_is_left_out_and_nothing_came_is_nothing() -> None:
    got = received()
    assert await got.items(0) == []
    began = time.monotonic_ns()
    await got._pump(Prepared([picture(0, width=640)]))
    assert [item.format.width for item in await got.items(0)] == [640]
    assert got.pictured_ns >= began


async def test_pictures_that_pile_up_before_the_decoder_are_noticed() -> None:
    """No decoder runs here, so that what is put into its line stays there."""
    got = received()
    expect(got.peer, ("video",), sound=False)
    (receiver,) = got.peer.connection.getReceivers()
    line = receiver._RTCRtpReceiver__decoder_queue
    for _ in range(200):
        line.put(("codec", "picture"))
    assert not got.falls_behind
    line.put(("codec", "picture"))
    assert got.falls_behind
    await got.peer.close()


async def test_sound_that_is_not_wanted_is_declined_in_its_place() -> None:
    peer = Peer(PeerOptions())
    expect(peer, ("audio", "video"), sound=False)
    directions = {one.kind: one.direction for one in peer.connection.getTransceivers()}
    assert list(directions.items()) == [("audio", "inactive"), ("video", "recvonly")]
    await peer.close()
