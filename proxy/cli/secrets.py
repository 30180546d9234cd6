"""Secrets that were typed into the command line: found, warned about, and taken out of sight."""

from __future__ import annotations

import os
import sys
from typing import Final

from proxy.media.redact import redact

ADVICE: Final = (
    "a secret stands in the command line, where the shell's history keeps it and other users may have seen it: "
    "write env:NAME or file:PATH in its place"
)
_VARIABLE: Final = "VEILCAST_ARGUMENT_"
_SECRET_OPTIONS: Final = frozenset({"--token"})


def secret_arguments(arguments: list[str]) -> dict[int, tuple[str, str]]:
    """Where secrets stand: index → the argument's part before the secret (``--sink=``), and the secret."""
    found = {}
    for index, argument in enumerate(arguments):
        option, equals, value = argument.partition("=") if argument.startswith("--") else ("", "", argument)
        before = arguments[index - 1] if index else ""
        named = option in _SECRET_OPTIONS if equals else before in _SECRET_OPTIONS
        if redact(value) != value or (named and not value.startswith(("env:", "file:"))):
            found[index] = (option + equals, value)
    return found


def hide_arguments(arguments: list[str]) -> bool:
    """Start this command anew with its secrets in the environment, which only its own user can read.

    Returns whether there were any; where the system lets nothing be started anew, they stay where they are.
    """
    found = secret_arguments(arguments)
    if not found:
        return False
    hidden = list(arguments)
    for index, (before, secret) in found.items():
        name = f"{_VARIABLE}{index}"
        os.environ[name] = secret
        hidden[index] = f"{before}env:{name}"
    command = sys.orig_argv[: len(sys.orig_argv) - len(arguments)]
    if sys.orig_argv[len(command) :] == arguments and sys.executable:
        sys.stderr.flush()
        try:
            os.execv(sys.executable, [*command, *hidden])  # noqa: S606 - the same command, without a shell
        except OSError:
            return True
    return True
