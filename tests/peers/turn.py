"""A TURN server on loopback: coturn in a process of its own, which asks for a user and a password.

::

    with Turn(tmp_path) as turn:
        PeerOptions.model_validate({"ice_servers": [turn.server()], ...})
        turn.log()                     # what it allotted, and to whom
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from tests.peers.process import HOST, PeerProcess, free_port


class Turn:
    """One server for the user ``viewer`` with the password ``s3cret``."""

    def __init__(self, folder: Path) -> None:
        self._port = free_port()
        self._log = folder / "turn.log"
        command = ["turnserver", "-n", "--no-cli", "--no-tls", "--no-dtls", "--allow-loopback-peers", "--log-file", "stdout", "-v"]
        command += ["-L", HOST, "-E", HOST, "-p", str(self._port), "-a", "-u", "viewer:s3cret", "-r", "test"]
        command += ["--pidfile", str(folder / "turn.pid"), "--userdb", str(folder / "turn.db")]
        self._process = PeerProcess(command, port=self._port, log=self._log)

    def __enter__(self) -> Turn:  # noqa: PYI034 - it is never subclassed
        self._process.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.kill()

    def server(self, *, transport: str = "udp", credential: str = "s3cret") -> dict[str, str]:
        """The server as ``ice_servers`` takes it."""
        return {"url": f"turn:{HOST}:{self._port}?transport={transport}", "username": "viewer", "credential": credential}

    def log(self) -> str:
        """What it said so far."""
        return self._log.read_text(errors="replace")
