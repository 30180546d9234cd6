"""One thread for a stage's native work, awaited by the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Final, ParamSpec, TypeVar

from proxy.errors import ProcessError

P = ParamSpec("P")
T = TypeVar("T")

HANG_S: Final = 15.0
"""No picture takes so long, not the first one either, for which an encoder is opened."""
_CLOSE_S: Final = 2.0


class NativeThread:
    """Runs calls one after another. A call that never comes back cannot be ended: the thread is then left behind.

    Args:
        name: what it does, for errors.
        hang_s: how long a call may take; ``None`` where nobody waits for the picture.
    """

    def __init__(self, name: str, *, hang_s: float | None) -> None:
        self._name = name
        self._hang_s = hang_s
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._latest: Future[object] | None = None

    async def call(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What ``work`` returns.

        Raises:
            ProcessError: it did not come back in time; a fresh process can.
        """
        running = self._thread.submit(work, *args, **kwargs)
        self._latest = running  # type: ignore[assignment]
        answer = asyncio.wrap_future(running)
        await asyncio.wait([answer], timeout=self._hang_s)
        if not answer.done():
            answer.add_done_callback(lambda late: late.cancelled() or late.exception())
            raise ProcessError(f"{self._name} hangs", hint="the camera's process is started again")
        return answer.result()

    def close(self) -> None:
        """Let the thread go; what it is at has a moment to end."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        if self._latest is not None:
            wait([self._latest], timeout=_CLOSE_S)
