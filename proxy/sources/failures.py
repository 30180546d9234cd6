"""Foreign errors become ours at the door: one line, no secrets, and what to do."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

import av

from proxy.errors import SourceDamaged, SourceError, SourceRejected, SourceUnreachable, SourceUnsupported
from proxy.media.redact import redact


@contextmanager
def mapped(name: str) -> Iterator[None]:
    """Turn libav's and the system's errors into ``SourceError``s about ``name``; a read that timed out stays ``ExitError``."""
    try:
        yield
    except av.error.ExitError:
        raise
    except (av.FFmpegError, OSError, ValueError) as error:
        raise source_error(name, error) from None


def source_error(name: str, error: Exception) -> SourceError:
    """What ``error`` means for the source ``name``."""
    match error:
        case av.error.HTTPUnauthorizedError() | av.error.HTTPForbiddenError():
            return SourceRejected(f"{name} refused the user name or password", hint="check the user name and password in the URL")
        case av.error.HTTPNotFoundError():
            return SourceRejected(f"{name} has no such stream", hint="check the path in the URL; cameras list it in their settings")
        case av.error.HTTPClientError() | av.error.HTTPServerError():
            return SourceRejected(f"{name} answered with an error: {_text(error)}", hint="check the URL")
        case ConnectionRefusedError():
            return SourceUnreachable(f"{name} refused the connection", hint="check the port, and that the camera's RTSP is on")
        case FileNotFoundError():
            return SourceDamaged(f"{name} does not exist", hint="check the path")
        case PermissionError():
            return SourceDamaged(f"{name} may not be read", hint="check its permissions")
        case IsADirectoryError():
            return SourceDamaged(f"{name} is a folder", hint="name a file in it")
        case av.error.DecoderNotFoundError() | av.error.DemuxerNotFoundError() | av.error.ProtocolNotFoundError():
            return SourceUnsupported(f"{name} cannot be read: {_text(error)}", hint="set the camera to H.264, HEVC or MJPEG")
        case av.error.InvalidDataError():
            return SourceDamaged(f"{name} holds no video that can be read", hint="check that it plays elsewhere")
        case OSError() if error.errno in {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ETIMEDOUT, errno.EIO, errno.ECONNRESET}:
            return SourceUnreachable(f"{name} cannot be reached: {_text(error)}", hint="check the address and the network")
        case _:
            return SourceUnreachable(f"{name} failed: {_text(error)}", hint="check the URL and the camera")


def _text(error: Exception) -> str:
    reason = getattr(error, "strerror", None) or str(error)
    return redact(str(reason)).splitlines()[0] if str(reason) else type(error).__name__
