"""A camera plugged in is asked for what was configured, and one that is missing is told."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from proxy.errors import SourceUnreachable
from proxy.sources.device import DeviceSource, Options
from tests.sources.peering import decoding_threads, read


def test_a_url_says_what_to_ask_the_device_for() -> None:
    what = Options.from_url("device:///dev/video2?size=1280x720&rate=29.97&input_format=mjpeg").input()
    assert (what.url, what.format, what.live) == ("/dev/video2", "v4l2", True)
    assert what.options == {"video_size": "1280x720", "framerate": "29.97", "input_format": "mjpeg"}


def test_a_path_leaves_the_choice_to_the_device() -> None:
    assert Options.from_url("/dev/video0").input().options == {}


@pytest.mark.parametrize("url", ["/etc/passwd", "/dev/video0?size=big", "/dev/video0?rate=-1", "/dev/video0?colour=red"])
def test_what_no_device_takes_is_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        Options.from_url(url)


async def test_a_missing_device_is_told_and_leaves_no_thread() -> None:
    with pytest.raises(SourceUnreachable, match=r"/dev/video-none does not exist"):
        await read(DeviceSource(Options(path="/dev/video-none")))
    assert decoding_threads() == 0
