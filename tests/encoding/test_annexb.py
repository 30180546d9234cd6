"""Access units are taken apart at their start codes."""

from hypothesis import given
from hypothesis import strategies as st

from proxy.encoding.annexb import START, first_slice, is_slice, nal_units, parameter_sets, starts_gop
from proxy.encoding.packet import NAL_CODECS, VideoCodec

UNIT = st.binary(min_size=1, max_size=40).filter(lambda unit: unit[-1] and b"\0\0\0" not in unit and b"\0\0\1" not in unit)


@given(st.lists(st.tuples(st.sampled_from([b"\0\0\1", START]), UNIT), max_size=6))
def test_units_come_back_whatever_start_codes_are_between_them(pieces):
    assert list(nal_units(b"".join(code + unit for code, unit in pieces))) == [unit for _, unit in pieces]


@given(st.binary(max_size=200))
def test_any_bytes_are_taken_apart_without_a_failure(data):
    for codec in NAL_CODECS.values():
        parameter_sets(data, codec)


def test_parameter_sets_of_h264_are_sps_and_pps():
    data = b"\0\0\1\x06sei" + START + b"\x67sps" + b"\0\0\1\x68pps" + START + b"\x65idr"
    assert parameter_sets(data, VideoCodec.H264) == START + b"\x67sps" + START + b"\x68pps"


def test_parameter_sets_of_hevc_are_vps_sps_and_pps():
    kinds = [bytes([kind << 1, 1, 7]) for kind in (32, 33, 34, 39, 19)]
    assert parameter_sets(START + START.join(kinds), VideoCodec.HEVC) == START + START.join(kinds[:3])


def test_pictures_begin_at_their_first_slice():
    data = START + b"\x67sps" + b"\0\0\1\x06sei" + START + b"\x65idr" + START + b"\x65idr"
    assert data[first_slice(data, VideoCodec.H264) :] == START + b"\x65idr" + START + b"\x65idr"
    assert first_slice(START + b"\x67sps", VideoCodec.H264) == len(START + b"\x67sps")


@given(st.binary(max_size=200))
def test_in_any_bytes_the_first_slice_is_inside_or_at_the_end(data):
    for codec in NAL_CODECS.values():
        assert 0 <= first_slice(data, codec) <= len(data)


def test_slices_and_those_at_which_decoding_begins_are_told_by_their_first_byte():
    assert [is_slice(bytes([kind]), VideoCodec.H264) for kind in (1, 5, 6, 7, 9, 0)] == [True, True, False, False, False, False]
    assert [starts_gop(bytes([kind]), VideoCodec.H264) for kind in (1, 5, 7)] == [False, True, False]
    assert [is_slice(bytes([kind << 1]), VideoCodec.HEVC) for kind in (1, 19, 21, 32, 39)] == [True, True, True, False, False]
    assert [starts_gop(bytes([kind << 1]), VideoCodec.HEVC) for kind in (1, 19, 21, 22, 33)] == [False, True, True, False, False]
