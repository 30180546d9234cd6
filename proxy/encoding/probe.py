"""A child process that encodes one grey picture: ``python -m proxy.encoding.probe NAME WIDTH HEIGHT``; exit 0 means it works."""

from __future__ import annotations

import sys
from fractions import Fraction

import av
import numpy as np

from proxy.encoding.codecs import codec_of, plan
from proxy.encoding.opening import open_context, picture
from proxy.encoding.options import Options
from proxy.media.formats import VideoFormat


def encodes(name: str, *, width: int, height: int) -> bool:
    """Whether the encoder makes a packet of a picture."""
    shape, rate = VideoFormat(width, height), Fraction(25)
    how = plan(name, Options(codec=codec_of(name)), shape, rate=rate, live=True)
    grey = np.full(shape.buffer_shape, 128, np.uint8)
    try:
        context = open_context(how, shape, rate=rate, threads=1)
        packets = context.encode(picture(grey, shape, how, pts=0, keyframe=True))
        packets += context.encode(None)
    except (av.FFmpegError, ValueError, TypeError):
        return False
    return any(packet.size for packet in packets)


if __name__ == "__main__":
    av.logging.set_libav_level(av.logging.PANIC)
    sys.exit(0 if encodes(sys.argv[1], width=int(sys.argv[2]), height=int(sys.argv[3])) else 1)
