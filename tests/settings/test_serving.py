"""A server of ours listens on this machine unless told otherwise, and shows a certificate that works or does not begin."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

import pytest
from pydantic import ValidationError

from proxy.errors import ConfigError
from proxy.settings.serving import ServingSettings


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("127.9.9.9", True), ("192.0.2.7", False), ("box.local", False)],
)
def test_what_only_this_machine_reaches_is_known(host: str, loopback: bool) -> None:
    assert ServingSettings(host=host).loopback is loopback


def test_it_listens_on_this_machine_in_plain_http_by_itself() -> None:
    assert (ServingSettings().loopback, ServingSettings().tls()) == (True, None)


@pytest.mark.parametrize("half", ["tls_cert", "tls_key"])
def test_a_certificate_and_its_key_belong_together(half: str) -> None:
    with pytest.raises(ValidationError, match="belong together"):
        ServingSettings.model_validate({half: "one.pem"})


def test_a_certificate_is_loaded_with_its_key(tmp_path: Path) -> None:
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    request = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=box"]
    subprocess.run([*request, "-keyout", key, "-out", cert], check=True, capture_output=True)
    context = ServingSettings(tls_cert=cert, tls_key=key).tls()
    assert context is not None
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2


def test_files_that_are_no_certificate_are_refused_and_what_is_in_them_is_not_said(tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text("hunter2")
    for path in (tmp_path / "cert.pem", tmp_path / "missing.pem"):
        with pytest.raises(ConfigError, match="cannot be used") as caught:
            ServingSettings(tls_cert=path, tls_key=path).tls()
        assert "hunter2" not in str(caught.value)
