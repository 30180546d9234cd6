"""``veilcast run``, but for the detectors of its cameras' processes: ``python -m tests.privacy.made_up_service SETTINGS FOLDER``.

Everything else is real: settings, supervisor, processes, HTTP. ``FOLDER`` is that of :mod:`tests.privacy.made_up_worker`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from proxy import app
from proxy.settings.service import load


def main() -> int:
    """Let the supervisor start made-up workers, and run until told to stop."""
    app.worker_command = lambda **_: (sys.executable, "-m", "tests.privacy.made_up_worker", sys.argv[2])  # type: ignore[attr-defined]
    return app.run(load(Path(sys.argv[1])))


if __name__ == "__main__":
    sys.exit(main())
