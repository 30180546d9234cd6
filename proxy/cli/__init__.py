"""The command line: one file a verb, what they share in ``parameters`` and ``console``. :func:`main` is the command."""

from __future__ import annotations

import sys

from proxy.cli.console import warn
from proxy.cli.secrets import ADVICE, hide_arguments, secret_arguments
from proxy.confinement import confine


def main() -> None:
    """The ``veilcast`` command."""
    confine()
    arguments = sys.argv[1:]
    if secret_arguments(arguments):
        warn([ADVICE])
        hide_arguments(arguments)
    # Only now: these imports take a second, in which a secret would stand in the process list.
    from proxy.cli.entry import execute

    sys.exit(execute(arguments))
