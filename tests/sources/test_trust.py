"""Which certificates a source over TLS believes; with real peers in test_rtsp.py and test_rtmp.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from proxy.errors import SourceRejected
from proxy.sources.trust import TlsOptions, Trust, trust_of


def test_libav_is_told_to_verify_with_the_certificates_of_the_settings_or_those_of_the_system() -> None:
    options = Trust("camera", 322, Path("/etc/camera.pem"), "camera-7").options()
    assert options == {"tls_verify": "1", "ca_file": "/etc/camera.pem", "verifyhost": "camera-7"}
    assert Trust("camera", 322).options().keys() == {"tls_verify", "ca_file"}


def test_a_system_without_certificates_trusts_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proxy.sources.trust._BUNDLES", ())
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere.pem")
    assert Trust("camera", 322).options() == {"tls_verify": "1", "ca_file": "none"}


def test_a_file_without_certificates_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").touch()
    with pytest.raises(SourceRejected, match=r"empty\.pem cannot be used: no certificates in it"):
        Trust("127.0.0.1", 1, tmp_path / "empty.pem").check("rtsps://camera", timeout_s=1)


def test_only_verify_false_believes_everybody() -> None:
    assert trust_of(TlsOptions(verify=False), "camera", 322) is None
    assert trust_of(TlsOptions(), "camera", 322) == Trust("camera", 322)
