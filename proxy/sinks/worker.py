"""One thread for a sink's blocking work, whose answers are awaited for a bounded time, and what its failures are called."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

import av

from proxy.errors import SinkFull, SinkUnwritable
from proxy.media.redact import redact

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})

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


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the disk and the muxer refuse into ``SinkUnwritable``, or ``SinkFull``; ``path`` is what was to be written."""
    try:
        yield
    except OSError as error:
        what = os.strerror(error.errno) if error.errno else redact(str(error))
        if error.errno in _FULL:
            raise SinkFull(f"cannot write {path}: {what}", hint="make space: it goes on by itself then") from error
        raise SinkUnwritable(f"cannot write {path}: {what}", hint="check the folder, its permissions and free space") from error
    except (av.FFmpegError, ValueError) as error:
        raise SinkUnwritable(f"cannot write {path}: {redact(str(error))}", hint="use another container") from error
