"""A witness sees everything that leaves and changes nothing of it."""

import pytest

from proxy.encoding.annexb import nal_units
from proxy.encoding.options import Options
from proxy.encoding.packet import VideoCodec
from proxy.encoding.programme import Programme, SoundTrack
from proxy.encoding.userdata import is_message, payloads
from tests.programmes import STEP, encoded, every, pictures

OWNER = bytes(range(16, 32))


class Noting:
    """A witness that says a word in every access unit and writes down what it saw."""

    def __init__(self, says=(OWNER + b"seen",)):
        self.seen, self.left, self.says = [], [], says

    def picture(self, frame, *, pts, repeated):
        self.seen.append((pts, repeated))

    def leaves(self, unit, *, last):
        self.left.append((unit.pts, last))
        return self.says


def witnessed(witness, count, *, live):
    programme = Programme(Options(gop_s=0.4), live=live, sound=SoundTrack.NEVER, witness=witness)
    packets, frame = [], None
    for frame in pictures(every(STEP, count)):
        packets += programme.encode(frame)
    return packets + programme.flush(frame if programme.repeats_last else None)


@pytest.mark.parametrize("live", [True, False])
def test_every_picture_and_every_access_unit_is_seen_once_in_order(live):
    witness = Noting()
    packets = witnessed(witness, 25, live=live)
    assert [pts for pts, _ in witness.seen] == [pts for pts, _ in witness.left] == [packet.pts for packet in packets]


def test_live_only_the_end_is_known_and_the_last_picture_comes_again():
    witness = Noting()
    witnessed(witness, 25, live=True)
    assert [at for at, (_, last) in enumerate(witness.left) if last] == [25]
    assert [pts for pts, repeated in witness.seen if repeated] == [25 * STEP]


def test_offline_the_last_of_each_gop_is_known_and_nothing_is_repeated():
    witness = Noting()
    witnessed(witness, 25, live=False)
    assert [at for at, (_, last) in enumerate(witness.left) if last] == [9, 19, 24]
    assert not any(repeated for _, repeated in witness.seen)


def test_nothing_but_messages_is_added():
    bare = encoded(pictures(every(STEP, 25)), options=Options(gop_s=0.4), live=False)
    packets = witnessed(Noting(), 25, live=False)
    for packet, other in zip(packets, bare, strict=True):
        units = list(nal_units(packet.data))
        ours = [unit for unit in units if is_message(unit, VideoCodec.H264) and list(payloads(unit, VideoCodec.H264, OWNER))]
        assert len(ours) == 1
        assert [unit for unit in units if unit not in ours] == list(nal_units(other.data))


def test_a_witness_with_nothing_to_say_leaves_the_bytes_as_they_are():
    bare = encoded(pictures(every(STEP, 12)), options=Options(gop_s=0.4), live=False)
    assert [packet.data for packet in witnessed(Noting(()), 12, live=False)] == [packet.data for packet in bare]


def test_live_a_picture_is_not_held_back():
    programme = Programme(Options(), live=True, sound=SoundTrack.NEVER, witness=Noting())
    ready = [len(programme.encode(frame)) for frame in pictures(every(STEP, 10))]
    assert ready[5:] == [1] * 5
