"""Auditors are started and ended with their streams, and it is known which of them really look."""

from __future__ import annotations

import asyncio
import sys
import time

from proxy.platform import audits as module
from proxy.platform.auditor import Order
from proxy.platform.audits import Audits
from proxy.telemetry.events import AuditLooked, FaceFound
from proxy.telemetry.wire import Failed, to_line

LOOKS = to_line(AuditLooked("door", 2, 1)) + to_line(FaceFound("door", 4, 1.0))
FAILS = to_line(Failed("no weights", "install again", 3, False))


def saying(line: bytes, then: str) -> tuple[str, ...]:
    """An auditor's process made up: it says ``line``, and then does something."""
    code = f"import sys, time; sys.stdin.readline(); sys.stdout.buffer.write({line!r}); sys.stdout.flush(); {then}"
    return sys.executable, "-I", "-c", code


def order(camera: str) -> Order:
    return Order(name=camera, play="rtmp://127.0.0.1:1/live", every_ms=250, cpu_share=0.3, long_side=640)


async def told(condition) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


async def test_looks_are_counted_findings_are_told_and_who_is_not_to_be_audited_any_more_is_not(monkeypatch):
    monkeypatch.setattr(module, "AUDITOR", saying(LOOKS, "time.sleep(60)"))
    found: list[FaceFound] = []
    async with asyncio.TaskGroup() as group:
        audits = Audits(group, order, found.append)
        audits.follow({"door"})
        audits.follow({"door"})
        await told(lambda: found)
        assert found == [FaceFound("door", 4, 1.0)]
        assert audits.counted() == {"door": {"looks": 2, "faces": 1}}
        assert audits.counted() == {}
        assert audits.blind(for_s=60) == set()
        assert audits.blind(for_s=0) == audits.cameras == {"door"}
        await asyncio.sleep(0.05)
        audits.nothing_to_see("door")
        audits.nothing_to_see("yard")
        assert audits.blind(for_s=0.05) == set()
        audits.follow(set())
        assert audits.blind(for_s=0) == audits.cameras == set()


async def test_an_auditor_that_cannot_work_is_blind_at_once(monkeypatch):
    monkeypatch.setattr(module, "AUDITOR", saying(FAILS, "sys.exit(3)"))
    async with asyncio.TaskGroup() as group:
        audits = Audits(group, order, lambda _: None)
        audits.follow({"door"})
        await told(lambda: audits.blind(for_s=1000))
        assert audits.blind(for_s=1000) == {"door"}
        audits.follow(set())
