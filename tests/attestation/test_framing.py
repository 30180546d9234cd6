"""However a container frames a stream, its NAL units are the same."""

import io

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.attestation.framing import Framing
from proxy.encoding.annexb import is_parameter_set, nal_units, parameter_sets
from proxy.encoding.options import Options
from proxy.encoding.packet import NAL_CODECS, VideoCodec
from proxy.sinks.mux import Muxer
from tests.programmes import STEP, encoded, every, pictures

CODECS = list(NAL_CODECS.values())


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("container", ["mp4", "matroska", "flv", "mpegts"])
def test_real_muxers_give_the_units_that_the_encoder_wrote(codec, container):
    packets = encoded(pictures(every(STEP, 12)), options=Options(codec=codec))
    file = io.BytesIO()
    muxer = Muxer(file, container, packets[0].streams)
    for packet in packets:
        muxer.write(packet)
    muxer.close()
    file.seek(0)
    with av.open(file) as source:
        stream = source.streams.video[0]
        framing = Framing.of(bytes(stream.codec_context.extradata or b""), codec)
        arrived = [framing.units(bytes(packet)) for packet in source.demux(stream) if packet.size]
    delimiter = 9 if codec is VideoCodec.H264 else 35 << 1
    for units, packet in zip(arrived, packets, strict=True):
        slices = [unit for unit in units if not is_parameter_set(unit, codec) and unit[0] != delimiter]
        assert slices == [unit for unit in nal_units(packet.data) if not is_parameter_set(unit, codec)]
    sets = set(nal_units(parameter_sets(packets[0].data, codec)))
    assert sets <= {*framing.parameter_sets, *arrived[0]}


@given(st.binary(max_size=80), st.binary(max_size=80))
def test_any_description_and_any_bytes_are_taken_apart_without_a_failure(extradata, data):
    for codec in CODECS:
        for described in (extradata, b"\x01" + extradata):
            framing = Framing.of(described, codec)
            assert all(framing.units(data)), "no unit is empty"


def test_lengths_that_lead_beyond_the_end_give_nothing():
    framing = Framing(4, ())
    assert framing.units(b"\0\0\0\2ab\0\0\0\x09c") == [b"ab"]
    assert framing.units(b"\0\0") == []
