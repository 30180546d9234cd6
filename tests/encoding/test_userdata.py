"""Messages beside the picture come back whole, and no decoder minds them."""

import io

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.encoding.annexb import is_parameter_set, is_slice, nal_units
from proxy.encoding.options import Options
from proxy.encoding.packet import NAL_CODECS, VideoCodec
from proxy.encoding.userdata import is_message, message, payloads, with_messages
from tests.programmes import STEP, encoded, every, pictures

OWNER = bytes(range(16, 32))
CODECS = list(NAL_CODECS.values())


@given(st.binary(max_size=700) | st.lists(st.sampled_from([b"\0", b"\1", b"\3", b"\xff"]), max_size=40).map(b"".join))
def test_a_message_comes_back_and_never_looks_like_a_start_code(said):
    for codec in CODECS:
        unit = message(OWNER + said, codec)
        assert is_message(unit, codec)
        assert list(payloads(unit, codec, OWNER)) == [said]
        assert list(nal_units(b"\0\0\0\1" + unit)) == [unit]
        assert not any(pattern in unit for pattern in (b"\0\0\0", b"\0\0\1", b"\0\0\2"))


@given(st.binary(max_size=120))
def test_any_bytes_are_read_without_a_failure(data):
    for codec in CODECS:
        assert isinstance(list(payloads(b"\x06\x01" + data, codec, OWNER)), list)


def test_others_messages_and_what_is_cut_short_are_not_ours():
    unit = message(bytes(16) + b"theirs", VideoCodec.H264)
    assert list(payloads(unit, VideoCodec.H264, OWNER)) == []
    assert list(payloads(message(OWNER + b"x" * 300, VideoCodec.H264)[:200], VideoCodec.H264, OWNER)) == []


@pytest.mark.parametrize("codec", CODECS)
def test_messages_stand_between_parameter_sets_and_slices_and_the_pictures_decode(codec):
    packets = encoded(pictures(every(STEP, 12)), options=Options(codec=codec))
    data = [with_messages(packet.data, [OWNER + b"one", OWNER + b"two"], codec) for packet in packets]
    units = list(nal_units(data[0]))
    ours = [at for at, unit in enumerate(units) if is_message(unit, codec) and list(payloads(unit, codec, OWNER))]
    assert len(ours) == 2
    assert max(at for at, unit in enumerate(units) if is_parameter_set(unit, codec)) < ours[0]
    assert ours[1] < min(at for at, unit in enumerate(units) if is_slice(unit, codec))
    with av.open(io.BytesIO(b"".join(data)), format=codec.value) as container:
        assert len(list(container.decode(video=0))) == 12
