"""Whatever is done to a stream on its way is found, and an untouched one is proven."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.attestation.claim import OWNER
from proxy.attestation.findings import Kind, Verdict, exit_code
from proxy.attestation.framing import Framing
from proxy.attestation.judging import Rules
from proxy.attestation.keys import DeviceKey
from proxy.attestation.minimum import Minimum
from proxy.attestation.notary import Notary
from proxy.attestation.trust import Trust, TrustedKey
from proxy.attestation.verification import Verifier
from proxy.encoding.options import Options, Preset
from proxy.encoding.packet import NAL_CODECS, EncodedPacket, VideoCodec
from proxy.encoding.userdata import with_messages
from proxy.encoding.video import VideoEncoder
from tests.attestation.signing import GOP, KEY, NOON_MS, Clock, bare, carried, device, groups, signed
from tests.programmes import STEP, every, pictures

Unit = tuple[bytes, int]
DAY_MS = 24 * 3600 * 1000

LIVE, _ = signed(8 * GOP - 2)
OFFLINE, _ = signed(8 * GOP - 2, by=device(live=False))
OTHER_DAY, _ = signed(8 * GOP - 2, clock=Clock(NOON_MS - DAY_MS), shade=3)
OTHER_CAMERA, _ = signed(8 * GOP - 2, by=device(camera="yard"), shade=7)
LATER_RUN, _ = signed(3 * GOP - 2, clock=Clock(NOON_MS + 60_000), shade=13)
BOTH = pytest.mark.parametrize("packets", [LIVE, OFFLINE], ids=["live", "offline"])


def verified(
    units: Iterable[Unit],
    *,
    codec: VideoCodec = VideoCodec.H264,
    trust: Trust | None = None,
    minimum: Minimum | None = None,
    camera: str | None = None,
    max_age_ms: int | None = None,
    now_ms: int = NOON_MS + 3_600_000,
    live: bool = False,
) -> list[Verdict]:
    trust = trust or Trust.of(TrustedKey(KEY.public, "box"))
    rules = Rules(trust, minimum or Minimum(), camera, max_age_ms)
    verifier = Verifier(codec, Framing(0, ()), rules, now_ms=lambda: now_ms, live=live)
    verdicts = [verdict for data, pts in units for verdict in verifier.add(data, pts=pts)]
    return verdicts + verifier.finish()


def units(packets: Iterable[EncodedPacket]) -> list[Unit]:
    return [(packet.data, packet.pts) for packet in packets]


def joined(*parts: Sequence[EncodedPacket]) -> list[Unit]:
    """The packets of ``parts`` one after another, shown one after another."""
    packets = [packet for part in parts for packet in part]
    return [(packet.data, number * STEP) for number, packet in enumerate(packets)]


def kinds(verdicts: Iterable[Verdict]) -> set[Kind]:
    return {finding.kind for verdict in verdicts for finding in verdict.findings}


def proven(verdicts: Iterable[Verdict]) -> list[bool]:
    return [verdict.proven for verdict in verdicts]


@BOTH
def test_an_untouched_stream_is_proven_from_its_first_to_its_last_picture(packets):
    verdicts = verified(units(packets))
    assert proven(verdicts) == [True] * 8
    assert sum(verdict.frames for verdict in verdicts) == len(packets)
    assert exit_code(verdicts) == 0
    assert [verdict.begin for verdict in verdicts] == [group[0].pts for group in groups(packets)]


@pytest.mark.parametrize("codec", list(NAL_CODECS.values()))
def test_both_codecs_are_proven(codec):
    packets, _ = signed(3 * GOP, codec=codec)
    assert all(proven(verified(units(packets), codec=codec)))


@BOTH
def test_an_excerpt_that_begins_and_ends_with_whole_groups_is_proven(packets):
    excerpt = [packet for group in groups(packets)[2:6] for packet in group]
    verdicts = verified(units(excerpt))
    assert proven(verdicts)[:3] == [True] * 3
    assert proven(verdicts)[3] is (packets is OFFLINE), "live, the last claim travels with what was cut off"


def test_a_live_stream_may_be_joined_and_left_anywhere():
    for begin in range(3 * GOP):
        verdicts = verified(units(LIVE[begin : 6 * GOP]), live=True)
        assert verdicts
        assert all(proven(verdicts))


def test_a_file_that_begins_or_ends_in_the_middle_of_a_group_says_so():
    verdicts = verified(units(LIVE[3 : 3 * GOP - 4]))
    assert proven(verdicts) == [False, True, False]
    assert kinds(verdicts) == {Kind.UNPROVEN}
    assert exit_code(verdicts) == 50


# Ten attacks


@BOTH
@pytest.mark.parametrize("gone", [1, 3])
def test_1_a_cut_is_found(packets, gone):
    whole = groups(packets)
    verdicts = verified(joined(*whole[:3], *whole[3 + gone :]))
    assert Kind.REMOVED in kinds(verdicts)
    assert exit_code(verdicts) == 51
    (place,) = [verdict for verdict in verdicts if any(finding.kind is Kind.REMOVED for finding in verdict.findings)]
    assert place.claim is not None
    assert place.claim.seq == 3 + gone


@BOTH
def test_1b_single_pictures_that_are_cut_out_are_found(packets):
    verdicts = verified(units(packets[: 3 * GOP + 4] + packets[3 * GOP + 6 :]))
    assert proven(verdicts) == [True] * 3 + [False] + [True] * 4
    assert kinds(verdicts) == {Kind.ALTERED}


@BOTH
@pytest.mark.parametrize("length", [1, 3])
def test_2_a_splice_from_another_day_is_found(packets, length):
    mine, theirs = groups(packets), groups(OTHER_DAY)
    verdicts = verified(joined(*mine[:3], *theirs[3 : 3 + length], *mine[3 + length :]))
    assert Kind.SPLICED in kinds(verdicts)
    assert exit_code(verdicts) == 51
    assert not any(proven(verdicts)[3 : 3 + length])


def test_2b_a_whole_recording_of_another_day_behind_this_one_is_found():
    verdicts = verified(joined(LIVE, OTHER_DAY))
    assert proven(verdicts) == [True] * 8 + [False] * 8
    assert kinds(verdicts) == {Kind.SPLICED}
    verdicts = verified(joined(OTHER_DAY, LIVE))
    assert proven(verdicts) == [True] * 8 + [False] * 8


@BOTH
def test_3_pictures_that_were_encoded_again_are_found(packets):
    again, _ = signed(8 * GOP - 2, preset=Preset.FAST)
    recoded = [(with_messages(bare(new), [OWNER + text.encode() for text in carried(old)], VideoCodec.H264), old.pts)
               for new, old in zip(again, packets, strict=False)]  # fmt: skip
    verdicts = verified(recoded)
    assert not any(proven(verdicts))
    assert Kind.ALTERED in kinds(verdicts)
    assert exit_code(verdicts) == 51


@BOTH
def test_4_a_group_that_is_played_again_is_found(packets):
    whole = groups(packets)
    verdicts = verified(joined(*whole[:4], whole[3], *whole[4:]))
    assert sum(proven(verdicts)) == 8
    assert Kind.REPEATED in kinds(verdicts)
    verdicts = verified(joined(*whole[:6], *whole[2:6], *whole[6:]))
    assert sum(proven(verdicts)) == 8
    assert Kind.REPEATED in kinds(verdicts)


@BOTH
def test_4b_groups_in_another_order_are_found(packets):
    whole = groups(packets)
    verdicts = verified(joined(*whole[:3], whole[4], whole[3], *whole[5:]))
    assert Kind.REORDERED in kinds(verdicts)
    assert exit_code(verdicts) == 51


def test_4c_a_recording_in_place_of_the_live_stream_is_found():
    assert all(proven(verified(units(LIVE), max_age_ms=30_000, now_ms=NOON_MS + 4_000, live=True)))
    verdicts = verified(units(OTHER_DAY), max_age_ms=30_000, now_ms=NOON_MS, live=True)
    assert not any(proven(verdicts))
    assert exit_code(verdicts) == 54


def test_5_another_camera_in_place_of_this_one_is_found():
    mine, theirs = groups(LIVE), groups(OTHER_CAMERA)
    verdicts = verified(joined(*mine[:4], *theirs[4:]))
    assert Kind.SPLICED in kinds(verdicts)
    verdicts = verified(units(OTHER_CAMERA), camera="door")
    assert not any(proven(verdicts))
    assert exit_code(verdicts) == 51
    only_yard = Trust.of(TrustedKey(KEY.public, cameras=frozenset({"yard"})))
    assert exit_code(verified(units(LIVE), trust=only_yard)) == 52


def test_6_a_weaker_policy_is_found_where_it_begins():
    weaker, _ = signed(3 * GOP - 2, by=device(policy={"targets": ["face"], "method": "blur", "lookback_ms": 100}))
    verdicts = verified(units(weaker), minimum=Minimum(targets=frozenset({"face", "body"}), lookback_ms=400))
    assert not any(proven(verdicts))
    assert kinds(verdicts) == {Kind.WEAKER_POLICY}
    assert exit_code(verdicts) == 53


@BOTH
@given(at=st.integers(0, 10_000), letter=st.sampled_from("AQgw09-_."))
@settings(max_examples=25)
def test_7_an_altered_claim_is_found(packets, at, letter):
    victim = next(number for number, packet in enumerate(packets) if number > 2 * GOP and carried(packet))
    (text,) = carried(packets[victim])
    at %= len(text)
    changed = text[:at] + letter + text[at + 1 :]
    altered = units(packets)
    altered[victim] = (with_messages(bare(packets[victim]), [OWNER + changed.encode()], VideoCodec.H264), packets[victim].pts)
    verdicts = verified(altered)
    if changed == text:
        assert all(proven(verdicts))
    else:
        assert proven(verdicts).count(False) == 1
        assert exit_code(verdicts) in (50, 52)


@BOTH
def test_8_a_stream_whose_claims_were_taken_out_is_not_proven(packets):
    verdicts = verified([(bare(packet), packet.pts) for packet in packets])
    assert proven(verdicts) == [False] * 8
    assert kinds(verdicts) == {Kind.UNPROVEN}
    assert exit_code(verdicts) == 50


def test_9_a_revoked_key_and_an_unknown_one_prove_nothing():
    revoked = verified(units(LIVE), trust=Trust.of(TrustedKey(KEY.public, revoked=True)))
    unknown = verified(units(LIVE), trust=Trust.of(TrustedKey(DeviceKey.new().public)))
    assert not any(proven(revoked) + proven(unknown))
    assert (kinds(revoked), kinds(unknown)) == ({Kind.REVOKED_KEY}, {Kind.UNKNOWN_KEY})
    assert exit_code(revoked) == exit_code(unknown) == 52


def test_10_a_claim_by_another_key_in_the_name_of_a_trusted_one_is_found():
    thief = DeviceKey.new()
    forger = device(DeviceKey(thief._secret, KEY.public))
    forged, _ = signed(3 * GOP - 2, by=forger)
    verdicts = verified(units(forged))
    assert not any(proven(verdicts))
    assert Kind.FORGED in kinds(verdicts)
    assert exit_code(verdicts) == 52


# What else can be


def test_a_good_claim_counts_whatever_bad_ones_stand_beside_it():
    thief, _ = signed(8 * GOP - 2, by=device(DeviceKey.new()))
    both = []
    for packet, other in zip(LIVE, thief, strict=True):
        texts = [OWNER + text.encode() for text in (*carried(other), "junk", *carried(packet))]
        both.append((with_messages(bare(packet), texts if carried(packet) else [], VideoCodec.H264), packet.pts))
    verdicts = verified(both)
    assert all(proven(verdicts))
    assert Kind.FORGED in kinds(verdicts)


def test_a_process_that_was_started_again_is_no_splice():
    verdicts = verified(joined(LIVE, LATER_RUN))
    assert all(proven(verdicts))
    assert not kinds(verdicts)


def test_pictures_shown_at_other_times_than_signed_are_found():
    fast = verified([(packet.data, packet.pts // 2) for packet in LIVE])
    assert not any(proven(fast)[1:])
    assert Kind.ALTERED in kinds(fast)
    paused = verified([(packet.data, packet.pts + (STEP * 50 if packet.pts >= 30 * STEP else 0)) for packet in LIVE])
    assert proven(paused).count(False) == 1


def test_times_that_a_container_rounded_to_milliseconds_are_the_same_times():
    assert all(proven(verified([(packet.data, packet.pts // 90 * 90 + 7_777) for packet in LIVE])))


def test_a_clock_before_or_after_a_keys_time_or_ahead_of_ours_is_found():
    early = Trust.of(TrustedKey(KEY.public, not_before_ms=NOON_MS + DAY_MS))
    late = Trust.of(TrustedKey(KEY.public, not_after_ms=NOON_MS - DAY_MS))
    assert exit_code(verified(units(LIVE), trust=early)) == exit_code(verified(units(LIVE), trust=late)) == 54
    assert exit_code(verified(units(LIVE), now_ms=NOON_MS - DAY_MS)) == 54


def test_still_pictures_whose_bytes_are_equal_are_no_repetition():
    """A covered camera can give the same bytes for minutes."""
    notary = Notary(device(live=False), now_ms=Clock())
    encoder = VideoEncoder(Options(gop_s=GOP / 25), live=False)
    one = [unit for frame in pictures(every(STEP, GOP)) for unit in encoder.encode(frame)] + encoder.flush()
    stream = []
    for number in range(6 * GOP):
        unit, pts = one[number % GOP], number * STEP
        said = notary.leaves(replace(unit, pts=pts), last=number % GOP == GOP - 1)
        stream.append((with_messages(unit.data, said, VideoCodec.H264), pts))
    verdicts = verified(stream)
    assert len({verdict.claim and verdict.claim.units for verdict in verdicts}) == 1
    assert proven(verdicts) == [True] * 6
    assert not kinds(verdicts)


@given(st.lists(st.binary(max_size=60), max_size=30), st.booleans())
def test_whatever_arrives_is_judged_without_a_failure(chunks, live):
    noise = [
        (b"\0\0\1\x65" + chunk if number % 3 == 0 else b"\0\0\1" + chunk, number * STEP) for number, chunk in enumerate(chunks)
    ]
    assert not any(proven(verified(noise, live=live)))


def test_memory_stays_bounded_however_long_a_stream_is_watched():
    rules = Rules(Trust.of(TrustedKey(KEY.public)), Minimum())
    verifier = Verifier(VideoCodec.H264, Framing(0, ()), rules, now_ms=lambda: NOON_MS, live=True)
    junk = [OWNER + bytes([65 + number % 26]) * 30 + str(number).encode() for number in range(300)]
    for number in range(40):
        data = with_messages(bare(LIVE[0]), [text + str(number).encode() for text in junk], VideoCodec.H264)
        verifier.add(data, pts=number * STEP)
    assert len(verifier._spare) <= 64
    assert len(verifier._seen) <= 4096
    assert len(verifier._waiting) <= 5
