"""Packets come out of every container as they went in."""

import io

import av
import pytest

from proxy.encoding.options import Options
from proxy.encoding.programme import SoundTrack
from proxy.media.formats import ColourTags, VideoFormat
from proxy.sinks.mux import Muxer
from tests.programmes import ANAMORPHIC, STEP, VARIABLE, encoded, every, pictures

CONTAINERS = [
    ("mp4", {"movflags": "+frag_keyframe+hybrid_fragmented"}, 90_000),
    ("mp4", {"movflags": "+frag_keyframe+empty_moov+default_base_moof"}, 90_000),
    ("matroska", {}, 1000),
    ("mpegts", {"mpegts_copyts": "1"}, 90_000),
    ("flv", {"flvflags": "no_duration_filesize"}, 1000),
]


def muxed(packets, container, options, *, origin=0):
    target = io.BytesIO()
    muxer = Muxer(target, container, packets[0].streams, options=options, origin=origin)
    for packet in packets:
        muxer.write(packet)
    muxer.close()
    return target.getvalue()


@pytest.mark.parametrize("codec", ["h264", "hevc", "av1"])
@pytest.mark.parametrize(("container", "options", "clock"), CONTAINERS)
def test_every_picture_keeps_its_time_and_decodes(container, options, clock, codec):
    packets = encoded(pictures(VARIABLE), options=Options(codec=codec), track=SoundTrack.ALWAYS)
    if (container, codec) == ("mpegts", "av1"):
        with pytest.raises(ValueError, match="no AV1"):
            muxed(packets, container, options)
        return
    with av.open(io.BytesIO(muxed(packets, container, options))) as made:
        frames = list(made.decode(video=0))
        assert made.streams.video[0].codec_context.codec.canonical_name == codec
    times = [round(frame.pts * frame.time_base * clock) for frame in frames]
    assert times == [round(pts * clock / 90_000) for pts in VARIABLE]


@pytest.mark.parametrize(("container", "options", "clock"), CONTAINERS[:3])
def test_colours_and_shape_of_pixels_are_told_and_nothing_else_is(container, options, clock):
    shape = VideoFormat(160, 96, ColourTags(1, 1, 1, 1), ANAMORPHIC)
    packets = encoded(pictures(every(STEP, 8), shape), track=SoundTrack.ALWAYS)
    data = muxed(packets, container, options)
    with av.open(io.BytesIO(data)) as made:
        video = made.streams.video[0]
        assert video.codec_context.sample_aspect_ratio == ANAMORPHIC
        assert (video.codec_context.colorspace, video.codec_context.color_range) == (1, 1)
        assert video.average_rate == 25
        told = {**made.metadata, **video.metadata, **made.streams.audio[0].metadata}
        frame = next(made.decode(video=0))
        assert {data.type.name for data in frame.side_data} <= {"SEI_UNREGISTERED"}
    assert "creation_time" not in told
    assert b"Lavf6" not in data


def test_times_begin_at_the_origin():
    packets = encoded(pictures(every(STEP, 8, first=12_345_678)))
    with av.open(io.BytesIO(muxed(packets, "matroska", {}, origin=12_345_678))) as made:
        assert [frame.pts for frame in made.decode(video=0)] == [number * 40 for number in range(8)]
