"""The process that sends on what a publisher signed: it pulls a stream, lets pass what is proven, and ends when that is no more.

1. It is fed, heard and killed as a camera's process is: settings in by a pipe, events out by another.
2. Pictures are never decoded here, and none is sent before the verdict about it (see :mod:`proxy.attestation.passage`); then they
   go at their own pace, so that a cover reaches viewers before the rest of their group does.
3. A group that is not proven is left out; where that leaves a gap, or an operator covers the stream, a slate stands in it.
4. Something graver, or nothing proven for ``patience_s``, ends the trust for good: nothing passes any more, and the slate stands
   until whoever watches over this has the stream anonymised and ends the process.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import uvloop
from pydantic import BaseModel, ConfigDict

from proxy.attestation.findings import Kind, Verdict
from proxy.attestation.framing import Framing
from proxy.attestation.judging import Rules
from proxy.attestation.minimum import Minimum
from proxy.attestation.passage import Passage, Unending
from proxy.attestation.trust import Trust
from proxy.attestation.verification import Verifier
from proxy.child import Parent, leave, order_of, show_life, until_parent_is_gone
from proxy.confinement import confine_camera
from proxy.encoding.packet import NAL_CODECS, EncodedPacket, NalCodec
from proxy.errors import SinkError, SourceUnreachable, SourceUnsupported
from proxy.masking.plan import CoverReason
from proxy.media.formats import VideoFormat
from proxy.media.time import TICKS_PER_SECOND
from proxy.pipeline.native import HANG_S, NativeThread
from proxy.pipeline.stages.publish import Publish
from proxy.pipeline.supervisor import COVER, UNCOVER
from proxy.platform.pace import Line
from proxy.platform.slate import EVERY_NS, Slate
from proxy.signs.options import Options as SignSettings
from proxy.sinks import hls, whep
from proxy.sinks import rtmp as rtmp_sink
from proxy.sinks.hls import HlsSink
from proxy.sinks.rtmp import RtmpSink
from proxy.sinks.whep import WhepSink
from proxy.sources.packets import Compressed, Packets, open_packets
from proxy.telemetry.events import Connection, CoverHeeded, Observer, ProofJudged, ProofLost, SourceChanged, Tally

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

SLATE_AFTER_S: Final = 1.5


class Order(BaseModel):
    """What is to be sent on, and what is asked of it."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: str
    source: str
    publish: str
    trust: Path
    minimum: Path | None
    max_age_ms: int
    patience_s: float
    signs: SignSettings = SignSettings()
    watched: tuple[whep.Options | hls.Options, ...] = ()

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
    _publishers: tuple[Publish, ...] = field(init=False)
    _counts: Counter[str] = field(default_factory=Counter)
    _covered: bool = False
    _lost: bool = False
    _shown_until: float | None = None
    _told_at: float = field(default_factory=time.monotonic)
    _shape: tuple[NalCodec, VideoFormat] | None = None
    _passage: Passage | None = None
    _line: Line = field(default_factory=Line)
    _end: int = 0

    def __post_init__(self) -> None:
        options = rtmp_sink.Options.model_validate({"url": self.order.publish.rstrip("/"), "key": self.order.name})
        sinks: list[RtmpSink | WhepSink | HlsSink] = [RtmpSink(options)]
        sinks += [WhepSink(one) if isinstance(one, whep.Options) else HlsSink(one) for one in self.order.watched]
        self._publishers = tuple(Publish(self.order.name, sink, sink.name, True, self.tell) for sink in sinks)

    async def run(self, stop: asyncio.Event) -> None:
        """Send on what is proven until the input ends or ``stop`` is set.

        Raises:
            SourceError, SinkError, EncoderError: it broke.
        """
        finished = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            sending = [group.create_task(self._publish(publisher, finished)) for publisher in self._publishers]
            others = [group.create_task(work) for work in (self._stand_in(), self._play())]
            try:
                await self._pull(stop)
            finally:
                for task in others:
                    task.cancel()
                for publisher in self._publishers:
                    publisher.channel.close()
                finished.set()
                if stop.is_set():
                    await asyncio.wait(sending, timeout=2.0)
                for task in sending:
                    task.cancel()

    def heed(self, line: bytes) -> None:
        """The parent says ``line``: nothing passes from now on, or again what is proven."""
        if line == COVER and not self._covered:
            self._withdraw()
        if line in (COVER, UNCOVER):
            self._covered = line == COVER
            self.tell(CoverHeeded(self.order.name, self._covered))

    def tally(self) -> None:
        """Tell what passed since the last time."""
        now, counts, name = time.monotonic(), self._counts, self.order.name
        self._counts = Counter()
        covered = {str(why): counts[why] for why in (CoverReason.UNPROVEN, CoverReason.OPERATOR) if counts[why]}
        sent = counts["passed"] + sum(covered.values())
        self.tell(Tally(name, now - self._told_at, sent, 0, covered, {}, 0, {}, (0.0, 0.0)))
        self._told_at = now

    async def _publish(self, publisher: Publish, finished: asyncio.Event) -> None:
        """Feed one sink; where one for viewers fails for good, the platform's goes on."""
        try:
            await publisher.run(finished)
        except SinkError:
            if publisher is self._publishers[0]:
                raise

    async def _send(self, packet: EncodedPacket) -> None:
        for publisher in self._publishers:
            await publisher.channel.send(packet)

    def _withdraw(self) -> None:
        self._line.clear()
        for publisher in self._publishers:
            publisher.withdraw()

    async def _pull(self, stop: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        thread = ThreadPoolExecutor(1, thread_name_prefix="relay")
        items = _items(self.order.source, stop)
        try:
            self.tell(SourceChanged(self.order.name, Connection.CONNECTING))
            packets = await loop.run_in_executor(thread, next, items, None)
            if not isinstance(packets, Packets):
                return
            codec, shape = _described(packets)
            self._passage = passage = _passage(packets, codec, shape, self.order.rules())
            self._shape = codec, shape
            faith = Faith(self.order.patience_s, time.monotonic())
            self.tell(SourceChanged(self.order.name, Connection.RUNNING))
            while (item := await loop.run_in_executor(thread, next, items, None)) is not None:
                if isinstance(item, Compressed) and not self._lost:
                    self._take(item, passage, faith)
        finally:
            await loop.run_in_executor(thread, items.close)
            thread.shutdown(wait=False)
        if not stop.is_set():
            raise SourceUnreachable("the publisher's stream ended", hint="it is pulled again when it is published again")

    def _take(self, item: Compressed, passage: Passage, faith: Faith) -> None:
        if item.pts is None:
            self._lose("pictures without a time")
            return
        try:
            judged = passage.add(item.data, pts=item.pts)
        except Unending:
            self._lose("a group of pictures that does not end")
            return
        for verdict, packets in judged:
            findings = tuple(f"{finding.kind}: {finding.detail}" for finding in verdict.findings)
            self.tell(ProofJudged(self.order.name, verdict.frames, verdict.proven, findings))
            why = faith.judge(verdict, time.monotonic())
            if why:
                self._lose(why)
                return
            if not self._covered:
                self._line.add(packets)
        why = faith.tired(time.monotonic())
        if why:
            self._lose(why)

    async def _play(self) -> None:
        """Send on what is proven, each picture when it is due."""
        while True:
            packet = await self._line.next()
            if self._covered or self._lost:
                continue
            await self._send(packet)
            self._counts["passed"] += 1
            self._end = packet.pts + packet.duration
            self._shown_until = time.monotonic() + packet.duration / TICKS_PER_SECOND

    def _lose(self, why: str) -> None:
        self._lost = True
        self._withdraw()
        self.tell(ProofLost(self.order.name, why))

    async def _stand_in(self) -> None:
        """Show a slate for as long as nothing else may be shown."""
        slate: Slate | None = None
        thread = NativeThread("slate", hang_s=HANG_S)
        try:
            while True:
                await asyncio.sleep(EVERY_NS / 1e9)
                reason = self._why_slate()
                if reason is None or self._shape is None:
                    slate = None
                    continue
                if slate is None:
                    slate = await thread.call(Slate, *self._shape, self.order.signs, self._end)
                packets = await thread.call(slate.picture, reason)
                if self._why_slate() is None:
                    continue
                for packet in packets:
                    await self._send(packet)
                    self._end = packet.pts + packet.duration
                if self._passage is not None:
                    self._passage.follow(self._end)
                self._counts[reason] += 1
        finally:
            thread.close()

    def _why_slate(self) -> CoverReason | None:
        """Why a slate is to be shown now; ``None`` where it is not."""
        if self._covered and not self._lost:
            return CoverReason.OPERATOR
        late = self._shown_until is not None and time.monotonic() > self._shown_until + SLATE_AFTER_S
        return CoverReason.UNPROVEN if self._lost or late else None


def _items(url: str, stop: asyncio.Event) -> Generator[Packets | Compressed, None, None]:
    """The input, then its pictures; opened, read and closed by the one thread that asks for them."""
    with open_packets(url) as packets:
        yield packets
        yield from packets.read(stop.is_set)


def _described(packets: Packets) -> tuple[NalCodec, VideoFormat]:
    codec = NAL_CODECS.get(packets.codec)
    if codec is None:
        raise SourceUnsupported(f"{packets.codec} carries no claims", hint="veilcast signs H.264 and HEVC")
    return codec, VideoFormat(packets.width // 2 * 2, packets.height // 2 * 2)


def _passage(packets: Packets, codec: NalCodec, shape: VideoFormat, rules: Rules) -> Passage:
    framing = Framing.of(packets.extradata, codec)
    verifier = Verifier(codec, framing, rules, now_ms=lambda: time.time_ns() // 1_000_000, live=False)
    return Passage(codec, framing, shape, verifier)


async def _work(order: Order, parent: Parent) -> None:
    relay, stop = Relay(order, parent.tell), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        watchers = [group.create_task(show_life(relay.tally)), group.create_task(until_parent_is_gone(stop, relay.heed))]
        try:
            await relay.run(stop)
        finally:
            for watcher in watchers:
                watcher.cancel()
            relay.tally()


def main() -> None:
    """Read one line of settings, send on, and leave without waiting for a thread that hangs."""
    confine_camera()
    parent = Parent()
    leave(parent, lambda: uvloop.run(_work(order_of(Order), parent)))


if __name__ == "__main__":
    main()
