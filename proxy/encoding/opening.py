"""Opening a libavcodec video encoder, and handing it pictures."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType

from proxy.encoding.codecs import EncoderPlan
from proxy.media.formats import VideoFormat
from proxy.media.planes import U8
from proxy.media.time import TICK

_REAL_TIME: Final = (os.SCHED_FIFO, os.SCHED_RR)

# SVT-AV1 writes to stderr by itself, and knows no other way to be told that errors are enough.
os.environ.setdefault("SVT_LOG", "1")


def open_context(plan: EncoderPlan, shape: VideoFormat, *, rate: Fraction, threads: int) -> VideoCodecContext:
    """An open encoder for pictures of ``shape``.

    Raises:
        av.FFmpegError, ValueError, TypeError: it does not open on this machine, or does not exist in this build.
    """
    context = av.CodecContext.create(plan.name, "w")
    if not isinstance(context, VideoCodecContext):
        raise TypeError(f"{plan.name} is no video encoder")
    context.width, context.height, context.pix_fmt = shape.width, shape.height, plan.pix_fmt
    context.time_base, context.framerate = TICK, rate
    context.sample_aspect_ratio = shape.sample_aspect_ratio
    context.color_range, context.colorspace = shape.colour.range, shape.colour.space
    context.color_primaries, context.color_trc = shape.colour.primaries, shape.colour.transfer
    context.gop_size, context.max_b_frames, context.thread_count = plan.gop_size, 0, threads
    private = dict(plan.private)
    if plan.bitrate_kbps is not None:
        context.bit_rate = plan.bitrate_kbps * 1000
        private |= {"maxrate": str(plan.bitrate_kbps * 1000), "bufsize": str(plan.bitrate_kbps * 1000)}
    context.options = private
    with no_more_urgent():
        context.open()
    return context


@contextmanager
def no_more_urgent() -> Iterator[None]:
    """Take back real-time priority that a library gave to this process's threads.

    SVT-AV1 gives it to the thread that opens it and to all of its own wherever it may, as root: the machine would stand still.
    """
    before, parameter = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        yield
    finally:
        if before not in _REAL_TIME:
            for task in Path("/proc/self/task").iterdir():
                with suppress(ProcessLookupError):
                    if os.sched_getscheduler(int(task.name)) in _REAL_TIME:
                        os.sched_setscheduler(int(task.name), before, parameter)


def picture(buffer: U8, shape: VideoFormat, plan: EncoderPlan, *, pts: int, keyframe: bool) -> av.VideoFrame:
    """A fresh frame around ``buffer``, contiguous I420; it carries pts, colour tags, and nothing else.

    The software encoders copy the picture while ``encode`` runs, so the buffer is lent to them. Others may hold on to the frame
    for longer, or want another arrangement of chroma: they get a copy.
    """
    if plan.pix_fmt == "nv12":
        frame = av.VideoFrame.from_ndarray(_nv12(buffer, shape), "nv12")
    elif plan.hardware:
        frame = av.VideoFrame.from_ndarray(buffer, "yuv420p")
    else:
        frame = av.VideoFrame.from_numpy_buffer(buffer, "yuv420p")
    frame.pts, frame.time_base = pts, TICK
    frame.color_range, frame.colorspace = shape.colour.range, shape.colour.space
    frame.color_primaries, frame.color_trc = shape.colour.primaries, shape.colour.transfer
    if keyframe:
        frame.pict_type = PictureType.I
    return frame


def _nv12(buffer: U8, shape: VideoFormat) -> U8:
    """``(H * 3 // 2, W)`` uint8 with U and V interleaved below the luma."""
    chroma = shape.height // 2 * (shape.width // 2)
    arranged = np.empty(shape.buffer_shape, np.uint8)
    arranged[: shape.height] = buffer[: shape.height]
    pairs = arranged[shape.height :].reshape(-1, 2)
    flat = buffer[shape.height :].reshape(-1)
    pairs[:, 0], pairs[:, 1] = flat[:chroma], flat[chroma:]
    return arranged
