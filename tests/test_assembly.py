"""Settings become objects."""

import cv2
import numpy as np
import pytest

from proxy.assembly import build_camera, consents_of, open_sink, open_source, signed_policy, sound_track
from proxy.attestation.claim import policy_hash
from proxy.attestation.jws import LIMIT
from proxy.attestation.text import canonical
from proxy.encoding.programme import SoundTrack
from proxy.media.planes import Planes
from proxy.settings.camera import CameraSettings, PrivacySettings, ZoneSettings
from proxy.settings.plugins import SINKS, SOURCES
from proxy.sinks.protocol import Sink
from proxy.sources.protocol import Source
from proxy.vision.detections import Detections, Label
from proxy.voices.policy import AudioPolicy

ADDRESS = {
    "rtsp": "rtsp://camera/live",
    "rtsps": "rtsps://camera/live",
    "whip": "whip://platform/app/key",
    "whips": "whips://platform/app/key",
    "file": "file:///srv/clip.mp4",
    "device": "device:///dev/video0",
    "rtmp": "rtmp://platform/app/key",
    "rtmps": "rtmps://platform/app/key",
    "hls": "hls:///var/lib/veilcast/hls",
    "whep": "whep://camera/live",
    "wheps": "wheps://camera/live",
    "mjpeg": "mjpeg:",
    "http": "http://camera/video",
    "https": "https://camera/video",
    "srt": "srt://platform:9000?streamid=key&passphrase=keykeykeykey",
    "null": "null:",
}


@pytest.mark.parametrize("scheme", SOURCES)
def test_every_known_way_in_opens_and_has_a_name(scheme):
    address = "https://camera/live.m3u8" if scheme == "hls" else ADDRESS[scheme]
    source: Source = open_source(SOURCES[scheme].from_url(address), sound=False)
    assert source.name
    assert source.damage.packets == 0


@pytest.mark.parametrize("scheme", SINKS)
def test_every_known_way_out_opens_and_has_a_name_without_its_key(scheme):
    sink: Sink = open_sink(SINKS[scheme].from_url(ADDRESS[scheme]))
    assert sink.name
    assert "key" not in sink.name


@pytest.mark.parametrize(
    ("audio", "live", "track"),
    [
        (AudioPolicy.SILENCE, True, SoundTrack.ALWAYS),
        (AudioPolicy.SILENCE, False, SoundTrack.AS_INPUT),
        (AudioPolicy.PASS, True, SoundTrack.ALWAYS),
        (AudioPolicy.DROP, True, SoundTrack.NEVER),
        (AudioPolicy.DROP, False, SoundTrack.NEVER),
    ],
)
def test_live_programmes_have_a_sound_track_and_files_have_what_their_input_had(audio, live, track):
    assert sound_track(audio, live=live) is track


@pytest.mark.parametrize("realtime", [True, False])
def test_only_a_live_camera_gets_programme_time(realtime):
    settings = CameraSettings.model_validate(
        {"source": {"type": "file", "path": "clip.mp4", "realtime": realtime}, "sinks": ["null:"], "privacy": {"accuracy": "light"}}
    )
    camera, suite = build_camera(settings, observer=lambda _: None, give_up_at_first=True)
    assert (camera.clock is not None) is realtime
    camera.anonymise.close()
    camera.encode.close()
    suite.close()


def test_zones_reach_the_gate_and_what_is_found_in_an_ignored_one_is_left_out():
    corners = [[0.0, 0.0], [0.3, 0.0], [0.3, 1.0], [0.0, 1.0]]
    zones = [{"kind": "covered", "points": corners}, {"kind": "ignored", "points": corners}]
    chosen = CameraSettings.model_validate({"source": "rtsp://h/x", "privacy": {"accuracy": "light", "zones": zones}})
    built, suite = build_camera(chosen, observer=lambda _: None, give_up_at_first=True)
    suite.close()
    built.anonymise.close()
    assert built.anonymise.gate.zones is not None
    boxes = np.array([[10, 10, 100, 200], [400, 10, 500, 200]], np.float32)
    found = Detections.of(boxes, np.array([0.9, 0.9], np.float32), Label.BODY)
    assert built.anonymise.exempt(found, 640, 360).xyxy[:, 0].tolist() == [400]


def test_consent_zones_reach_the_decision_about_frames_until_their_time():
    zones = [CONSENT | {"until": "2099-01-01T00:00:00Z"}, CONSENT | {"until": "2001-01-01T00:00:00Z"}]
    chosen = CameraSettings.model_validate({"source": "rtsp://h/x", "privacy": {"accuracy": "light", "zones": zones}})
    built, suite = build_camera(chosen, observer=lambda _: None, give_up_at_first=True)
    suite.close()
    built.anonymise.close()
    assert built.anonymise.look_back._agreed() == (tuple(map(tuple, CORNERS)),)


def test_a_badge_in_an_ignored_zone_counts_for_nobody():
    """Its wearer may be somebody who is not detected there, in front of somebody who is."""
    corners = [[0.0, 0.0], [0.3, 0.0], [0.3, 1.0], [0.0, 1.0]]
    picture = np.full((360, 640), 220, np.uint8)
    marker = cv2.aruco.generateImageMarker(cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_6X6_250), 17, 48)
    for left in (100, 500):
        picture[100:148, left : left + 48] = marker
    planes = Planes(picture, np.full((180, 320), 128, np.uint8), np.full((180, 320), 128, np.uint8))
    for zones, expected in (([], [100, 500]), ([{"kind": "ignored", "points": corners}], [500])):
        privacy = {"accuracy": "light", "badges": [17], "zones": zones}
        chosen = CameraSettings.model_validate({"source": "rtsp://h/x", "privacy": privacy})
        built, suite = build_camera(chosen, observer=lambda _: None, give_up_at_first=True)
        suite.close()
        built.anonymise.close()
        found = built.anonymise.badges(planes, np.array([[0.0, 0.0, 640.0, 360.0]]))
        assert sorted(found[:, 0].round(-1)) == expected


CORNERS = [[0.1, 0.1], [0.5, 0.1], [0.5, 0.5]]
CONSENT = {"kind": "consent", "points": CORNERS, "who": "Ada Lovelace", "name": "Ada's desk", "until": "2027-01-31T18:00:00Z"}


def test_who_agreed_is_for_the_record_and_in_no_claim():
    zones = [CONSENT, {"kind": "covered", "points": CORNERS, "who": "nobody"}]
    chosen = CameraSettings.model_validate({"source": "rtsp://h/x", "privacy": {"zones": zones}})
    (one,) = consents_of(chosen)
    assert (one.zone, one.who, one.until_s) == ("Ada's desk", "Ada Lovelace", 1_801_418_400)
    claimed = canonical(signed_policy(chosen)).decode()
    assert one.points_sha256 in claimed
    assert "Ada" not in claimed


def policy_of(**changed):
    return signed_policy(CameraSettings.model_validate({"source": "rtsp://h/x"} | changed))


@pytest.mark.parametrize(
    "changed",
    [
        {"privacy": {"targets": ["face"]}},
        {"privacy": {"method": "mosaic"}},
        {"privacy": {"accuracy": "light"}},
        {"privacy": {"lookback_ms": 500}},
        {"privacy": {"hold_ms": 400}},
        {"audio": "pass"},
        {"privacy": {"badges": [17]}},
        {"privacy": {"zones": [{"kind": "covered", "points": CORNERS}]}},
        {"privacy": {"zones": [{"kind": "ignored", "points": CORNERS}]}},
        {"privacy": {"zones": [{"kind": "ignored", "points": [*CORNERS, [0.1, 0.5]]}]}},
        {"privacy": {"zones": [CONSENT]}},
        {"privacy": {"zones": [CONSENT | {"until": "2027-02-01T18:00:00Z"}]}},
        {"privacy": {"zones": [CONSENT, CONSENT]}},
    ],
    ids=str,
)
def test_whatever_decides_who_is_hidden_and_how_changes_the_policys_digest(changed):
    every_other = [policy_of(), policy_of(privacy={"zones": [{"kind": "ignored", "points": [[0, 0], [0.3, 0], [0.3, 1]]}]})]
    assert policy_hash(policy_of(**changed)) not in map(policy_hash, every_other)
    assert policy_hash(policy_of(**changed)) == policy_hash(policy_of(**changed))


def test_every_privacy_setting_is_in_the_signed_policy():
    """A setting that is added later is signed, or this says so."""
    assert set(PrivacySettings.model_fields) - {"zones"} <= set(policy_of())
    assert set(ZoneSettings.model_fields) == {"kind", "points", "until", "who", "name"}


def test_nothing_about_a_person_is_in_it_and_it_fits_into_a_claim():
    said = str(policy_of(privacy={"zones": [CONSENT]}))
    assert "Ada" not in said
    assert "points" in said
    crowd = [CONSENT | {"points": [[x / 64, 0.5] for x in range(64)]}] * 32
    assert len(canonical(policy_of(privacy={"zones": crowd}))) < LIMIT // 3


def test_the_same_end_in_another_zone_of_time_is_the_same_policy():
    there = policy_of(privacy={"zones": [CONSENT | {"until": "2027-01-31T19:00:00+01:00"}]})
    assert policy_hash(there) == policy_hash(policy_of(privacy={"zones": [CONSENT]}))
