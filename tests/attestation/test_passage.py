"""Only what is proven passes, byte for byte, and nothing beside it."""

from __future__ import annotations

import io
from itertools import pairwise

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.attestation.claim import OWNER
from proxy.attestation.findings import Verdict
from proxy.attestation.framing import Framing
from proxy.attestation.judging import Rules
from proxy.attestation.keys import DeviceKey
from proxy.attestation.minimum import Minimum
from proxy.attestation.notary import Notary
from proxy.attestation.passage import GROUP_BYTES, Passage, Unending
from proxy.attestation.trust import Trust, TrustedKey
from proxy.attestation.verification import Verifier
from proxy.encoding.annexb import START, is_slice, nal_units
from proxy.encoding.options import Preset
from proxy.encoding.packet import NAL_CODECS, VideoCodec
from proxy.encoding.userdata import message, with_messages
from proxy.encoding.video import AccessUnit
from tests.attestation.signing import GOP, KEY, NOON_MS, Clock, bare, carried, device, groups, signed
from tests.programmes import SHAPE, STEP, encoded, every, pictures

PACKETS, _ = signed(8 * GOP - 2)


def passage(codec=VideoCodec.H264, framing=None):
    rules = Rules(Trust.of(TrustedKey(KEY.public)), Minimum(), "door")
    framing = framing or Framing(0, ())
    return Passage(codec, framing, SHAPE, Verifier(codec, framing, rules, now_ms=lambda: NOON_MS + 60_000, live=False))


def passed(units, codec=VideoCodec.H264):
    made = passage(codec)
    return [packet for data, pts in units for _, packets in made.add(data, pts=pts) for packet in packets]


def slices(packets):
    return [unit for packet in packets for unit in nal_units(packet.data) if is_slice(unit, packet.streams.video.codec)]


@pytest.mark.parametrize("codec", list(NAL_CODECS.values()))
def test_what_is_proven_passes_as_soon_as_its_claim_is_there(codec):
    packets, _ = signed(8 * GOP - 2, codec=codec)
    out = passed([(packet.data, packet.pts) for packet in packets], codec)
    expected = [packet for group in groups(packets)[:7] for packet in group]
    assert [(packet.pts, packet.keyframe) for packet in out] == [(packet.pts, packet.keyframe) for packet in expected]
    assert slices(out) == slices(expected)
    assert [text for packet in out for text in carried(packet)] == [text for packet in expected for text in carried(packet)]
    assert len({id(packet.streams) for packet in out}) == 1
    with av.open(io.BytesIO(b"".join(packet.data for packet in out)), format=codec.value) as container:
        assert len(list(container.decode(video=0))) == len(out)


def test_what_passed_is_proven_to_whoever_comes_next():
    once = passed([(packet.data, packet.pts) for packet in PACKETS])
    twice = passed([(packet.data, packet.pts) for packet in once])
    assert slices(twice) == slices([packet for group in groups(PACKETS)[:6] for packet in group])


def test_raw_pictures_under_good_claims_do_not_pass_for_a_single_frame():
    raw = encoded(pictures(every(3600, 8 * GOP)))
    dressed = [
        (with_messages(bare(frame), [OWNER + text.encode() for text in carried(packet)], VideoCodec.H264), packet.pts)
        for frame, packet in zip(raw, PACKETS, strict=False)
    ]
    assert passed(dressed) == []


def test_raw_pictures_among_proven_ones_stay_behind():
    raw, _ = signed(3 * GOP, by=device(DeviceKey.new()), shade=5)
    whole = groups(PACKETS)
    mixed = [packet for group in (whole[0], whole[1], raw[:GOP], *whole[2:]) for packet in group]
    out = passed([(packet.data, number * 3600) for number, packet in enumerate(mixed)])
    assert out
    assert raw
    assert set(slices(out)) <= set(slices(PACKETS))


@given(st.integers(0, 8 * GOP - 2), st.integers(0, 100_000), st.integers(1, 255))
@settings(max_examples=60)
def test_no_changed_byte_of_a_picture_passes(number, at, change):
    victim = PACKETS[number]
    data = bytearray(victim.data)
    data[at % len(data)] ^= change
    units = [(bytes(data) if packet is victim else packet.data, packet.pts) for packet in PACKETS]
    assert set(slices(passed(units))) <= set(slices(PACKETS))


def test_messages_of_others_stay_behind():
    hidden = bytes(16) + b"a picture of somebody" * 50
    units = [(with_messages(packet.data, [hidden], VideoCodec.H264), packet.pts) for packet in PACKETS]
    out = passed(units)
    assert len(out) == 7 * GOP
    assert not any(b"a picture of somebody" in packet.data for packet in out)


def test_what_only_says_that_it_is_a_claim_stays_behind():
    """Also a claim that somebody else signed: its text may hold anything."""
    stranger, _ = signed(2 * GOP, by=device(DeviceKey.new()))
    texts = [OWNER + b"a picture of somebody" * 50, *(OWNER + text.encode() for packet in stranger for text in carried(packet))]
    units = [(with_messages(packet.data, texts, VideoCodec.H264), packet.pts) for packet in PACKETS]
    out = passed(units)
    assert len(out) == 7 * GOP
    own = {text for packet in PACKETS for text in carried(packet)}
    assert {text for packet in out for text in carried(packet)} <= own
    assert not any(b"a picture of somebody" in packet.data for packet in out)


@pytest.mark.parametrize(("put_in", "passes"), [("others", 0), ("the same", 2 * GOP), ("none", 2 * GOP)])
def test_a_group_whose_parameter_sets_change_half_way_does_not_pass_although_it_is_signed(put_in, passes):
    sets = {"others": signed(GOP, preset=Preset.MEDIUM)[0][0], "the same": PACKETS[0]}
    extra = sets[put_in].streams.video.extradata if put_in in sets else b""
    notary, units = Notary(device(), now_ms=Clock()), []
    for number, packet in enumerate(PACKETS[: 3 * GOP]):
        data = extra + bare(packet) if number % GOP == 5 else bare(packet)
        unit = AccessUnit(data, packet.pts, STEP, packet.keyframe, packet.streams.video, None, 0)
        units.append((with_messages(data, notary.leaves(unit, last=False), VideoCodec.H264), packet.pts))
    assert len(passed(units)) == passes


def test_a_verdict_about_other_bytes_than_those_that_wait_opens_nothing():
    """The verifier is made up: it says of everything that it is proven, with a claim about something else."""
    claim = signed(GOP)[1].take()[0].claim

    class Gullible:
        def add(self, data, *, pts):
            return [Verdict(0, 1, 1, claim, TrustedKey(KEY.public), ())]

        def vouches_for(self, text):
            return True

    made = Passage(VideoCodec.H264, Framing(0, ()), SHAPE, Gullible())
    assert made.add(PACKETS[0].data, pts=0)[0][1] == []


NOISE = st.one_of(
    st.binary(min_size=1, max_size=60),
    st.binary(max_size=60).map(lambda tail: bytes([6, 5]) + tail),
    st.binary(max_size=60).map(lambda tail: message(OWNER + tail, VideoCodec.H264)),
    st.sampled_from([7, 8, 9, 10, 12, 13, 15, 19, 20, 24, 31]).map(lambda kind: bytes([0x60 | kind]) + b"hidden"),
)
"""NAL units of any kind that somebody on the way might put in."""


@given(st.lists(st.tuples(st.integers(0, len(PACKETS) - 1), NOISE), max_size=6), st.integers(0, 3))
@settings(max_examples=80)
def test_no_byte_passes_that_was_not_signed(planted, swaps):
    """Whatever is put in, wherever: each NAL unit that comes out is one of those that the device signed, or its claim."""
    groups_now = groups(PACKETS)
    groups_now[swaps], groups_now[swaps + 1] = groups_now[swaps + 1], groups_now[swaps]
    units = []
    for number, packet in enumerate(packet for group in groups_now for packet in group):
        put_in = [unit for place, unit in planted if place == number]
        units.append((b"".join(START + unit for unit in put_in) + packet.data, number * STEP))
    signed_units = {unit for packet in PACKETS for unit in nal_units(packet.data)}
    for packet in passed(units):
        assert set(nal_units(packet.data)) <= signed_units


def test_times_never_run_back():
    units = [(packet.data, packet.pts) for packet in PACKETS]
    looped = units + units
    assert all(after.pts > before.pts for before, after in pairwise(passed(looped)))


def test_what_passes_after_something_else_stood_in_its_place_is_shown_after_it():
    made, out, units = passage(), [], [(packet.data, packet.pts) for packet in PACKETS]
    for number, (data, pts) in enumerate(units):
        out += [packet for _, packets in made.add(data, pts=pts) for packet in packets]
        if number == 3 * GOP:
            made.follow(out[-1].pts + 100 * STEP)
    times = [packet.pts for packet in out]
    assert all(before < after for before, after in pairwise(times))
    jumps = [after - before for before, after in pairwise(times) if after - before != STEP]
    assert jumps == [100 * STEP], "and then as before"


def test_a_group_that_does_not_end_is_an_error():
    made = passage()
    made.add(PACKETS[0].data, pts=0)
    huge = bytes([1]) * (GROUP_BYTES // 4)
    with pytest.raises(Unending):
        for number in range(1, 6):
            made.add(b"\0\0\1\x41" + huge, pts=number)
