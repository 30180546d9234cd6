"""Access units are taken apart at their start codes."""

from hypothesis import given
from hypothesis import strategies as st

from proxy.encoding.annexb import START, nal_units, parameter_sets
from proxy.encoding.packet import VideoCodec

UNIT = st.binary(min_size=1, max_size=40).filter(lambda unit: unit[-1] and b"\0\0\0" not in unit and b"\0\0\1" not in unit)


@given(st.lists(st.tuples(st.sampled_from([b"\0\0\1", START]), UNIT), max_size=6))
def test_units_come_back_whatever_start_codes_are_between_them(pieces):
    assert list(nal_units(b"".join(code + unit for code, unit in pieces))) == [unit for _, unit in pieces]


@given(st.binary(max_size=200))
def test_any_bytes_are_taken_apart_without_a_failure(data):
    for codec in VideoCodec:
        parameter_sets(data, codec)


def test_parameter_sets_of_h264_are_sps_and_pps():
    data = b"\0\0\1\x06sei" + START + b"\x67sps" + b"\0\0\1\x68pps" + START + b"\x65idr"
    assert parameter_sets(data, VideoCodec.H264) == START + b"\x67sps" + START + b"\x68pps"


def test_parameter_sets_of_hevc_are_vps_sps_and_pps():
    kinds = [bytes([kind << 1, 1, 7]) for kind in (32, 33, 34, 39, 19)]
    assert parameter_sets(START + START.join(kinds), VideoCodec.HEVC) == START + START.join(kinds[:3])
