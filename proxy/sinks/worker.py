"""One thread for a sink's blocking work, whose answers are awaited for a bounded time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from proxy.errors import SinkUnwritable

P = ParamSpec("P")
T = TypeVar("T")


class Worker:
    """Runs calls one after another in one thread.

    Args:
        name: the thread's name.
        timeout_s: how long a call may take.
    """

    def __init__(self, name: str, *, timeout_s: float = 20.0) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._name = name
        self._timeout_s = timeout_s

    async def call(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What ``work`` returns. When the caller is cancelled, work that has begun still runs to its end, before any later call.

        Raises:
            SinkUnwritable: there is no answer in time.
        """
        answer = asyncio.get_running_loop().run_in_executor(self._thread, lambda: work(*args, **kwargs))
        await asyncio.wait([answer], timeout=self._timeout_s)
        if not answer.done():
            answer.add_done_callback(_forget)
            raise SinkUnwritable(f"{self._name}: the disk did not answer for {self._timeout_s:g} s", hint="check the disk")
        return answer.result()

    def close(self) -> None:
        """Let the thread go once its work is done; nobody waits for it."""
        self._thread.shutdown(wait=False)


def _forget(answer: asyncio.Future[T]) -> None:
    """Look at a late failure, so that the loop does not report it as unseen."""
    if not answer.cancelled():
        answer.exception()
