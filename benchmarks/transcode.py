"""The least that any proxy must do: decode and encode again, with the product's own decoder, encoder and settings.

    python -m benchmarks.transcode IN OUT

What an anonymiser needs beyond this is its privacy tax.
"""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final

import av

from proxy.encoding import codecs
from proxy.encoding.opening import open_context
from proxy.encoding.options import Options
from proxy.media.formats import VideoFormat
from proxy.media.time import TICK, TICKS_PER_SECOND

WAITING: Final = 8


def transcode(source: str, target: str) -> int:
    """Decode in this thread, encode in another, into a bare stream; returns the number of pictures."""
    options, frames = Options(), 0
    with av.open(source) as container, Path(target).open("wb") as out:
        video = container.streams.video[0]
        video.thread_type = "AUTO"
        shape = VideoFormat(video.width, video.height)
        rate = Fraction(video.average_rate or 25)
        plan = codecs.plan("libx264", options, shape, rate=rate, live=False)
        encoder = open_context(plan, shape, rate=rate, threads=options.threads)
        line: queue.Queue[av.VideoFrame | None] = queue.Queue(WAITING)

        def encode() -> None:
            while (frame := line.get()) is not None:
                out.writelines(bytes(packet) for packet in encoder.encode(frame))
            out.writelines(bytes(packet) for packet in encoder.encode(None))

        thread = threading.Thread(target=encode)
        thread.start()
        for frame in container.decode(video):
            frame.pts, frame.time_base, frame.pict_type = round(frames * TICKS_PER_SECOND / rate), TICK, 0
            line.put(frame)
            frames += 1
        line.put(None)
        thread.join()
    return frames


def main(argv: Sequence[str]) -> int:
    """Transcode, and say how many pictures there were."""
    source, target = argv
    print(transcode(source, target))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
