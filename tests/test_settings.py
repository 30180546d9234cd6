"""What holds for every setting: problems without an echo, secrets unseen, nothing changes on the way to a camera's process."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.settings.camera import dump_camera, parse_camera
from proxy.settings.service import compose
from tests.settings.composed import RTSP, one, problems


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


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        one().cameras[0].name = "other"  # type: ignore[misc]
