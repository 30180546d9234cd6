"""The command line: one file a verb, what they share in ``parameters`` and ``console``. :func:`main` is the command."""

from proxy.cli.entry import main as main
