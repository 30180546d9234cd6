"""The settings of the proxy's own HTTP."""

from __future__ import annotations

import pytest

from proxy.settings.control import ControlSettings
from proxy.settings.service import compose
from tests.settings.composed import RTSP, problems


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


def test_a_certificate_needs_its_key() -> None:
    tables: dict[str, object] = {"camera": [{"source": RTSP}], "control": {"tls_cert": "cert.pem"}}
    assert problems(tables) == ("control.tls_key: tls_cert and tls_key belong together",)
