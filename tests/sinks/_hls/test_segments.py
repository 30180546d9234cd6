"""Segments are muxed one by one and fit together."""

import pytest

from proxy.encoding.programme import SoundTrack
from proxy.sinks._hls.segments import Container, boxes, muxed
from tests.programmes import STEP, encoded, every, pictures


def test_a_fragment_carries_its_number_and_its_time_and_needs_the_common_header():
    packets = encoded(pictures(every(STEP, 60)), track=SoundTrack.ALWAYS)
    cut = next(number for number, packet in enumerate(packets) if packet.pts == 50 * STEP and packet.keyframe)
    made = [muxed(part, Container.FMP4, origin=0, number=number) for number, part in enumerate((packets[:cut], packets[cut:]))]
    assert made[0].header == made[1].header
    assert [kind for kind, _ in boxes(made[0].header)] == [b"ftyp", b"moov"]
    for number, segment in enumerate(made):
        kinds = dict(boxes(segment.media))
        assert list(kinds) == [b"moof", b"mdat"]
        moof = kinds[b"moof"]
        sequence = moof.index(b"mfhd") + 8
        assert int.from_bytes(moof[sequence : sequence + 4], "big") == number + 1
        began = moof.index(b"tfdt") + 8
        assert int.from_bytes(moof[began : began + 8], "big") == number * 50 * STEP


def test_a_transport_stream_segment_is_whole_packets_behind_tables():
    made = muxed(encoded(pictures(every(STEP, 10))), Container.TS, origin=0, number=0)
    assert made.header == b""
    assert len(made.media) % 188 == 0
    assert {made.media[at] for at in range(0, len(made.media), 188)} == {0x47}


def test_boxes_of_impossible_size_are_never_believed():
    with pytest.raises(AssertionError):
        list(boxes(b"\0\0\0\3moofxxxx"))
