"""Native work in a thread: one call after another, and none is waited for for ever."""

import asyncio
import threading
import time

import pytest

from proxy.errors import ProcessError
from proxy.pipeline import native
from proxy.pipeline.native import NativeThread


async def test_calls_run_one_after_another_and_answer():
    thread, order = NativeThread("paint", hang_s=None), []
    await asyncio.gather(*(thread.call(order.append, number) for number in range(5)))
    assert order == [0, 1, 2, 3, 4]
    with pytest.raises(ZeroDivisionError):
        await thread.call(lambda: 1 / 0)
    thread.close()


async def test_one_that_hangs_is_an_error_and_is_left_behind(monkeypatch):
    monkeypatch.setattr(native, "_CLOSE_S", 0.05)
    gate, thread = threading.Event(), NativeThread("encode", hang_s=0.05)
    with pytest.raises(ProcessError, match="encode hangs"):
        await thread.call(gate.wait, 20)
    began = time.monotonic()
    thread.close()
    assert time.monotonic() - began < 5
    gate.set()


async def test_what_runs_at_the_end_is_waited_for():
    thread, done = NativeThread("paint", hang_s=None), threading.Event()

    def work():
        time.sleep(0.05)
        done.set()

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await thread.call(work)
    thread.close()
    assert done.is_set()
