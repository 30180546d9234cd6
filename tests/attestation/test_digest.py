"""The digest is of what makes pictures, and of nothing else."""

import pytest

from proxy.attestation.digest import GopDigest, starts
from proxy.encoding.annexb import is_parameter_set, nal_units
from proxy.encoding.options import Options
from proxy.encoding.packet import NAL_CODECS, VideoCodec
from tests.programmes import STEP, encoded, every, pictures

H264 = VideoCodec.H264
SPS, PPS, IDR, SLICE, SEI, AUD, FILLER = b"\x67s", b"\x68p", b"\x65i", b"\x41p", b"\x06\x05x", b"\x09\xf0", b"\x0c\xff"


def digest(*access_units, known=()):
    made = GopDigest(H264, access_units[0], known=known)
    for units in access_units[1:]:
        made.add(units)
    return made.value()


WHOLE = digest([SPS, PPS, IDR], [SLICE])


@pytest.mark.parametrize(
    "access_units",
    [
        ([AUD, SPS, PPS, SEI, IDR], [AUD, SEI, SLICE, FILLER]),
        ([PPS, SPS, SPS, IDR], [SPS, PPS, SLICE]),
    ],
)
def test_what_carriers_add_or_move_changes_nothing(access_units):
    assert digest(*access_units) == WHOLE


@pytest.mark.parametrize(
    "access_units",
    [
        ([SPS, PPS, IDR],),
        ([SPS, PPS, IDR], [SLICE], [SLICE]),
        ([SPS, PPS, IDR], [b"\x41q"]),
        ([SPS, b"\x68q", IDR], [SLICE]),
        ([SPS, PPS, IDR, b"\x74x"], [SLICE]),
        ([SPS, PPS, IDR + SLICE],),
        ([SPS, PPS, IDR], [b"\x68another", SLICE]),
    ],
)
def test_whatever_a_decoder_would_see_changes_it(access_units):
    assert digest(*access_units) != WHOLE


def test_parameter_sets_that_a_container_keeps_elsewhere_count_where_the_stream_has_none():
    assert digest([IDR], [SLICE], known=[PPS, SPS]) == WHOLE
    assert digest([SPS, PPS, IDR], [SLICE], known=[b"\x67another", b"\x68another"]) == WHOLE


@pytest.mark.parametrize("codec", list(NAL_CODECS.values()))
def test_a_gop_begins_where_the_encoder_made_a_keyframe(codec):
    packets = encoded(pictures(every(STEP, 25)), options=Options(codec=codec, gop_s=0.4))
    units = [list(nal_units(packet.data)) for packet in packets]
    assert [starts(one, codec) for one in units] == [packet.keyframe for packet in packets]
    assert any(is_parameter_set(unit, codec) for unit in units[0])
    first = GopDigest(codec, units[0])
    first.add(units[1])
    assert first.count == 2
