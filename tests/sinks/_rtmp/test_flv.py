"""The tags of a packet are there with the packet."""

from proxy.encoding.options import Options
from proxy.encoding.programme import SoundTrack
from proxy.sinks._rtmp.amf import decode
from proxy.sinks._rtmp.flv import Tagger
from tests.programmes import STEP, encoded, every, pictures


def programme(**more):
    return encoded(pictures(every(STEP, 30)), options=Options(gop_s=0.4, **more), track=SoundTrack.ALWAYS)


def test_no_picture_waits_for_sound():
    packets = programme()
    origin = packets[0].dts
    tagger = Tagger(packets[0].streams, origin=origin)
    for number, packet in enumerate(packets):
        *before, last = tagger.write(packet)
        assert (last.kind, last.timestamp) == (9 if packet.is_video else 8, round((packet.dts - origin) / 90))
        assert [tag.kind for tag in before] in ([], [8], [18, 9] if number == 0 else [9]), "headers, each once"
    assert [tag.kind for tag in tagger.close()] == [9], "the end of the sequence"


def test_pictures_and_sound_are_described_together_before_anything_else():
    packets = programme()
    name, facts = decode(Tagger(packets[0].streams, origin=0).write(packets[0])[0].body)
    assert name == "onMetaData"
    assert {"width", "height", "videocodecid", "audiocodecid", "audiosamplerate", "stereo"} <= set(facts)


def test_sound_from_before_the_first_picture_is_left_out():
    packets = programme()
    later = [packet for packet in packets if packet.is_video][10]
    sound = next(packet for packet in packets if not packet.is_video)
    tagger = Tagger(later.streams, origin=later.dts)
    assert tagger.write(sound)[1:] == []
