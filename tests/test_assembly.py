"""Settings become objects."""

import pytest

from proxy.assembly import build_camera, open_sink, open_source, sound_track
from proxy.encoding.programme import SoundTrack
from proxy.settings import SINKS, SOURCES, CameraSettings
from proxy.sinks.protocol import Sink
from proxy.sources.protocol import Source
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
