"""Everything that can go wrong, as one tree.

::

    VeilcastError                 .exit_code  .hint  .retryable  .at_once
    ├── ConfigError               the settings are wrong; the user mends them          exit 2
    ├── ModelError                a weight file is missing, altered or unusable        exit 3
    ├── SourceError               nothing usable comes from the camera
    │   ├── SourceUnreachable     no such host, refused, silent: a retry can help      exit 10
    │   │   └── SourceVacant      nobody publishes any more: wait for the next at once
    │   ├── SourceRejected        wrong password or no such stream                     exit 11
    │   ├── SourceUnsupported     no video, or a codec that cannot be decoded          exit 12
    │   └── SourceDamaged         nothing in it could be decoded                       exit 13
    ├── SinkError                 nothing can be delivered
    │   ├── SinkUnreachable       no such host, refused, silent, cut                   exit 20
    │   ├── SinkRejected          wrong key, certificate not trusted                   exit 21
    │   └── SinkUnwritable        file or folder cannot be written                     exit 22
    │       └── SinkFull          the disk is full: there may be space again later
    ├── EncoderError              no encoder opened, or it failed                      exit 30
    ├── DetectorError             a detector broke: frames are covered whole           exit 31
    ├── ProofError                what a publisher sends is not proven any more        exit 56
    └── ProcessError              a camera's process ended and is not started again    exit 40

Messages are one line, name what to do in ``hint``, and never hold a URL's password or a stream key: whoever raises passes
text through :func:`proxy.media.redact.redact` first.
"""

from __future__ import annotations

from typing import ClassVar


class VeilcastError(Exception):
    """The root: one line of what happened, and in ``hint`` one line of what to do about it."""

    exit_code: ClassVar[int] = 1
    retryable: ClassVar[bool] = False
    at_once: ClassVar[bool] = False

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ConfigError(VeilcastError):
    """The settings are wrong. ``problems`` lists every one found, each as ``path: what is wrong``."""

    exit_code = 2

    def __init__(self, message: str, *, problems: tuple[str, ...] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.problems = problems


class ModelError(VeilcastError):
    """A weight file is missing, altered or unusable; nothing starts."""

    exit_code = 3


class SourceError(VeilcastError):
    """Nothing usable comes from the camera."""

    exit_code = 10


class SourceUnreachable(SourceError):
    """No such host, connection refused, or a peer that stays silent."""

    exit_code = 10
    retryable = True


class SourceVacant(SourceUnreachable):
    """Nobody publishes to us any more. The next one may come at once, and being there for it costs nothing."""

    at_once = True


class SourceRejected(SourceError):
    """The camera answered and said no: wrong password, or no such stream."""

    exit_code = 11
    retryable = True


class SourceUnsupported(SourceError):
    """There is no video, or none that can be decoded."""

    exit_code = 12


class SourceDamaged(SourceError):
    """Nothing in the input could be decoded."""

    exit_code = 13


class SinkError(VeilcastError):
    """Nothing can be delivered."""

    exit_code = 20


class SinkUnreachable(SinkError):
    """No such host, refused, silent, or cut in the middle."""

    exit_code = 20
    retryable = True


class SinkRejected(SinkError):
    """The platform said no: wrong stream key, or a certificate that is not trusted."""

    exit_code = 21
    retryable = True


class SinkUnwritable(SinkError):
    """A file or folder cannot be written."""

    exit_code = 22


class SinkFull(SinkUnwritable):
    """The disk takes no more at present. Somebody or something may make space, so that a retry can help."""

    retryable = True


class EncoderError(VeilcastError):
    """No encoder opened, or the one in use failed."""

    exit_code = 30
    retryable = True


class DetectorError(VeilcastError):
    """A detector broke. The frames concerned are covered whole."""

    exit_code = 31
    retryable = True


class ProofError(VeilcastError):
    """What a publisher sends is not, or not any more, what somebody who is trusted signed: nothing of it is sent on."""

    exit_code = 56


class ProcessError(VeilcastError):
    """A camera's own process ended, killed, crashed or hung."""

    exit_code = 40
    retryable = True
