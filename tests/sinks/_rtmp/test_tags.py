"""FLV tags out of the muxer's bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.encoding.options import Options
from proxy.encoding.programme import SoundTrack
from proxy.sinks._rtmp.tags import Tag, TagWriter
from proxy.sinks.mux import Muxer
from tests.programmes import STEP, encoded, every, pictures


def flv(tags):
    data = b"FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00"
    for tag in tags:
        head = bytes([tag.kind]) + len(tag.body).to_bytes(3, "big") + (tag.timestamp & 0xFFFFFF).to_bytes(3, "big")
        head += bytes([tag.timestamp >> 24 & 0x7F]) + bytes(3)
        data += head + tag.body + (len(tag.body) + 11).to_bytes(4, "big")
    return data


@given(
    st.lists(st.builds(Tag, st.sampled_from([8, 9]), st.integers(0, 10**6), st.binary(max_size=50)), max_size=8), st.integers(1, 40)
)
def test_tags_come_out_whole_however_the_bytes_arrive(tags, step):
    tags = sorted(tags, key=lambda tag: tag.timestamp)
    writer, data, out = TagWriter(), flv(tags), []
    for at in range(0, len(data), step):
        writer.write(data[at : at + step])
        out += writer.take()
    assert out == tags


def test_time_goes_on_where_flv_begins_again_and_never_runs_backwards():
    writer = TagWriter()
    times = [0, 2**30 - 1, 2**31 - 20, 2**31 + 20, 2**31 + 10, 2**31 + 60]
    writer.write(flv([Tag(9, time, b"x") for time in times]))
    assert [tag.timestamp for tag in writer.take()] == [0, 2**30 - 1, 2**31 - 20, 2**31 + 20, 2**31 + 20, 2**31 + 60]


@pytest.mark.parametrize(("codec", "mark", "coded"), [("h264", b"\x17\x00", 1), ("hevc", b"\x90hvc1", 0), ("av1", b"\x90av01", 0)])
def test_the_muxer_gives_a_description_headers_and_then_every_picture(codec, mark, coded):
    packets = encoded(pictures(every(STEP, 10)), options=Options(codec=codec), track=SoundTrack.ALWAYS)
    writer = TagWriter()
    muxer = Muxer(writer, "flv", packets[0].streams, options={"flvflags": "no_duration_filesize"})
    for packet in packets:
        muxer.write(packet)
    muxer.close()
    tags = writer.take()
    assert tags[0].kind == 18
    video = [tag for tag in tags if tag.kind == 9]
    assert video[0].body.startswith(mark)
    shown = [tag for tag in video if (tag.body[coded] & 0x0F) in (1, 3) and len(tag.body) > 5]
    assert [tag.timestamp for tag in shown] == [number * 40 for number in range(10)]
