"""Over TLS: which certificate is believed to be the camera's. libav verifies; why it did not believe one is found out here."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import Field

from proxy import options
from proxy.errors import SourceRejected

_BUNDLES: Final = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
"""Where systems keep the authorities that they trust. libav's own TLS knows none of them."""


class TlsOptions(options.Options):
    """The settings that every source has whose TLS is libav's."""

    ca_file: Path | None = Field(default=None, description="over TLS: certificates to trust, PEM; unset: the system's")
    certificate_name: str = Field(
        default="", description="over TLS: the name in the certificate, where it is another than the host of the URL"
    )
    verify: bool = Field(
        default=True, description="over TLS: `false` takes any certificate, so that somebody between could send another picture"
    )


@dataclass(frozen=True, slots=True)
class Trust:
    """Who is believed to be at ``host`` and ``port``.

    Attributes:
        ca_file: certificates to trust, PEM; ``None`` for the system's.
        certificate_name: the name that the certificate must hold; empty for ``host``.
    """

    host: str
    port: int
    ca_file: Path | None = None
    certificate_name: str = ""

    def options(self) -> dict[str, str]:
        """The demuxer's options."""
        name = {"verifyhost": self.certificate_name} if self.certificate_name else {}
        return {"tls_verify": "1", "ca_file": str(self._bundle() or "none"), **name}

    def check(self, peer: str, *, timeout_s: float) -> None:
        """Say why ``peer``, a redacted name, is not believed; nothing where that is not what is wrong. Blocking.

        Raises:
            SourceRejected: its certificate is not to be trusted, or ``ca_file`` cannot be used.
        """
        try:
            context = ssl.create_default_context(cafile=self._bundle())
        except OSError as error:
            reason = "no certificates in it" if isinstance(error, ssl.SSLError) else error.strerror
            raise SourceRejected(f"ca_file {self.ca_file} cannot be used: {reason}", hint="a PEM file is needed") from None
        try:
            with (
                socket.create_connection((self.host, self.port), timeout_s) as connection,
                context.wrap_socket(connection, server_hostname=self.certificate_name or self.host),
            ):
                return
        except ssl.SSLCertVerificationError as error:
            hint = "set ca_file to the certificate of the camera or its authority, and certificate_name to the name in it"
            raise SourceRejected(f"{peer}: certificate not trusted: {error.verify_message}", hint=hint) from None
        except OSError:
            return

    def _bundle(self) -> Path | None:
        known = (ssl.get_default_verify_paths().cafile, *_BUNDLES)
        return self.ca_file or next((Path(path) for path in known if path and Path(path).is_file()), None)


def trust_of(options: TlsOptions, host: str, port: int) -> Trust | None:
    """Whom a source with ``options`` believes; ``None`` when it believes everybody."""
    return Trust(host, port, options.ca_file, options.certificate_name) if options.verify else None
