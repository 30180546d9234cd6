"""The command line: one file a verb, what they share in ``parameters`` and ``console``. :func:`main` is the command."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import NoReturn

from proxy.cli.console import warn
from proxy.cli.secrets import ADVICE, hide_arguments, secret_arguments
from proxy.confinement import confine


def main() -> NoReturn:
    """The ``veilcast`` command."""
    confine()
    arguments = sys.argv[1:]
    if secret_arguments(arguments):
        warn([ADVICE])
        hide_arguments(arguments)
    # Only now: these imports take a second, in which a secret would stand in the process list.
    from proxy.cli.entry import execute

    leave(execute(arguments))


def leave(code: int) -> NoReturn:
    """End the process with ``code`` once what it printed is out.

    Everything was closed by then. Python's own way would take its libraries apart first, which is seconds on a busy machine.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)
