"""A source or a sink from a URL or a table: which plugin takes it, and what it is given."""

from __future__ import annotations

import pytest

from proxy.errors import ConfigError
from proxy.settings.camera import dump_camera, parse_camera
from proxy.settings.ends import scheme_of
from proxy.settings.plugins import SINKS, SOURCES
from proxy.settings.service import compose
from proxy.sinks import file as file_sink
from proxy.sinks import hls, null, rtmp
from proxy.sinks import whep as whep_sink
from proxy.sinks import whip as whip_sink
from proxy.sources import device, mjpeg, rtsp
from proxy.sources import file as file_source
from proxy.sources import hls as hls_source
from proxy.sources import whep as whep_source
from tests.settings.composed import RTSP, one, problems


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (RTSP, rtsp.Options),
        ("rtsps://camera/stream", rtsp.Options),
        ("clip.mp4", file_source.Options),
        ("/videos/clip.mp4", file_source.Options),
        ("file://clip.mp4?loop=true", file_source.Options),
        ("/dev/video0", device.Options),
        ("device:///dev/video1?rate=30", device.Options),
    ],
)
def test_a_source_url_or_path_chooses_its_plugin(text: str, kind: type) -> None:
    assert isinstance(one(source=text).cameras[0].source, kind)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("http://camera/video.mjpg", mjpeg.Options),
        ("https://user:pass@camera/video", mjpeg.Options),
        ("https://host/live/index.m3u8", hls_source.Options),
        ("http://host/live.M3U8?token=x", hls_source.Options),
    ],
)
def test_an_http_address_is_pictures_or_by_its_ending_a_playlist(text: str, kind: type) -> None:
    assert isinstance(one(source=text).cameras[0].source, kind)
    assert isinstance(one(source={"url": text, "open_timeout_s": 2}).cameras[0].source, kind)
    named = one(source={"type": "hls", "url": "https://host/live"}).cameras[0].source
    assert isinstance(named, hls_source.Options)
    with pytest.raises(ConfigError, match="problem"):
        one(sinks=[text])


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("rtmp://platform/app/key", rtmp.Options),
        ("rtmps://platform/app/key", rtmp.Options),
        ("hls:///var/lib/hls", hls.Options),
        ("out.mkv", file_sink.Options),
        ("file:///videos/out.mp4", file_sink.Options),
        ("null:", null.Options),
        ("null", null.Options),
        ("whep:", whep_sink.Options),
        ("whips://platform/app/key", whip_sink.Options),
    ],
)
def test_a_sink_url_or_path_chooses_its_plugin(text: str, kind: type) -> None:
    assert isinstance(one(sinks=[text]).cameras[0].sinks[0], kind)


def test_streams_over_webrtc_are_called_by_their_addresses() -> None:
    played, published = {"url": "wheps://camera/live", "token": "t"}, {"url": "whip://platform/app", "token": "t"}
    camera = one(source=played, sinks=[published]).cameras[0]
    assert isinstance(camera.source, whep_source.Options)
    assert isinstance(camera.sinks[0], whip_sink.Options)
    assert camera.sinks[0].token.get_secret_value() == "t"
    assert parse_camera(dump_camera(camera)) == camera
    for wrong in ({"source": "whep:"}, {"sinks": ["whip:"]}, {"sinks": [{"type": "whip", "url": "whip://"}]}):
        with pytest.raises(ConfigError) as unnamed:
            one(**wrong)
        assert "names no host" in unnamed.value.problems[0]
    with pytest.raises(ConfigError) as hevc:
        one(sinks=["whip://platform/app/key"], encoding={"codec": "hevc"})
    assert hevc.value.problems[0] == "cameras.0.encoding.codec: must be h264, which is what WHIP carries"


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"sinks": ["rtsp://server/path"]}, "RTSP, SRT or MPEG-TS"),
        ({"sinks": ["x.mp4", "srt://server:9000"]}, "RTSP, SRT or MPEG-TS"),
        ({"sinks": [{"url": "hls:///tmp/hls", "container": "ts"}]}, "RTSP, SRT or MPEG-TS"),
        ({"sinks": ["whip://platform/app/key"]}, "WHIP"),
        ({"sinks": ["x.mp4"], "attestation": {"key": "device.key"}}, "claims"),
    ],
)
def test_av1_is_refused_where_nothing_carries_it_or_it_is_to_be_signed(more: dict[str, object], why: str) -> None:
    with pytest.raises(ConfigError) as refused:
        one(**more, encoding={"codec": "av1"})
    assert refused.value.problems[0].startswith("cameras.0.encoding.codec: must be h264")
    assert why in refused.value.problems[0]
    assert one(sinks=["x.mp4", "rtmp://h/a/k", "hls:///tmp/hls"], encoding={"codec": "av1"}).cameras[0].encoding.codec == "av1"


def test_every_plugin_takes_a_table_with_its_type() -> None:
    for scheme, plugin in {**SOURCES, **SINKS}.items():
        assert scheme_of(f"{scheme}://x") == scheme
        assert plugin.model_fields["type"].is_required() is False


def test_a_table_with_a_url_takes_the_plugins_own_settings() -> None:
    camera = one(
        source={"url": RTSP, "transport": "udp"},
        sinks=[{"url": "rtmp://platform/app", "key": "abc"}, {"url": "x.mp4", "atomic": True}],
    ).cameras[0]
    assert isinstance(camera.source, rtsp.Options)
    assert camera.source.transport == "udp"
    assert isinstance(camera.sinks[0], rtmp.Options)
    assert camera.sinks[0].key.get_secret_value() == "abc"
    assert isinstance(camera.sinks[1], file_sink.Options)
    assert camera.sinks[1].atomic


def test_an_unknown_scheme_names_those_that_are_known() -> None:
    (problem,) = problems({"camera": [{"source": "rtps://camera/stream"}]})
    assert problem == f'cameras.0.source: unknown URL scheme "rtps": known are {", ".join(sorted(SOURCES))}, or a path'


def test_a_short_srt_passphrase_is_a_problem() -> None:
    with pytest.raises(ConfigError) as refused:
        compose({"camera": [{"source": {"url": "srt://h:9000", "passphrase": "short"}, "sinks": ["null:"]}]}, origin="x")
    assert "a passphrase has 10 to 79 bytes" in refused.value.problems[0]
    assert "short" not in refused.value.problems[0].replace("shorter", "")
