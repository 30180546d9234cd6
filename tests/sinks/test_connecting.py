"""Errors of the network and of TLS say what happened and what to do; test_rtmp.py and test_rtsp.py have the real ones."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

import pytest

from proxy.errors import SinkRejected, SinkUnreachable
from proxy.sinks.connecting import first_told, network_mapped, trusting


class Unverified(ssl.SSLCertVerificationError):
    """As OpenSSL raises it, which alone fills in what was wrong."""

    verify_message = "expired"


class WithoutTls(ssl.SSLError):
    """The same, for a peer that speaks something else."""

    reason = "WRONG_VERSION"


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (TimeoutError(), SinkUnreachable, "peer: took nothing"),
        (ConnectionRefusedError(111, "Connection refused"), SinkUnreachable, "peer: Connection refused"),
        (socket.gaierror(-2, "Name or service not known"), SinkUnreachable, "peer: Name or service not known"),
        (Unverified(1, "x"), SinkRejected, "peer: certificate not trusted: expired"),
        (WithoutTls(1, "x"), SinkUnreachable, "peer: no TLS: WRONG_VERSION"),
        (OSError("rtmp://host/app/hunter2 broke"), SinkUnreachable, "peer: rtmp://host/app/"),
    ],
)
def test_each_becomes_one_line_with_a_hint(error: Exception, kind: type[SinkUnreachable], said: str) -> None:
    with pytest.raises(kind, match=said) as told, network_mapped("peer", "took nothing", scheme="rtmp"):
        raise error
    assert told.value.hint
    assert "hunter2" not in told.value.message


def test_a_file_that_holds_no_certificates_or_is_not_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").touch()
    for name, said in (("empty.pem", "no certificates in it"), ("none.pem", "No such file")):
        with pytest.raises(SinkRejected, match=said):
            trusting(tmp_path / name)
    assert trusting(None).verify_mode is ssl.CERT_REQUIRED
    assert trusting(None).check_hostname


def test_the_projects_own_error_is_told_before_any_other() -> None:
    own = SinkUnreachable("gone")
    assert first_told(BaseExceptionGroup("", [ValueError(), BaseExceptionGroup("", [KeyError(), own])])) is own
    assert isinstance(first_told(BaseExceptionGroup("", [ValueError(), KeyError()])), ValueError)
