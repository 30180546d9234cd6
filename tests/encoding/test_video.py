"""Pictures go through the gate, the encoder and a decoder, and come out as they were, when they were."""

import io

import av
import numpy as np
import pytest

from proxy.encoding.annexb import parameter_sets
from proxy.encoding.obu import sequence_header
from proxy.encoding.options import Options
from proxy.encoding.packet import VideoCodec
from proxy.encoding.video import MEASURED_FRAMES, VideoEncoder
from proxy.errors import EncoderError
from proxy.media.formats import ColourTags, VideoFormat
from tests.programmes import ANAMORPHIC, SHAPE, STEP, VARIABLE, every, pictures

FORMATS = {VideoCodec.H264: "h264", VideoCodec.HEVC: "hevc", VideoCodec.AV1: "obu"}


def encode(frames, *, options=None, live=True):
    encoder = VideoEncoder(options or Options(), live=live)
    units = []
    for frame in frames:
        units += encoder.encode(frame)
        frame.release()
    return units + encoder.flush(), encoder


def decode(units):
    with av.open(io.BytesIO(b"".join(unit.data for unit in units)), format=FORMATS[units[0].stream.codec]) as container:
        return list(container.decode(video=0))


@pytest.mark.parametrize("codec", ["h264", "hevc", "av1"])
@pytest.mark.parametrize("live", [True, False])
def test_every_picture_comes_out_once_at_its_own_time(codec, live):
    units, _ = encode(pictures(VARIABLE), options=Options(codec=codec), live=live)
    assert [unit.pts for unit in units] == VARIABLE
    decoded = decode(units)
    assert len(decoded) == len(VARIABLE)
    means = [frame.to_ndarray()[: SHAPE.height].mean() for frame in decoded]
    assert np.allclose(means, [35 + number * 5 for number in range(len(VARIABLE))], atol=2)


@pytest.mark.parametrize("codec", ["h264", "hevc", "av1"])
def test_keyframes_come_at_fixed_times_with_their_parameter_sets(codec):
    units, _ = encode(pictures(every(STEP, 60)), options=Options(codec=codec, gop_s=0.8))
    assert [unit.pts for unit in units if unit.keyframe] == [0, 20 * STEP, 40 * STEP]
    for unit in units:
        found = sequence_header(unit.data) if codec == "av1" else parameter_sets(unit.data, unit.stream.codec)
        assert found == (unit.stream.extradata if unit.keyframe else b"")


@pytest.mark.parametrize("codec", ["h264", "av1"])
def test_a_keyframe_comes_when_it_is_asked_for_but_not_thrice_in_a_second(codec):
    encoder = VideoEncoder(Options(gop_s=2.0, codec=codec), live=True)
    units = []
    for number, frame in enumerate(pictures(every(STEP, 100))):
        if number in (5, 7, 9) or number > 70:
            encoder.ask_keyframe()
        units += encoder.encode(frame)
    units += encoder.flush()
    at = [unit.pts // STEP for unit in units if unit.keyframe]
    assert at == [0, 13, 63, 76, 89], "for all who asked until 13 half a second after the first; in between one two seconds later"


def test_a_keyframe_that_cannot_wait_is_the_very_next_picture():
    encoder = VideoEncoder(Options(gop_s=2.0), live=True)
    units = []
    for number, frame in enumerate(pictures(every(STEP, 30))):
        if number in (20, 22):
            encoder.ask_keyframe(at_once=True)
        units += encoder.encode(frame)
    assert [unit.pts // STEP for unit in units if unit.keyframe] == [0, 20, 22]


@pytest.mark.parametrize("codec", ["h264", "hevc", "av1"])
@pytest.mark.parametrize("live", [True, False])
def test_a_buffer_is_free_as_soon_as_its_picture_was_taken(codec, live):
    kept, _ = encode(pictures(every(STEP, 12)), options=Options(codec=codec, threads=2), live=live)
    encoder = VideoEncoder(Options(codec=codec, threads=2), live=live)
    units = []
    for frame in pictures(every(STEP, 12)):
        units += encoder.encode(frame)
        frame._memory.flags.writeable = True
        frame._memory[:] = 255
    units += encoder.flush()
    for lent, scribbled in zip(decode(kept), decode(units), strict=True):
        assert abs(int(lent.to_ndarray().mean()) - int(scribbled.to_ndarray().mean())) <= 1


def test_another_format_opens_another_encoder_and_loses_nothing():
    small = VideoFormat(96, 64)
    frames = [*pictures(every(STEP, 7)), *pictures(every(STEP, 3, first=7 * STEP), small), *pictures([10 * STEP])]
    units, encoder = encode(frames)
    assert [unit.pts for unit in units] == every(STEP, 11)
    assert [unit.stream.format for unit in units] == [SHAPE] * 7 + [small] * 3 + [SHAPE]
    assert [unit.keyframe for unit in units] == [True] + [False] * 6 + [True, False, False, True]
    assert encoder.opened is not None
    assert (encoder.opened.name, encoder.opened.width) == ("libx264", 160)


def test_frame_rate_colours_and_shape_of_pixels_are_those_of_the_pictures():
    shape = VideoFormat(160, 96, ColourTags(1, 1, 1, 1), ANAMORPHIC)
    units, _ = encode(pictures(every(3000, 10), shape))
    assert units[0].stream.frame_rate == 30
    assert [unit.duration for unit in units] == [3000] * 10
    first = decode(units)[0]
    assert (first.colorspace, first.color_primaries, first.color_trc, first.color_range) == (1, 1, 1, 1)
    with av.open(io.BytesIO(units[0].data), format="h264") as container:
        assert container.streams.video[0].codec_context.sample_aspect_ratio == ANAMORPHIC


def test_clocks_of_a_picture_stay_with_it():
    units, _ = encode(pictures(every(STEP, 9)))
    assert [unit.arrived_ns for unit in units] == list(range(9))


@pytest.mark.parametrize("codec", ["h264", "av1"])
def test_live_adds_no_delay_once_it_is_open(codec):
    encoder = VideoEncoder(Options(codec=codec), live=True)
    ready = [len(encoder.encode(frame)) for frame in pictures(every(STEP, 10))]
    assert ready == [0] * (MEASURED_FRAMES - 1) + [MEASURED_FRAMES] + [1] * (10 - MEASURED_FRAMES)


def test_an_encoder_that_cannot_be_had_is_an_error_that_says_what_to_do():
    with pytest.raises(EncoderError) as refusal:
        encode(pictures(every(STEP, 6)), options=Options(encoder="h264_nvenc"))
    assert "h264_nvenc" in refusal.value.message
    assert refusal.value.hint
