"""Secrets that stand elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from proxy.settings.service import Settings
from proxy.sinks import rtmp
from proxy.sources import rtsp
from tests.settings.composed import RTSP, one


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


def test_srt_secrets_may_come_from_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORD", "correct horse")
    camera = {"source": {"url": "srt://host:9000", "passphrase": "env:WORD"}, "sinks": ["null:"]}
    source = Settings.model_validate({"camera": [camera]}).cameras[0].source
    assert source.address().passphrase == "correct horse"
