"""A process that somebody watches over is told what to do, says what went wrong, and is gone when its parent is."""

from __future__ import annotations

import signal
import subprocess
import sys

from proxy.telemetry.wire import Failed, from_line

CODE = """
import asyncio
from pydantic import BaseModel
from proxy.errors import SinkRejected
from proxy.child import Parent, leave, order_of, until_parent_is_gone
from proxy.telemetry.events import ProofLost

class Order(BaseModel):
    name: str

async def work(order):
    stop = asyncio.Event()
    await until_parent_is_gone(stop, lambda line: parent.tell(ProofLost(order.name, line.decode().strip())))
    assert stop.is_set()
    raise SinkRejected("no", hint="never")

parent = Parent()
leave(parent, lambda: asyncio.run(work(order_of(Order))))
"""


def run(said: bytes) -> tuple[list[object], int, bytes]:
    done = subprocess.run([sys.executable, "-c", CODE], input=said, capture_output=True, timeout=30, check=False)
    return [from_line(line) for line in done.stdout.splitlines()], done.returncode, done.stderr


def test_it_heeds_line_by_line_until_the_parent_is_gone_and_says_why_it_ends():
    said, code, _ = run(b'{"name": "door"}\ncover\nuncover\n')
    assert [getattr(message, "why", "") for message in said[:2]] == ["cover", "uncover"]
    assert said[2] == Failed("no", "never", 21, True)
    assert code == 21


def test_an_order_that_is_none_ends_it_with_a_code_of_its_own():
    said, code, errors = run(b"{}\n")
    assert (said, code) == ([], 70)
    assert b"ValidationError" in errors


def test_one_that_hangs_is_ended_by_the_kernel_when_nobody_watches_over_it():
    script = "import asyncio, time; from proxy import child; child.HUNG_S = 0.3\n"
    script += "async def hang():\n    async with asyncio.TaskGroup() as group:\n"
    script += "        group.create_task(child.show_life(lambda: None))\n        await asyncio.sleep(0.1)\n"
    script += "        time.sleep(60)\nasyncio.run(hang())"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=30)
    assert done.returncode == -signal.SIGALRM, done.stderr
