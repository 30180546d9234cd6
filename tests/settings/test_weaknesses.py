"""What is allowed and still warned about."""

from __future__ import annotations

from proxy.settings.camera import dump_camera, parse_camera
from proxy.settings.service import Settings, compose
from proxy.settings.weaknesses import warnings
from tests.settings.composed import RTSP, one


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


def test_a_method_weaker_than_what_was_attacked_is_warned_about_and_a_stronger_one_is_not() -> None:
    for privacy in ({"method": "mosaic", "mosaic_cells": 6}, {"method": "blur", "blur_percent": 25}):
        assert "hides less than the usual" in "\n".join(warnings(one(privacy=privacy)))
    for privacy in ({"method": "mosaic", "mosaic_cells": 2, "blur_percent": 25}, {"method": "silhouette", "mosaic_cells": 6}):
        assert "hides less" not in "\n".join(warnings(one(privacy=privacy)))


def test_an_srt_end_at_which_anybody_may_call_is_warned_about() -> None:
    camera = {
        "source": "srt://:9000",
        "sinks": ["srt://host:9001", {"url": "srt://:9002", "passphrase": "0123456789"}, "srt://:9003"],
    }
    said = [line for line in warnings(Settings.model_validate({"camera": [camera]})) if "passphrase" in line]
    assert len(said) == 2
    assert "source srt://:9000 (listening)" in said[0]
    assert "sink srt://:9003 (listening)" in said[1]


def test_that_a_cameras_certificate_is_not_checked_is_warned_about():
    camera = {"source": {"url": "rtsps://admin:p4ss@camera/stream", "verify": False}}
    said = "\n".join(warnings(compose({"camera": [camera]}, origin="test")))
    assert "certificate" in said
    assert "p4ss" not in said
    verified = compose({"camera": [{"source": "rtsps://admin:p4ss@camera/stream"}]}, origin="test")
    assert not any("certificate" in line for line in warnings(verified))


def test_a_zone_that_shows_people_is_warned_about_and_travels_to_the_cameras_process() -> None:
    corners = [[0.1, 0.1], [0.9, 0.1], [0.5, 0.9]]
    zone = {"kind": "consent", "points": corners, "name": "stage", "who": "the band", "until": "2027-01-31T18:00:00Z"}
    settings = compose({"camera": [{"source": "rtsp://h/x", "privacy": {"zones": [zone]}}]}, origin="here")
    assert any("consent zone stage" in line for line in warnings(settings))
    assert parse_camera(dump_camera(settings.cameras[0])) == settings.cameras[0]


def test_a_zone_that_is_over_is_said_to_be_so_and_not_to_show_anybody() -> None:
    zones = [
        {"kind": "consent", "name": name, "who": "the band", "until": until, "points": [[0, 0], [0.1, 0], [0.1, 0.1]]}
        for name, until in (("stage", "2001-01-01T00:00:00Z"), ("desk", "2999-01-01T00:00:00Z"))
    ]
    said = [line.partition(": ")[2] for line in warnings(one(privacy={"zones": zones})) if "zone" in line]
    assert said == ["the consent zone stage is over, and shows nobody", "whoever is in the consent zone desk is shown unhidden"]


def test_a_codec_that_viewers_over_webrtc_cannot_be_given_is_warned_about() -> None:
    for codec, expected in (("h264", 0), ("hevc", 1), ("av1", 1)):
        said = warnings(one(sinks=[{"type": "whep"}], encoding={"codec": codec}))
        assert len([line for line in said if "whep" in line and codec in line]) == expected
    assert not [line for line in warnings(one(sinks=["null:"], encoding={"codec": "av1"})) if "whep" in line]
