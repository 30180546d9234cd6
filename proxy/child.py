"""What the gateway's processes, beside those of cameras, have in common: an order by a pipe, and leaving without waiting."""

from __future__ import annotations

import asyncio
import os
import sys
import traceback
from collections.abc import Callable
from typing import TypeVar

from pydantic import BaseModel

from proxy.app import blame
from proxy.telemetry.wire import Failed
from proxy.worker import Parent

B = TypeVar("B", bound=BaseModel)


def order_of(kind: type[B]) -> B:
    """What the parent wants done: one line of JSON.

    Raises:
        ValueError: it is something else.
    """
    with os.fdopen(0, "rb", buffering=0, closefd=False) as stdin:
        return kind.model_validate_json(stdin.readline())


async def until_parent_is_gone(stop: asyncio.Event, heed: Callable[[bytes], None] = lambda _: None) -> None:
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
