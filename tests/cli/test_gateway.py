"""``gateway`` starts what its file says; tests/platform/test_service.py runs it against a real ingest."""

from __future__ import annotations

from pathlib import Path

import pytest

from proxy.cli import entry
from proxy.platform import service
from proxy.platform.settings import GatewaySettings

TEXT = """
folder = "/srv/gateway"
key = "/srv/gateway.pem"
pull = "rtmp://127.0.0.1/ingest"
publish = "rtmp://127.0.0.1/live"
[http]
admin = "env:GATEWAY_ADMIN"
"""


def test_the_file_is_read_and_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[GatewaySettings] = []
    monkeypatch.setattr(service, "run", lambda settings: seen.append(settings) or 0)
    monkeypatch.setenv("GATEWAY_ADMIN", "admin-token-0123456789")
    path = tmp_path / "gateway.toml"
    path.write_text(TEXT)
    assert entry.execute(["gateway", "-c", str(path)]) == 0
    assert seen[0].http.admin.get_secret_value() == "admin-token-0123456789"


def test_a_key_that_is_not_there_is_one_line_and_a_hint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GATEWAY_ADMIN", "admin-token-0123456789")
    path = tmp_path / "gateway.toml"
    path.write_text(TEXT.replace("/srv", str(tmp_path)))
    assert entry.execute(["gateway", "-c", str(path)]) == 2
    assert "veilcast keys init" in capsys.readouterr().err
