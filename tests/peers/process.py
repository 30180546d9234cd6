"""One peer process in a session of its own, so that it dies whole, and its free port."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

HOST = "127.0.0.1"


def free_port() -> int:
    """A TCP port that nobody on loopback uses."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


class PeerProcess:
    """``command``, with its output in ``log``; ``start`` waits until ``port`` takes connections."""

    def __init__(self, command: Sequence[str], *, port: int, log: Path, start_s: float = 10.0) -> None:
        self._command = list(command)
        self._port = port
        self._log = log
        self._start_s = start_s
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, again after :meth:`kill`, and wait until it answers."""
        self.kill()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
            )
        deadline = time.monotonic() + self._start_s
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection((HOST, self._port), timeout=0.5):
                return
            time.sleep(0.05)
        self.kill()
        raise AssertionError(
            f"{self._command[0]} does not answer on port {self._port}: {self._log.read_text(errors='replace')[-2000:]}"
        )

    def kill(self) -> None:
        """End it at once, as a power cut would; harmless when it does not run."""
        process, self._process = self._process, None
        if process is not None:
            self._signal(process, signal.SIGKILL)
            process.wait(5)

    def freeze(self) -> None:
        """Let it keep its connections and answer nothing."""
        if self._process is not None:
            self._signal(self._process, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it answer again."""
        if self._process is not None:
            self._signal(self._process, signal.SIGCONT)

    @staticmethod
    def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
