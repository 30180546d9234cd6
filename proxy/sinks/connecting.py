"""What sinks with a connection of asyncio's have in common: whom they trust over TLS, and the network's errors in our words."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from proxy.errors import SinkError, SinkRejected, SinkUnreachable
from proxy.media.redact import redact


def trusting(ca_file: Path | None) -> ssl.SSLContext:
    """TLS that verifies certificate and name, by the system's authorities or by those in ``ca_file``, PEM.

    Raises:
        SinkRejected: the file cannot be used.
    """
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        reason = "no certificates in it" if isinstance(error, ssl.SSLError) else error.strerror
        raise SinkRejected(f"ca_file {ca_file} cannot be used: {reason}", hint="a PEM file is needed") from error


@contextmanager
def network_mapped(name: str, silence: str, *, scheme: str) -> Iterator[None]:
    """Turn what the network and TLS do into errors about ``name``, a redacted one.

    Args:
        name: of the peer.
        silence: what a timeout means.
        scheme: of the protocol without TLS, for hints.
    """
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        hint = "set ca_file to its own authority, if that is what it has"
        raise SinkRejected(f"{name}: certificate not trusted: {error.verify_message}", hint=hint) from error
    except ssl.SSLError as error:
        raise SinkUnreachable(f"{name}: no TLS: {error.reason}", hint=f"check {scheme} against {scheme}s, and the port") from error
    except TimeoutError as error:
        raise SinkUnreachable(f"{name}: {silence}", hint="check the address and the network") from error
    except OSError as error:
        reason = redact(error.strerror or str(error))
        raise SinkUnreachable(f"{name}: {reason}", hint="check the address and the network") from error


def first_told(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """The one failure to tell: this project's own before any other."""
    told = failures.subgroup(SinkError) or failures
    inner = told.exceptions[0]
    return first_told(inner) if isinstance(inner, BaseExceptionGroup) else inner
