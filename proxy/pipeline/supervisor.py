"""Many cameras, a process each: started, watched, restarted.

1. A camera's settings reach its process through a pipe, never through arguments or the environment.
2. A process that says nothing for ``silence_s`` is killed; every process that ends is started again after a delay, unless its
   error says that no retry can help. An error of a source that once gave pictures never says so.
3. The other end of the pipe is how a process learns that its parent is gone: it then stops by itself.
4. A process that shows pictures and does not say in time that it has covered them is killed; the one that follows begins covered.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from proxy.errors import (
    ProcessError,
    SourceDamaged,
    SourceError,
    SourceRejected,
    SourceUnreachable,
    SourceUnsupported,
    VeilcastError,
)
from proxy.media.redact import redact
from proxy.pipeline.backoff import Backoff
from proxy.pipeline.reconnect import Link
from proxy.telemetry.events import Connection, CoverHeeded, Observer, ProcessChanged, SourceChanged
from proxy.telemetry.wire import LINE_LIMIT, Failed, from_line

S = TypeVar("S")

STOP_S: Final = 4.0
"""A process that was told to stop is killed after so long; its own bounds add up to less."""
LAST_WORDS_S: Final = 0.3
"""So long is listened, after the end of a process, to what it wrote to standard error."""

COVER, UNCOVER, HURRY = b"cover\n", b"uncover\n", b"hurry\n"
"""What the parent says to a process after the settings."""

ENDURE: Final = "--endure"
"""What a camera's process is told on its command line, where it shall not end with the first error of its source."""

INHERITED = (
    "PATH",
    "HOME",
    "LANG",
    "TZ",
    "PYTHONPATH",
    "VIRTUAL_ENV",
    "LD_LIBRARY_PATH",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "TMPDIR",
)
"""Variables that a camera's process may need; secrets given as ``env:NAME`` are not among them."""


_SOURCE_CODES = {error.exit_code for error in (SourceError, SourceUnreachable, SourceRejected, SourceUnsupported, SourceDamaged)}


class ProcessGaveUp(VeilcastError):
    """A camera's process ended with an error that no retry can mend; ``code`` is what the whole should exit with."""

    def __init__(self, message: str, *, hint: str, code: int) -> None:
        super().__init__(message, hint=hint)
        self.code = code


@dataclass(slots=True)
class CameraProcess:
    """One camera's process, kept alive.

    Args:
        name: the camera's name.
        settings: one line of JSON for the process.
        command: how to start it.
        observer: gets its events.
        log: gets each redacted line that the process or a library in it writes to standard error.
        give_up_at_first: end with the first error as long as the camera has never shown a picture.
    """

    name: str
    settings: str
    command: tuple[str, ...]
    observer: Observer
    log: Callable[[str], None]
    give_up_at_first: bool = False
    silence_s: float = 2.0
    start_s: float = 20.0
    stop_s: float = STOP_S
    backoff: Backoff = field(default_factory=lambda: Backoff(first_s=1.0, limit_s=30.0))
    covered: bool = False
    _link: Link = field(init=False)
    _said: Failed | None = None
    _shown: bool = False
    _stdin: asyncio.StreamWriter | None = None
    _process: asyncio.subprocess.Process | None = None
    _flows: bool = False
    _defied: bool = False
    _heeded: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._link = Link(self._report, self.backoff)
        self._heeded.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Keep the process alive until ``stop`` is set or the camera ends by itself.

        Raises:
            ProcessGaveUp: no retry can help.
        """
        await self._link.keep(lambda: self._live_once(stop), stop=stop)

    def cover(self, *, covered: bool) -> None:
        """Let every picture be covered whole from now on, also by a process that is started later, or no longer."""
        self.covered = covered
        if self._stdin is not None and not self._stdin.is_closing():
            self._heeded.clear()
            self._stdin.write(COVER if covered else UNCOVER)

    def hurry(self) -> None:
        """Let sinks that wait before they try again do it now."""
        if self._stdin is not None and not self._stdin.is_closing():
            self._stdin.write(HURRY)

    def kill(self) -> None:
        """End the process now, without waiting; :meth:`run` begins another, or where it is cancelled none."""
        if self._process is not None:
            _kill(self._process)

    async def settled(self, *, within_s: float) -> None:
        """Return when the process has done what :meth:`cover` said last. One that shows pictures and has not ``within_s`` is
        killed; one that shows none yet begins with what was said.
        """
        try:
            async with asyncio.timeout(within_s):
                await self._heeded.wait()
        except TimeoutError:
            if self._process is not None and self._flows:
                self._defied = True
                self.kill()
                await self._heeded.wait()

    async def _live_once(self, stop: asyncio.Event) -> None:
        self._said, self._flows, self._defied = None, False, False
        process = await asyncio.create_subprocess_exec(
            *self.command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=LINE_LIMIT,
            env=child_environment(os.environ),
            start_new_session=True,
        )
        self._process = process
        try:
            async with asyncio.TaskGroup() as group:
                stopper = group.create_task(self._stop_when_told(process, stop))
                errors = group.create_task(self._read_errors(process))
                await self._feed(process)
                silent = await self._listen(process)
                if silent:
                    _kill(process)
                code = await process.wait()
                stopper.cancel()
                await asyncio.wait([errors], timeout=LAST_WORDS_S)
                errors.cancel()
        finally:
            self._stdin = self._process = None
            _kill(process)
            await process.wait()
            self._heeded.set()
        self._judge(code, silent=silent)

    async def _feed(self, process: asyncio.subprocess.Process) -> None:
        stdin = _there(process.stdin)
        try:
            stdin.write(self.settings.encode() + b"\n" + (COVER if self.covered else b""))
            self._stdin = stdin
            await stdin.drain()
        except ConnectionError:
            return

    async def _listen(self, process: asyncio.subprocess.Process) -> bool:
        """Pass on what the process says, until it ends; true when it fell silent instead."""
        stdout = _there(process.stdout)
        patience = self.start_s
        while True:
            try:
                async with asyncio.timeout(patience):
                    line = await stdout.readline()
            except (TimeoutError, ValueError):
                return True
            if not line:
                return False
            patience = self.silence_s
            self._hear(line)

    def _hear(self, line: bytes) -> None:
        message = from_line(line)
        if isinstance(message, Failed):
            self._said = message
        elif message is not None and message.camera == self.name:
            if getattr(message, "state", None) is Connection.RUNNING:
                self._flows = self._flows or isinstance(message, SourceChanged)
                self._shown = self._shown or self._flows
                self._link.opened()
            if isinstance(message, CoverHeeded) and message.covered == self.covered:
                self._heeded.set()
            self.observer(message)

    async def _read_errors(self, process: asyncio.subprocess.Process) -> None:
        stderr = _there(process.stderr)
        while True:
            try:
                line = await stderr.readline()
            except ValueError:
                continue
            if not line:
                return
            self.log(redact(line.decode(errors="replace").rstrip()[:500]))

    async def _stop_when_told(self, process: asyncio.subprocess.Process, stop: asyncio.Event) -> None:
        await stop.wait()
        _there(process.stdin).close()
        try:
            async with asyncio.timeout(self.stop_s):
                await process.wait()
        except TimeoutError:
            _kill(process)

    def _judge(self, code: int, *, silent: bool) -> None:
        if code == 0:
            return
        said = self._said
        known = said is not None and self._shown and said.exit_code in _SOURCE_CODES
        if said and (not (said.retryable or known) or (self.give_up_at_first and not self._shown)):
            raise ProcessGaveUp(said.message, hint=said.hint, code=said.exit_code)
        if self._defied:
            raise ProcessError("the camera's process did not cover its pictures when it was told, and was killed")
        if silent:
            raise ProcessError(f"the camera's process said nothing for {self.silence_s:.0f} s and was killed")
        if said:
            raise ProcessError(said.message, hint=said.hint)
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        raise ProcessError(f"the camera's process died ({how})")

    def _report(self, state: Connection, error: VeilcastError | None, retry_s: float) -> None:
        detail, hint, code = (error.message, error.hint, getattr(error, "code", error.exit_code)) if error else ("", "", 0)
        self.observer(ProcessChanged(self.name, state, detail, hint, retry_s, code))


def child_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The part of ``environment`` that a camera's process gets; two heaps for all its threads, where glibc would make a dozen."""
    kept = {name: environment[name] for name in INHERITED if name in environment}
    kept |= {name: value for name, value in environment.items() if name.startswith("LC_")}
    return kept | {"PYTHONUNBUFFERED": "1", "MALLOC_ARENA_MAX": "2"}


def worker_command(*, enduring: bool = False) -> tuple[str, ...]:
    """How a camera's process is started; one that is ``enduring`` waits by itself for a source that is away at first."""
    return (sys.executable, "-m", "proxy.worker", *((ENDURE,) if enduring else ()))


def _kill(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return


def _there(stream: S | None) -> S:
    if stream is None:
        raise AssertionError("the process was started with pipes")
    return stream
