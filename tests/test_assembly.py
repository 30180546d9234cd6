"""Settings become objects."""

import numpy as np
import pytest

from proxy.assembly import build_camera, open_sink, open_source, sound_track
from proxy.encoding.programme import SoundTrack
from proxy.settings import SINKS, SOURCES, CameraSettings
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
    corners = [[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]]
    zones = [{"kind": "covered", "points": corners}, {"kind": "ignored", "points": corners}]
    chosen = CameraSettings.model_validate({"source": "rtsp://h/x", "privacy": {"accuracy": "light", "zones": zones}})
    built, suite = build_camera(chosen, observer=lambda _: None, give_up_at_first=True)
    suite.close()
    built.anonymise.close()
    assert built.anonymise.gate.zones is not None
    boxes = np.array([[10, 10, 100, 200], [400, 10, 500, 200]], np.float32)
    found = Detections.of(boxes, np.array([0.9, 0.9], np.float32), Label.BODY)
    assert built.anonymise.exempt(found, 640, 360).xyxy[:, 0].tolist() == [400]
