"""What the processes that somebody watches over have in common: orders by a pipe, signs of life, and leaving without waiting."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import traceback
from collections.abc import Callable
from typing import Final, TypeVar

from pydantic import BaseModel

from proxy.app import TALLY_EVERY_S, blame
from proxy.telemetry.events import Event
from proxy.telemetry.logs import silence_libraries
from proxy.telemetry.wire import Failed, to_line

B = TypeVar("B", bound=BaseModel)

HUNG_S: Final = 10.0
"""A process whose event loop stands still for so long is ended by the kernel, also when nobody watches over it any more."""


class Parent:
    """The way to the process that watches over this one: a pipe that takes whole lines or, when it is full, none."""

    def __init__(self) -> None:
        self._out = os.dup(1)
        os.dup2(2, 1)
        os.set_blocking(self._out, False)

    def tell(self, message: Event | Failed) -> None:
        """Send one line; a parent that does not read misses it."""
        try:
            os.write(self._out, to_line(message))
        except (BlockingIOError, BrokenPipeError):
            return


def said() -> bytes:
    """The first line that the parent says."""
    with os.fdopen(0, "rb", buffering=0, closefd=False) as stdin:
        return stdin.readline()


def order_of(kind: type[B]) -> B:
    """What the parent wants done: one line of JSON.

    Raises:
        ValueError: it is something else.
    """
    return kind.model_validate_json(said())


async def show_life(tell: Callable[[], None], *, alive: Callable[[], bool] = lambda: True) -> None:
    """While ``alive``, tell the parent something, and the kernel that the loop turns, twice a second."""
    while alive():
        signal.setitimer(signal.ITIMER_REAL, HUNG_S)
        tell()
        await asyncio.sleep(TALLY_EVERY_S)


async def until_parent_is_gone(stop: asyncio.Event, heed: Callable[[bytes], object] = lambda _: None) -> None:
    """Set ``stop`` when the parent says nothing more; each line that it says goes to ``heed``."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    try:
        while line := await reader.readline():
            heed(line)
    finally:
        transport.close()
    stop.set()


def leave(parent: Parent, work: Callable[[], None]) -> None:
    """Do ``work``, tell the parent what went wrong, and end the process, whatever thread hangs."""
    code = 70
    silence_libraries()
    try:
        work()
        code = 0
    except BaseException as failure:  # noqa: BLE001 - whatever it is, it is told, and the process leaves
        error = blame(failure)
        if error is None:
            traceback.print_exc()
        else:
            parent.tell(Failed(error.message, error.hint, error.exit_code, error.retryable))
            code = error.exit_code
    finally:
        sys.stderr.flush()
        os._exit(code)
