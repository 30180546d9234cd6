"""Access units are cut into groups at their keyframes."""

import pytest

from proxy.attestation.framing import Framing
from proxy.attestation.gops import GopReader
from proxy.encoding.packet import VideoCodec
from proxy.encoding.userdata import with_messages
from tests.attestation.signing import GOP, bare, carried, groups, signed
from tests.programmes import STEP

PACKETS, NOTARY = signed(3 * GOP - 2)
CLAIMS = [one.claim for one in NOTARY.take()]


def read(packets):
    reader = GopReader(VideoCodec.H264, Framing(0, ()))
    over = [gop for packet in packets if (gop := reader.add(packet.data, pts=packet.pts)[0])]
    rest = reader.rest()
    return over + ([rest] if rest else []), reader


def test_groups_have_the_digests_counts_and_times_that_their_claims_say():
    gops, _ = read(PACKETS)
    assert [(gop.digest, gop.frames, (gop.begin, gop.last)) for gop in gops] == [
        (claim.units, claim.frames.out, claim.pts) for claim in CLAIMS
    ]
    assert [gop.end for gop in gops] == [GOP * STEP, 2 * GOP * STEP, PACKETS[-1].pts]


def test_what_is_signed_is_found_in_the_group_that_carries_it():
    gops, _ = read(PACKETS)
    assert [list(gop.texts) for gop in gops] == [[text for one in group for text in carried(one)] for group in groups(PACKETS)]


def test_a_beginning_in_the_middle_is_known_as_one():
    gops, _ = read(PACKETS[3:])
    assert [gop.whole for gop in gops] == [False, True, True]


def test_nothing_gives_nothing():
    assert GopReader(VideoCodec.H264, Framing(0, ())).rest() is None


@pytest.mark.parametrize("said", [b"x" * 100, b""])
def test_messages_of_others_are_counted(said):
    reader = GopReader(VideoCodec.H264, Framing(0, ()))
    reader.add(with_messages(bare(PACKETS[0]), [bytes(16) + said], VideoCodec.H264), pts=0)
    assert reader.unsigned_bytes > len(said)
    _, clean = read([packet for packet in PACKETS if carried(packet)])
    assert clean.unsigned_bytes == 0
