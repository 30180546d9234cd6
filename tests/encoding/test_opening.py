"""What the encoder gets is the picture, its time and its colours."""

import os
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from proxy.encoding.codecs import plan
from proxy.encoding.opening import open_context, picture
from proxy.encoding.options import Options
from proxy.media.formats import ColourTags, VideoFormat

SHAPE = VideoFormat(160, 96, ColourTags(range=1, space=1, primaries=1, transfer=1))


def ramp():
    return np.arange(SHAPE.buffer_shape[0] * 160, dtype=np.uint32).astype(np.uint8).reshape(SHAPE.buffer_shape)


@pytest.mark.parametrize("name", ["libx264", "h264_nvenc", "h264_qsv"])
def test_every_encoder_gets_the_same_picture_in_its_own_arrangement(name):
    how = plan(name, Options(), SHAPE, rate=Fraction(25), live=True)
    frame = picture(ramp(), SHAPE, how, pts=1234, keyframe=False)
    assert np.array_equal(frame.to_ndarray(format="yuv420p"), ramp())
    assert (frame.pts, frame.colorspace, frame.color_range) == (1234, 1, 1)


def test_a_picture_carries_no_side_data_and_only_software_borrows_the_buffer():
    buffer = ramp()
    lent = picture(buffer, SHAPE, plan("libx264", Options(), SHAPE, rate=Fraction(25), live=True), pts=0, keyframe=True)
    copied = picture(buffer, SHAPE, plan("h264_nvenc", Options(), SHAPE, rate=Fraction(25), live=True), pts=0, keyframe=True)
    assert len(lent.side_data) == 0
    buffer[:] = 0
    assert lent.to_ndarray().max() == 0
    assert copied.to_ndarray().max() > 0


def test_an_encoder_opens_with_the_size_colours_and_shape_of_pixels_that_it_was_told():
    shape = VideoFormat(160, 96, ColourTags(2, 5, 6, 6), Fraction(4, 3))
    context = open_context(plan("libx264", Options(), shape, rate=Fraction(30), live=True), shape, rate=Fraction(30), threads=1)
    assert (context.width, context.height, context.color_range, context.colorspace) == (160, 96, 2, 5)
    assert context.sample_aspect_ratio == Fraction(4, 3)


@pytest.mark.parametrize("name", ["libx264", "libx265", "libsvtav1"])
def test_no_encoder_makes_this_process_more_urgent_than_others(name):
    """As root SVT-AV1 would make every thread real-time, and with them whatever process is started later."""
    how = plan(name, Options(codec="av1" if name == "libsvtav1" else "h264"), SHAPE, rate=Fraction(25), live=True)
    context = open_context(how, SHAPE, rate=Fraction(25), threads=2)
    context.encode(picture(ramp(), SHAPE, how, pts=0, keyframe=True))
    assert {os.sched_getscheduler(int(task.name)) for task in Path("/proc/self/task").iterdir()} == {os.SCHED_OTHER}
    assert os.sched_getscheduler(0) == os.SCHED_OTHER
