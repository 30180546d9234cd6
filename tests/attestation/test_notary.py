"""Every group of pictures that leaves is claimed once, in a chain."""

import numpy as np
import pytest

from proxy.anonymiser import Anonymiser
from proxy.attestation import jws
from proxy.attestation.claim import read
from proxy.attestation.digest import GopDigest
from proxy.attestation.notary import Notary
from proxy.attestation.text import encoded, fingerprint
from proxy.encoding.annexb import nal_units
from proxy.encoding.options import Options
from proxy.encoding.packet import NAL_CODECS
from proxy.encoding.programme import Programme, SoundTrack
from proxy.masking.plan import CoverFrame, CoverReason, CoverRegions
from proxy.media.planes import Planes
from proxy.media.raw import RawFrame
from proxy.redactors.solid import Solid
from proxy.vision.detections import Label
from tests.attestation.signing import GOP, KEY, NOON_MS, Clock, carried, device, groups, signed
from tests.programmes import SHAPE, STEP, every, pictures

GATE = Anonymiser(Solid())


def claims(packets):
    return [read(jws.take_apart(text)) for packet in packets for text in carried(packet)]


def digest(packets):
    units = [list(nal_units(packet.data)) for packet in packets]
    made = GopDigest(packets[0].streams.video.codec, units[0])
    for one in units[1:]:
        made.add(one)
    return encoded(made.value())


@pytest.mark.parametrize("codec", list(NAL_CODECS.values()))
@pytest.mark.parametrize("live", [True, False])
def test_each_gop_is_claimed_by_the_digest_of_the_bytes_that_left(codec, live):
    packets, _ = signed(45, codec=codec, by=device(live=live))
    made = claims(packets)
    assert [claim.units for claim in made] == [digest(gop) for gop in groups(packets)]
    assert [claim.seq for claim in made] == list(range(5))
    assert [claim.pts for claim in made] == [(gop[0].pts, gop[-1].pts) for gop in groups(packets)]
    assert [claim.frames.out for claim in made] == [len(gop) for gop in groups(packets)]


def test_each_claim_names_the_one_before_and_the_first_names_none():
    packets, _ = signed(45)
    texts = [text for packet in packets for text in carried(packet)]
    assert [read(jws.take_apart(text)).prev for text in texts] == ["", *(fingerprint(text.encode()) for text in texts[:-1])]


def test_live_a_claim_travels_with_the_next_keyframe_and_the_last_picture_is_sent_again_to_carry_the_last():
    packets, _ = signed(45)
    assert [at for at, packet in enumerate(packets) if carried(packet)] == [10, 20, 30, 40, 45]
    assert len(packets) == 46
    assert packets[45].pts == packets[44].pts + STEP
    assert claims(packets)[-1].frames.model_dump() == {"came": 5, "out": 6, "covered": 0}


def test_offline_a_claim_travels_with_the_last_picture_of_its_own_gop_and_none_is_sent_again():
    packets, _ = signed(45, by=device(live=False))
    assert [at for at, packet in enumerate(packets) if carried(packet)] == [9, 19, 29, 39, 44]
    assert len(packets) == 45


def test_when_the_repeated_picture_begins_a_gop_it_carries_two_claims():
    packets, _ = signed(2 * GOP)
    assert [len(carried(packet)) for packet in packets] == [0] * 10 + [1] + [0] * 9 + [2]


def test_a_stream_of_a_single_picture_is_claimed():
    packets, _ = signed(1)
    assert [claim.units for claim in claims(packets)] == [digest(packets)]


def test_what_was_hidden_is_counted():
    def frames():
        xyxy = np.array([[0, 0, 20, 20], [40, 40, 60, 60]], np.float32)
        boxes = CoverRegions(xyxy, np.full(2, Label.BODY, np.uint8), np.arange(2, dtype=np.int32), age=9000)
        for number, frame in enumerate(pictures(every(STEP, 2))):
            raw = RawFrame(_planes(), SHAPE, frame.pts, None, number)
            yield GATE.anonymise(raw, boxes)
        yield GATE.anonymise(RawFrame(_planes(), SHAPE, 2 * STEP, None, 2), CoverFrame(CoverReason.LATE))
        yield GATE.slate(SHAPE, pts=3 * STEP, arrived_ns=0, reason=CoverReason.OFFLINE)

    packets, _ = signed(by=device(live=False), frames=frames())
    (claim,) = claims(packets)
    assert claim.frames.model_dump() == {"came": 3, "out": 4, "covered": 2}
    assert claim.hidden.model_dump() == {"people": 2, "regions": 4}
    assert claim.age_ms == 100


def test_frames_that_were_left_out_count_as_having_come():
    notary = Notary(device())
    programme = Programme(Options(gop_s=0.4), live=True, sound=SoundTrack.NEVER, witness=notary)
    for number, frame in enumerate(pictures(every(STEP, 20))):
        if number == 10:
            notary.dropped(3)
        programme.encode(frame)
    programme.flush(frame)
    assert [signed.claim.frames.came for signed in notary.take()] == [10 + 3, 10, 0], "the repeated picture came from no camera"
    assert notary.take() == []


def test_each_run_has_a_name_of_its_own_and_claims_carry_the_devices_word():
    packets, notary = signed(12, clock=Clock(NOON_MS, 5))
    first, second = (signed.claim for signed in notary.take())
    assert first.run == second.run != signed(12)[1].take()[0].claim.run
    assert (first.at_ms, second.at_ms) == (NOON_MS + 5, NOON_MS + 10)
    assert (first.camera, first.software, first.models) == ("door", "veilcast test", {"yunet": "8f2383e4d3dcfbb4"})
    assert all(jws.take_apart(text).is_by(KEY.public) for packet in packets for text in carried(packet))


def _planes():
    return Planes.of_buffer(np.full(SHAPE.buffer_shape, 90, np.uint8), SHAPE)
