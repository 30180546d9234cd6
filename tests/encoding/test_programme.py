"""Pictures and sound of one camera leave as one programme."""

import pytest

from proxy.encoding.options import Options
from proxy.encoding.programme import SOUND_LAG, Programme, SoundTrack
from proxy.media.formats import VideoFormat
from proxy.media.time import TICKS_PER_SECOND
from tests.programmes import SHAPE, STEP, encoded, every, pictures, sound

SECOND = TICKS_PER_SECOND


def walk(programme, count=50, *, block=0, late=0):
    """Pictures of two seconds and, with ``block`` samples each, the sound beside them, in the order a camera's stages give them."""
    packets = []
    for number, frame in enumerate(pictures(every(STEP, count))):
        packets += programme.encode(frame)
        if block and number >= late:
            packets += programme.encode_sound(sound((number - late) * STEP, block))
    return packets + programme.flush()


def split(packets):
    return [packet for packet in packets if packet.is_video], [packet for packet in packets if not packet.is_video]


@pytest.mark.parametrize("track", list(SoundTrack))
@pytest.mark.parametrize("block", [0, 1920])
def test_a_programme_begins_with_a_keyframe_and_has_one_description(track, block):
    packets = walk(Programme(Options(), live=True, sound=track), block=block)
    assert packets[0].is_video
    assert packets[0].keyframe
    assert len({id(packet.streams) for packet in packets}) == 1
    shown, heard = split(packets)
    assert [packet.pts for packet in shown] == every(STEP, 50)
    assert bool(heard) == (packets[0].streams.audio is not None)


def test_a_camera_without_sound_gets_a_silent_track_as_long_as_the_pictures():
    _, heard = split(walk(Programme(Options(), live=True, sound=SoundTrack.ALWAYS)))
    assert [packet.pts for packet in heard] == [number * 1920 for number in range(len(heard))]
    assert abs(heard[-1].pts - 49 * STEP) < 2 * 1920


def test_sound_that_comes_late_still_has_its_place():
    late = (SOUND_LAG - STEP) // STEP
    programme = Programme(Options(), live=True, sound=SoundTrack.ALWAYS)
    _, heard = split(walk(programme, 60, block=1920, late=late))
    times = [packet.pts for packet in heard]
    assert times == [number * 1920 for number in range(len(times))]
    assert times[-1] >= (59 - late) * STEP - 2 * 1920


def test_as_the_input_means_no_track_where_there_is_no_sound_and_a_track_where_there_is():
    silent = walk(Programme(Options(), live=False, sound=SoundTrack.AS_INPUT), 150)
    assert silent[0].streams.audio is None
    assert len(silent) == 150
    loud = walk(Programme(Options(), live=False, sound=SoundTrack.AS_INPUT), 60, block=1920, late=10)
    assert loud[0].streams.audio is not None
    assert split(loud)[1]


def test_sound_lies_beside_its_pictures_in_the_order_of_their_times():
    packets = walk(Programme(Options(), live=True, sound=SoundTrack.ALWAYS), block=1920)
    reached = 0
    for packet in packets[20:]:
        assert packet.pts > reached - SECOND // 5
        reached = max(reached, packet.pts)


def test_another_format_is_another_programme_that_begins_with_a_keyframe_and_keeps_the_track():
    small = VideoFormat(96, 64)
    programme = Programme(Options(), live=True, sound=SoundTrack.ALWAYS)
    packets = []
    for frame in [*pictures(every(STEP, 20)), *pictures(every(STEP, 20, first=20 * STEP), small)]:
        packets += programme.encode(frame)
    packets += programme.flush()
    sets = list({id(packet.streams): packet.streams for packet in packets}.values())
    assert [streams.video.format for streams in sets] == [SHAPE, small]
    assert sets[0].audio == sets[1].audio
    second = [packet for packet in packets if packet.streams is sets[1]]
    assert packets[-len(second) :] == second
    assert second[0].keyframe
    assert second[0].is_video
    times = [packet.pts for packet in packets if not packet.is_video]
    assert times == [number * 1920 for number in range(len(times))]


def test_fewer_pictures_than_the_frame_rate_is_measured_from_are_encoded_too():
    assert [packet.pts for packet in encoded(pictures([7]), track=SoundTrack.ALWAYS) if packet.is_video] == [7]
    assert encoded([], track=SoundTrack.ALWAYS) == []
