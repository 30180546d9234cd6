"""One schema: every problem at once, secrets resolved and never echoed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import ConfigError
from proxy.masking.policy import Target
from proxy.settings import (
    SINKS,
    SOURCES,
    CameraSettings,
    ControlSettings,
    Settings,
    compose,
    dump_camera,
    load,
    parse_camera,
    scheme_of,
    warnings,
)
from proxy.sinks import file as file_sink
from proxy.sinks import hls, null, rtmp
from proxy.sinks import whep as whep_sink
from proxy.sinks import whip as whip_sink
from proxy.sources import device, mjpeg, rtsp
from proxy.sources import file as file_source
from proxy.sources import hls as hls_source
from proxy.sources import whep as whep_source
from proxy.sources import whip as whip_source

RTSP = "rtsp://user:hunter2@camera.example/stream"


def one(**camera: object) -> Settings:
    return compose({"camera": [{"source": RTSP, **camera}]}, origin="test")


def problems(tables: dict[str, object]) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        compose(tables, origin="test")
    return caught.value.problems


def written(folder: Path, text: str) -> Path:
    path = folder / "veilcast.toml"
    path.write_text(text, encoding="utf-8")
    return path


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


def test_viewers_have_one_address_which_the_proxys_own_http_answers() -> None:
    with pytest.raises(ConfigError) as twice:
        one(sinks=["whep:", "whep:"])
    assert "name whep once" in twice.value.problems[0]
    with pytest.raises(ConfigError) as thrice:
        one(sinks=["mjpeg:", "whep:", "mjpeg:"])
    assert "name mjpeg once" in thrice.value.problems[0]
    with pytest.raises(ConfigError) as unanswered:
        compose({"camera": [{"source": RTSP, "sinks": ["whep:"]}], "control": {"enabled": False}}, origin="test")
    assert "own HTTP, which is off" in unanswered.value.problems[0]


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


def test_publishers_are_met_where_the_proxys_own_http_answers() -> None:
    assert isinstance(one(source="whip:").cameras[0].source, whip_source.Options)
    with pytest.raises(ConfigError) as unanswered:
        compose({"camera": [{"source": "whip:", "sinks": ["null:"]}], "control": {"enabled": False}}, origin="test")
    assert "own HTTP, which is off" in unanswered.value.problems[0]


def test_ice_servers_survive_the_way_to_the_cameras_process() -> None:
    server = {"url": "turn:turn.example.org", "username": "u", "credential": "p"}
    camera = one(sinks=[{"type": "whep", "ice_servers": [server], "token": "t"}]).cameras[0]
    (sink,) = parse_camera(dump_camera(camera)).sinks
    assert isinstance(sink, whep_sink.Options)
    assert sink == camera.sinks[0]
    assert sink.ice_servers[0].credential.get_secret_value() == "p"


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


def test_every_problem_is_named_by_its_path() -> None:
    found = problems(
        {
            "colour": 1,
            "camera": [
                {"name": "A b", "source": {"url": "env:VEILCAST_TEST_UNSET"}, "privacy": {"method": "paint"}},
                {"source": {"type": "file"}, "sinks": ["nowhere://x", {"type": "fax"}, 3, {}, {"url": "x.mp4", "speed": 2}]},
            ],
            "control": {"host": "192.168.1.5"},
        }
    )
    assert {problem.partition(": ")[0] for problem in found} == {
        "colour",
        "cameras.0.name",
        "cameras.0.source.url",
        "cameras.0.privacy.method",
        "cameras.1.source.path",
        "cameras.1.sinks.0",
        "cameras.1.sinks.1.type",
        "cameras.1.sinks.2",
        "cameras.1.sinks.3",
        "cameras.1.sinks.4.speed",
        "control.token",
    }


@given(st.text(st.characters(categories=["L", "N"]), min_size=8, max_size=30))
def test_what_was_typed_is_never_echoed(secret: str) -> None:
    marked = f"Zq{secret}qZ"
    found = problems(
        {
            "camera": [
                {
                    "name": marked,
                    "source": {"url": f"rtsp://u:{marked}@", "transport": marked, "read_timeout_s": marked},
                    "sinks": [f"rtmp://u:{marked}@h/app/{marked}", {"type": marked}, {"url": f"rtmp://h/{marked}", "ca_file": 3}],
                    "privacy": {"lookback_ms": marked, "targets": [marked]},
                    "threads": marked,
                }
            ],
            "control": {"host": "192.168.1.5", "token": {"x": marked}},
            "isolation": marked,
        }
    )
    assert len(found) >= 8
    assert not [problem for problem in found if marked in problem]


def test_secrets_come_from_the_environment_and_from_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEILCAST_TEST_CAMERA", RTSP + "\n")
    (tmp_path / "key").write_text("live_1\n")
    (tmp_path / "url").write_text("rtmp://platform/app/live_2\n")
    camera = one(
        source="env:VEILCAST_TEST_CAMERA",
        sinks=[f"file:{tmp_path}/url", {"type": "rtmp", "url": "rtmp://platform/app", "key": f"file:{tmp_path}/key"}],
    ).cameras[0]
    assert isinstance(camera.source, rtsp.Options)
    assert camera.source.url.get_secret_value() == RTSP
    first, second = camera.sinks
    assert isinstance(first, rtmp.Options)
    assert isinstance(second, rtmp.Options)
    assert first.url.get_secret_value().endswith("live_2")
    assert second.key.get_secret_value() == "live_1"


def test_secrets_show_in_no_representation() -> None:
    settings = compose(
        {"camera": [{"source": RTSP, "sinks": ["rtmp://platform/app/live_key"]}], "control": {"token": "sesame"}}, origin="test"
    )
    for text in (repr(settings), str(settings), settings.model_dump_json()):
        assert not [secret for secret in ("hunter2", "live_key", "sesame") if secret in text]


def test_a_camera_reaches_its_process_unchanged_as_one_line() -> None:
    camera = one(
        name="yard",
        source={"url": RTSP, "transport": "udp"},
        sinks=["rtmp://platform/app/live_key", "hls:///tmp/hls", "x.mp4", "null:"],
        privacy={"targets": ["face"], "method": "mosaic", "lookback_ms": 700},
        encoding={"codec": "hevc"},
        audio="drop",
    ).cameras[0]
    line = dump_camera(camera)
    assert "\n" not in line
    assert "live_key" in line
    assert parse_camera(line) == camera


@pytest.mark.parametrize("text", ["", "{", "[]", '{"name": "x"}', '{"source": "rtsp://u:hunter2@"}'])
def test_what_is_no_camera_is_refused_without_an_echo(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_camera(text)
    assert "hunter2" not in str(caught.value) + "".join(caught.value.problems)


def test_names_of_cameras_differ() -> None:
    (problem,) = problems({"camera": [{"source": RTSP}, {"source": RTSP}]})
    assert problem.startswith("cameras: each camera needs a name of its own")


def test_without_a_camera_there_is_a_page_to_add_one() -> None:
    assert compose({}, origin="test").cameras == ()
    assert problems({"control": {"enabled": False}}) == ("cameras: needs at least one [[camera]]",)


def test_a_camera_that_nobody_could_watch_is_refused() -> None:
    (problem,) = problems({"camera": [{"source": RTSP}], "control": {"preview": False}})
    assert problem.startswith("cameras.0.sinks: ")


@pytest.mark.parametrize(
    ("host", "own"), [("127.0.0.1", True), ("::1", True), ("localhost", True), ("192.168.1.5", False), ("box", False)]
)
def test_only_this_machines_own_addresses_need_no_token(host: str, *, own: bool) -> None:
    tables: dict[str, object] = {"camera": [{"source": RTSP}], "control": {"host": host}}
    if own:
        assert compose(tables, origin="test").control.loopback
    else:
        assert problems(tables) == ("control.token: a host that others can reach needs a token as well",)
        assert not ControlSettings.model_validate({"host": host, "token": "sesame"}).loopback


def test_a_file_is_read_and_what_is_no_toml_is_told_by_its_line(tmp_path: Path) -> None:
    settings = load(written(tmp_path, '[[camera]]\nname = "a"\nsource = "rtsp://camera/stream"\n[log]\nlevel = "debug"\n'))
    assert settings.cameras[0].name == "a"
    with pytest.raises(ConfigError, match="line 2"):
        load(written(tmp_path, "[[camera]]\nname = hunter2\n"))
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "none.toml")


def test_weak_choices_are_warned_about_and_defaults_are_not() -> None:
    assert warnings(one(sinks=["null:"])) == []
    weak = one(privacy={"method": "blur", "targets": ["face"]}, audio="pass")
    text = "\n".join(warnings(weak))
    assert "reversible" in text
    assert "bodies stay visible" in text
    assert "seen from behind" in text
    assert "voices" in text
    open_control = compose({"camera": [{"source": RTSP}], "control": {"host": "192.168.1.5", "token": "x"}}, origin="test")
    assert [line for line in warnings(open_control) if line.startswith("control: ")]
    control = {"host": "192.168.1.5", "token": "x" * 20, "tls_cert": "cert.pem", "tls_key": "key.pem"}
    assert not [
        line for line in warnings(compose({"camera": [{"source": RTSP}], "control": control}, origin="test")) if "control" in line
    ]


def test_a_certificate_needs_its_key() -> None:
    tables: dict[str, object] = {"camera": [{"source": RTSP}], "control": {"tls_cert": "cert.pem"}}
    assert problems(tables) == ("control.tls_key: tls_cert and tls_key belong together",)


def test_privacy_settings_become_the_masking_codes_policy() -> None:
    policy = one(privacy={"targets": ["head"], "lookback_ms": 500, "hold_ms": 250}).cameras[0].privacy.policy()
    assert (policy.targets, policy.lookback_ms, policy.hold_ms) == (frozenset({Target.HEAD}), 500, 250)


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        one().cameras[0].name = "other"  # type: ignore[misc]


def test_defaults_hide_everything() -> None:
    assert set(CameraSettings.model_validate({"source": RTSP}).privacy.targets) == set(Target)


def test_an_srt_end_at_which_anybody_may_call_is_warned_about() -> None:
    camera = {
        "source": "srt://:9000",
        "sinks": ["srt://host:9001", {"url": "srt://:9002", "passphrase": "0123456789"}, "srt://:9003"],
    }
    said = [line for line in warnings(Settings.model_validate({"camera": [camera]})) if "passphrase" in line]
    assert len(said) == 2
    assert "source srt://:9000 (listening)" in said[0]
    assert "sink srt://:9003 (listening)" in said[1]


def test_srt_secrets_may_come_from_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORD", "correct horse")
    camera = {"source": {"url": "srt://host:9000", "passphrase": "env:WORD"}, "sinks": ["null:"]}
    source = Settings.model_validate({"camera": [camera]}).cameras[0].source
    assert source.address().passphrase == "correct horse"


def test_a_short_srt_passphrase_is_a_problem() -> None:
    with pytest.raises(ConfigError) as refused:
        compose({"camera": [{"source": {"url": "srt://h:9000", "passphrase": "short"}, "sinks": ["null:"]}]}, origin="x")
    assert "a passphrase has 10 to 79 bytes" in refused.value.problems[0]
    assert "short" not in refused.value.problems[0].replace("shorter", "")


def test_that_a_cameras_certificate_is_not_checked_is_warned_about():
    camera = {"source": {"url": "rtsps://admin:p4ss@camera/stream", "verify": False}}
    said = "\n".join(warnings(compose({"camera": [camera]}, origin="test")))
    assert "certificate" in said
    assert "p4ss" not in said
    verified = compose({"camera": [{"source": "rtsps://admin:p4ss@camera/stream"}]}, origin="test")
    assert not any("certificate" in line for line in warnings(verified))


def test_zones_are_polygons_of_shares_and_consent_needs_a_name_and_an_end() -> None:
    corners = [[0.1, 0.1], [0.9, 0.1], [0.5, 0.9]]

    def tables(**zone: object) -> dict[str, object]:
        zones = [{"kind": "covered", "points": corners} | zone]
        return {"camera": [{"source": "rtsp://h/x", "privacy": {"zones": zones}}]}

    def said(**zone: object) -> tuple[str, ...]:
        return problems(tables(**zone))

    compose(tables(), origin="test")
    compose(tables(kind="consent", who="the band", until="2027-01-31T18:00:00Z"), origin="test")
    assert said(points=corners[:2]) != ()
    assert said(points=[*corners, [1.1, 0.5]]) != ()
    assert said(points=[*corners, [float("nan"), 0.5]]) != ()
    assert said(kind="consent") == ("cameras.0.privacy.zones.0.who: a consent zone names who agreed, and until when",)
    assert said(kind="consent", who="the band") != ()


def test_a_zone_that_shows_people_is_warned_about_and_travels_to_the_cameras_process() -> None:
    corners = [[0.1, 0.1], [0.9, 0.1], [0.5, 0.9]]
    zone = {"kind": "consent", "points": corners, "name": "stage", "who": "the band", "until": "2027-01-31T18:00:00Z"}
    settings = compose({"camera": [{"source": "rtsp://h/x", "privacy": {"zones": [zone]}}]}, origin="here")
    assert any("consent zone stage" in line for line in warnings(settings))
    assert parse_camera(dump_camera(settings.cameras[0])) == settings.cameras[0]
