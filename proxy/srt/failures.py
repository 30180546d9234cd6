"""What can go wrong with an SRT connection, before it becomes a source's or a sink's error."""

from __future__ import annotations


class SrtError(Exception):
    """The root: one line, without secrets, and in ``hint`` what to do about it."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class SrtMissing(SrtError):
    """There is no libsrt on this machine."""


class SrtRejected(SrtError):
    """The peer answered and said no."""


class SrtUnreachable(SrtError):
    """No such host, no answer, silent, or cut."""
