"""Foreign errors are told in one line that says what to do and holds no secret."""

from __future__ import annotations

import errno
import os
import socket

import av
import pytest

from proxy.errors import SourceDamaged, SourceError, SourceRejected, SourceUnreachable, SourceUnsupported
from proxy.sources.failures import mapped, source_error

SECRET = "rtsp://u:hunter2@camera/x"


def libav(kind: type[av.FFmpegError]) -> av.FFmpegError:
    return kind(1, f"Server said no to {SECRET}", SECRET)


CASES: list[tuple[Exception, bool, type[SourceError]]] = [
    (libav(av.error.HTTPUnauthorizedError), True, SourceRejected),
    (libav(av.error.HTTPForbiddenError), True, SourceRejected),
    (libav(av.error.HTTPNotFoundError), True, SourceRejected),
    (libav(av.error.HTTPOtherClientError), True, SourceRejected),
    (libav(av.error.HTTPServerError), True, SourceRejected),
    (libav(av.error.ConnectionRefusedError), True, SourceUnreachable),
    (libav(av.error.ExitError), True, SourceUnreachable),
    (libav(av.error.InvalidDataError), True, SourceUnreachable),
    (libav(av.error.InvalidDataError), False, SourceDamaged),
    (libav(av.error.DecoderNotFoundError), False, SourceUnsupported),
    (libav(av.error.DemuxerNotFoundError), False, SourceUnsupported),
    (libav(av.error.UndefinedError), True, SourceUnreachable),
    (socket.gaierror(socket.EAI_NONAME, "unknown"), True, SourceUnreachable),
    (OSError(errno.EHOSTUNREACH, os.strerror(errno.EHOSTUNREACH)), True, SourceUnreachable),
    (OSError(errno.EBUSY, "busy"), True, SourceUnreachable),
    (FileNotFoundError(errno.ENOENT, "gone"), False, SourceUnreachable),
    (PermissionError(errno.EACCES, "no"), False, SourceUnreachable),
    (IsADirectoryError(errno.EISDIR, "folder"), False, SourceUnreachable),
    (ValueError(f"cannot use {SECRET}\nsecond line"), True, SourceUnreachable),
]


@pytest.mark.parametrize(("error", "live", "expected"), CASES)
def test_every_failure_has_its_class_one_line_a_hint_and_no_secret(
    error: Exception, live: bool, expected: type[SourceError]
) -> None:
    told = source_error("the camera", error, live=live)
    assert type(told) is expected
    assert told.message.startswith("the camera")
    assert told.hint
    assert "\n" not in told.message
    assert "hunter2" not in told.message


def test_the_foreign_error_stays_out_of_the_traceback() -> None:
    with pytest.raises(SourceError) as caught, mapped("the camera", live=True):
        raise libav(av.error.UndefinedError)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_what_is_not_foreign_passes() -> None:
    with pytest.raises(AssertionError), mapped("the camera", live=True):
        raise AssertionError("ours")
