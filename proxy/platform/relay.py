"""The process that sends on what a publisher signed: it pulls a stream, lets pass what is proven, and ends when that is no more.

1. It is fed, heard and killed as a camera's process is: settings in by a pipe, events out by another.
2. Pictures are never decoded here, and none is sent before the verdict about it (see :mod:`proxy.attestation.passage`).
3. A group that is not proven is left out. Something graver, or nothing proven for ``patience_s``, ends the process for good: then
   whoever watches over it has the stream anonymised.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
import traceback
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import uvloop
from pydantic import BaseModel, ConfigDict

from proxy.app import TALLY_EVERY_S, blame
from proxy.attestation.findings import Kind, Verdict
from proxy.attestation.framing import Framing
from proxy.attestation.judging import Rules
from proxy.attestation.minimum import Minimum
from proxy.attestation.passage import Passage, Unending
from proxy.attestation.trust import Trust
from proxy.attestation.verification import Verifier
from proxy.confinement import confine_camera
from proxy.encoding.packet import VideoCodec
from proxy.errors import ProofError, SourceUnreachable, SourceUnsupported
from proxy.media.formats import VideoFormat
from proxy.pipeline.stages.publish import Publish
from proxy.sinks import rtmp as rtmp_sink
from proxy.sinks.rtmp import RtmpSink
from proxy.sources.packets import Compressed, Packets, open_packets
from proxy.telemetry.events import Connection, Observer, ProofJudged, SourceChanged, Tally
from proxy.telemetry.wire import Failed
from proxy.worker import HUNG_S, Parent

GRAVE: Final = frozenset(
    {
        Kind.SPLICED,
        Kind.FORGED,
        Kind.REPEATED,
        Kind.REORDERED,
        Kind.UNKNOWN_KEY,
        Kind.REVOKED_KEY,
        Kind.WEAKER_POLICY,
        Kind.CLOCK,
    }
)
"""What ends the trust in a stream at once. What is left are pictures lost or damaged on the way, which a bad line does as well."""


class Order(BaseModel):
    """What is to be sent on, and what is asked of it."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: str
    pull: str
    publish: str
    trust: Path
    minimum: Path | None
    max_age_ms: int
    patience_s: float

    def rules(self) -> Rules:
        """What is asked of claims.

        Raises:
            ConfigError: the list of keys or the least policy cannot be read.
        """
        minimum = Minimum() if self.minimum is None else Minimum.load(self.minimum)
        return Rules(Trust.load(self.trust), minimum, self.name, self.max_age_ms)


@dataclass(slots=True)
class Faith:
    """Whether a stream is still to be trusted. Pure: time is an input, in seconds."""

    patience_s: float
    since: float

    def judge(self, verdict: Verdict, now: float) -> str:
        """Why it is not, after ``verdict``; empty while it is."""
        grave = [finding for finding in verdict.findings if finding.kind in GRAVE]
        if grave:
            return f"{grave[0].kind}: {grave[0].detail}"
        if verdict.proven:
            self.since = now
        return self.tired(now)

    def tired(self, now: float) -> str:
        """Why it is not, when nothing was proven for too long; empty while it is."""
        return f"nothing was proven for {self.patience_s:g} s" if now - self.since > self.patience_s else ""


@dataclass(slots=True)
class Relay:
    """One stream on its way through.

    Args:
        order: what is to be done.
        tell: gets events.
    """

    order: Order
    tell: Observer
    _passed: int = 0
    _left_out: int = 0
    _told_at: float = field(default_factory=time.monotonic)

    async def run(self, stop: asyncio.Event) -> None:
        """Send on what is proven until the input ends or ``stop`` is set.

        Raises:
            ProofError: what comes is not proven any more.
            SourceError, SinkError: it broke.
        """
        name = self.order.name
        publish, key = self.order.publish.rstrip("/"), name
        sink = RtmpSink(rtmp_sink.Options.model_validate({"url": publish, "key": key}))
        publisher, finished = Publish(name, sink, sink.name, True, self.tell), asyncio.Event()
        async with asyncio.TaskGroup() as group:
            sending = group.create_task(publisher.run(finished))
            try:
                await self._pull(publisher, stop)
            finally:
                publisher.channel.close()
                finished.set()
                if stop.is_set():
                    await asyncio.wait([sending], timeout=2.0)
                sending.cancel()

    def tally(self) -> None:
        """Tell what passed since the last time."""
        now = time.monotonic()
        sent, left_out, self._passed, self._left_out = self._passed, self._left_out, 0, 0
        self.tell(Tally(self.order.name, now - self._told_at, sent, left_out, {}, {}, 0, {}, (0.0, 0.0)))
        self._told_at = now

    async def _pull(self, publisher: Publish, stop: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        thread = ThreadPoolExecutor(1, thread_name_prefix="relay")
        items = _items(f"{self.order.pull.rstrip('/')}/{self.order.name}", stop)
        try:
            self.tell(SourceChanged(self.order.name, Connection.CONNECTING))
            packets = await loop.run_in_executor(thread, next, items, None)
            if not isinstance(packets, Packets):
                return
            passage = _passage(packets, self.order.rules())
            faith = Faith(self.order.patience_s, time.monotonic())
            self.tell(SourceChanged(self.order.name, Connection.RUNNING))
            while (item := await loop.run_in_executor(thread, next, items, None)) is not None:
                if isinstance(item, Compressed):
                    await self._take(item, passage, faith, publisher)
        finally:
            await loop.run_in_executor(thread, items.close)
            thread.shutdown(wait=False)
        if not stop.is_set():
            raise SourceUnreachable("the publisher's stream ended", hint="it is pulled again when it is published again")

    async def _take(self, item: Compressed, passage: Passage, faith: Faith, publisher: Publish) -> None:
        if item.pts is None:
            raise ProofError("pictures without a time")
        try:
            judged = passage.add(item.data, pts=item.pts)
        except Unending:
            raise ProofError("a group of pictures that does not end") from None
        lost = faith.tired(time.monotonic())
        for verdict, packets in judged:
            findings = tuple(f"{finding.kind}: {finding.detail}" for finding in verdict.findings)
            self.tell(ProofJudged(self.order.name, verdict.frames, verdict.proven, findings))
            lost = faith.judge(verdict, time.monotonic())
            if lost:
                break
            self._passed += len(packets)
            self._left_out += verdict.frames - len(packets)
            for packet in packets:
                await publisher.channel.send(packet)
        if lost:
            raise ProofError(lost)


def _items(url: str, stop: asyncio.Event) -> Generator[Packets | Compressed, None, None]:
    """The input, then its pictures; opened, read and closed by the one thread that asks for them."""
    with open_packets(url) as packets:
        yield packets
        yield from packets.read(stop.is_set)


def _passage(packets: Packets, rules: Rules) -> Passage:
    if packets.codec not in set(VideoCodec):
        raise SourceUnsupported(f"{packets.codec} carries no claims", hint="veilcast signs H.264 and HEVC")
    codec = VideoCodec(packets.codec)
    framing = Framing.of(packets.extradata, codec)
    shape = VideoFormat(packets.width // 2 * 2, packets.height // 2 * 2)
    verifier = Verifier(codec, framing, rules, now_ms=lambda: time.time_ns() // 1_000_000, live=False)
    return Passage(codec, framing, shape, verifier)


async def _work(order: Order, parent: Parent) -> None:
    relay, stop = Relay(order, parent.tell), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        watchers = [group.create_task(_show_life(relay)), group.create_task(_stop_with_parent(stop))]
        try:
            await relay.run(stop)
        finally:
            for watcher in watchers:
                watcher.cancel()
            relay.tally()


async def _show_life(relay: Relay) -> None:
    while True:
        signal.setitimer(signal.ITIMER_REAL, HUNG_S)
        relay.tally()
        await asyncio.sleep(TALLY_EVERY_S)


async def _stop_with_parent(stop: asyncio.Event) -> None:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    try:
        while await reader.read(1024):
            pass
    finally:
        transport.close()
    stop.set()


def main() -> None:
    """Read one line of settings, send on, and leave without waiting for a thread that hangs."""
    confine_camera()
    parent = Parent()
    code = 70
    try:
        with os.fdopen(0, "rb", buffering=0, closefd=False) as stdin:
            order = Order.model_validate_json(stdin.readline())
        uvloop.run(_work(order, parent))
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


if __name__ == "__main__":
    main()
