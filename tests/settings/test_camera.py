"""One camera's settings, and their way to its process."""

from __future__ import annotations

import pytest

from proxy.errors import ConfigError
from proxy.masking.policy import Target
from proxy.redactors.method import Method
from proxy.settings.camera import CameraSettings, dump_camera, parse_camera
from proxy.settings.service import compose
from proxy.sinks import whep as whep_sink
from tests.settings.composed import RTSP, one, problems


def test_ice_servers_survive_the_way_to_the_cameras_process() -> None:
    server = {"url": "turn:turn.example.org", "username": "u", "credential": "p"}
    camera = one(sinks=[{"type": "whep", "ice_servers": [server], "token": "t"}]).cameras[0]
    (sink,) = parse_camera(dump_camera(camera)).sinks
    assert isinstance(sink, whep_sink.Options)
    assert sink == camera.sinks[0]
    assert sink.ice_servers[0].credential.get_secret_value() == "p"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"name": "x"}', '{"source": "rtsp://u:hunter2@"}'])
def test_what_is_no_camera_is_refused_without_an_echo(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_camera(text)
    assert "hunter2" not in str(caught.value) + "".join(caught.value.problems)


def test_privacy_settings_become_the_masking_codes_policy() -> None:
    policy = one(privacy={"targets": ["head"], "lookback_ms": 500, "hold_ms": 250}).cameras[0].privacy.policy()
    assert (policy.targets, policy.lookback_ms, policy.hold_ms) == (frozenset({Target.HEAD}), 500, 250)


def test_the_strength_that_counts_is_that_of_the_chosen_method() -> None:
    strengths = {"mosaic_cells": 3, "blur_percent": 50}
    chosen = {method: one(privacy={"method": method} | strengths).cameras[0].privacy.strength for method in Method}
    assert chosen == {Method.SILHOUETTE: None, Method.SOLID: None, Method.MOSAIC: 3, Method.BLUR: 50}
    for setting, wrong in (("mosaic_cells", 1), ("mosaic_cells", 7), ("blur_percent", 24), ("blur_percent", 71)):
        assert problems({"camera": [{"source": RTSP, "privacy": {setting: wrong}}]})


def test_defaults_hide_everything() -> None:
    assert set(CameraSettings.model_validate({"source": RTSP}).privacy.targets) == set(Target)


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
    zone = {"kind": "consent", "points": corners, "who": "the band", "until": "2027-01-31T18:00:00Z"}
    (faces_only,) = problems({"camera": [{"source": "rtsp://h/x", "privacy": {"zones": [zone], "targets": ["face"]}}]})
    assert faces_only.startswith("cameras.0.privacy.targets: consent zones go by people's feet")


def test_badges_need_bodies_to_be_worn_on() -> None:
    (refused,) = problems({"camera": [{"source": RTSP, "privacy": {"badges": [17], "targets": ["face"]}}]})
    assert refused.startswith("cameras.0.privacy.targets: badges are worn on bodies")
    compose({"camera": [{"source": RTSP, "privacy": {"badges": [17], "targets": ["face", "head"]}}]}, origin="test")


def test_ignored_zones_are_for_posters_and_never_for_a_scene() -> None:
    def tables(*zones: tuple[str, float]) -> dict[str, object]:
        drawn = [{"kind": kind, "points": [[0, 0], [width, 0], [width, 1], [0, 1]]} for kind, width in zones]
        return {"camera": [{"source": RTSP, "privacy": {"zones": drawn}}]}

    refused = ("cameras.0.privacy.zones: ignored zones may take a third of the picture at most: nobody in them is hidden",)
    assert problems(tables(("ignored", 1.0))) == problems(tables(("ignored", 0.2), ("ignored", 0.2))) == refused
    assert len(compose(tables(("ignored", 0.2), ("covered", 1.0)), origin="test").cameras[0].privacy.zones) == 2
