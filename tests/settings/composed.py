"""Settings of one camera, and the problems of tables, for the tests beside this file."""

from __future__ import annotations

import pytest

from proxy.errors import ConfigError
from proxy.settings.service import Settings, compose

RTSP = "rtsp://user:hunter2@camera.example/stream"


def one(**camera: object) -> Settings:
    return compose({"camera": [{"source": RTSP, **camera}]}, origin="test")


def problems(tables: dict[str, object]) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        compose(tables, origin="test")
    return caught.value.problems
