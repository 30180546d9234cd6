"""Foreign errors become ours at the door: one line, no secrets, and what to do."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import av

from proxy.errors import SourceDamaged, SourceError, SourceRejected, SourceUnreachable, SourceUnsupported
from proxy.media.redact import redact

DECODABLE: Final = "set the camera to H.264, HEVC or MJPEG"
_GONE: Final = frozenset(
    {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ETIMEDOUT, errno.EIO, errno.ECONNRESET, errno.ENODEV, errno.EPIPE}
)


@contextmanager
def mapped(name: str, *, live: bool) -> Iterator[None]:
    """Turn libav's and the system's errors into ``SourceError``s about ``name``, a redacted name."""
    try:
        yield
    except (av.FFmpegError, OSError, ValueError) as error:
        # the foreign error's own text may hold the password: it stays out of the chain
        raise source_error(name, error, live=live) from None


def source_error(name: str, error: Exception, *, live: bool) -> SourceError:
    """What ``error`` means for the source ``name``: unreadable data is a file's damage, and from a live peer no answer at all."""
    return _refusal(name, error) or _local(name, error) or _unreadable(name, error, live=live)


def _refusal(name: str, error: Exception) -> SourceError | None:
    match error:
        case av.error.HTTPUnauthorizedError() | av.error.HTTPForbiddenError():
            return SourceRejected(f"{name} refused the user name or password", hint="check the user name and password in the URL")
        case av.error.HTTPNotFoundError():
            return SourceRejected(f"{name}: no such stream", hint="check the path in the URL; cameras name it in their settings")
        case av.error.HTTPClientError() | av.error.HTTPServerError():
            return SourceRejected(
                f"{name} answered with an error: {_text(error)}", hint="check the URL, or try the other transport"
            )
        case ConnectionRefusedError():
            return SourceUnreachable(f"{name} refused the connection", hint="check the port, and that the camera streams")
        case socket.gaierror():
            return SourceUnreachable(f"{name}: no such host", hint="check the camera's address")
        case av.error.ExitError():
            return SourceUnreachable(f"{name} does not answer", hint="check the address, the port and the network")
        case _:
            return None


def _local(name: str, error: Exception) -> SourceError | None:
    match error:
        case FileNotFoundError():
            return SourceUnreachable(f"{name} does not exist", hint="check the path, and that the device is plugged in")
        case PermissionError():
            return SourceUnreachable(f"{name} may not be read", hint="check its permissions")
        case IsADirectoryError():
            return SourceUnreachable(f"{name} is a folder", hint="name a file in it")
        case OSError(errno=errno.EBUSY):
            return SourceUnreachable(f"{name} is in use", hint="close the other program that reads it")
        case _:
            return None


def _unreadable(name: str, error: Exception, *, live: bool) -> SourceError:
    match error:
        case av.error.DecoderNotFoundError() | av.error.DemuxerNotFoundError() | av.error.ProtocolNotFoundError():
            return SourceUnsupported(f"{name} cannot be decoded: {_text(error)}", hint=DECODABLE)
        case av.error.InvalidDataError() if live:
            return SourceUnreachable(f"{name} does not answer as a camera does", hint="check the address and the port")
        case av.error.InvalidDataError():
            return SourceDamaged(f"{name} holds nothing that can be read", hint="it may be empty or cut short; try it in a player")
        case OSError(errno=number) if number in _GONE:
            return SourceUnreachable(f"{name} cannot be reached: {_text(error)}", hint="check the address and the network")
        case _:
            return SourceUnreachable(f"{name} failed: {_text(error)}", hint="check the source and its settings")


def _text(error: Exception) -> str:
    reason = str(getattr(error, "strerror", None) or error)
    return redact(reason.splitlines()[0]) if reason else type(error).__name__
