"""A slate is a programme of its own, of nothing that anybody sent."""

from __future__ import annotations

import io

import av
import pytest

from proxy.encoding.packet import NAL_CODECS
from proxy.masking.plan import CoverReason
from proxy.media.formats import VideoFormat
from proxy.platform.slate import Slate
from proxy.signs.options import Options as SignSettings


@pytest.mark.parametrize("codec", list(NAL_CODECS.values()))
def test_it_begins_with_a_keyframe_has_the_streams_size_and_can_be_played(codec):
    slate = Slate(codec, VideoFormat(320, 180), SignSettings())
    first = slate.picture(CoverReason.UNPROVEN)
    assert first[0].keyframe
    packets = first + [packet for _ in range(4) for packet in slate.picture(CoverReason.UNPROVEN)]
    assert len({id(packet.streams) for packet in packets}) == 1
    assert [packet.pts for packet in packets] == sorted({packet.pts for packet in packets})
    with av.open(io.BytesIO(b"".join(packet.data for packet in packets)), format=codec.value) as container:
        shown = list(container.decode(video=0))
    assert len(shown) == len(packets)
    assert (shown[0].width, shown[0].height) == (320, 180)
