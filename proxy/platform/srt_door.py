"""The process at whose door publishers call by SRT: who may come in is sent on to the ingest, as RTMP, without being decoded.

1. The stream id says which camera and shows the token: ``publish:CAMERA:TOKEN``, or ``#!::r=CAMERA,u=TOKEN`` as SRT's access
   control writes it. The gateway is asked before the connection is taken, and its reason becomes SRT's.
2. At the ingest the caller is a publisher like any other: the token is shown there again, and that is where it is admitted.
3. H.264 and AAC are sent on as they come, messages (SEI) and so the proof included; other sound is left out, and without H.264
   the caller is let go.
4. A caller has a thread of its own and no more than ``CALLERS`` are taken; one that says nothing for ``SILENCE_S`` is let go.
5. libav's RTMP cannot be interrupted: where the ingest takes nothing for ``STUCK_S`` the process shows no life any more, and is
   killed and started again.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import urlopen

import av
import uvloop
from pydantic import BaseModel, ConfigDict

from proxy.app import TALLY_EVERY_S
from proxy.child import Parent, leave, order_of, show_life, until_parent_is_gone
from proxy.confinement import confine_camera
from proxy.errors import ConfigError, SourceUnreachable
from proxy.gateway.admission import Refusal
from proxy.sources.srt import source_error
from proxy.srt.address import Address
from proxy.srt.connection import Connection, Listener
from proxy.srt.failures import SrtError
from proxy.telemetry.events import Tally

NAME: Final = "srt-door"
CALLERS: Final = 64
SILENCE_S: Final = 10.0
ASK_S: Final = 2.0
BUSY: Final = 1402
UNAVAILABLE: Final = 1503
REASONS: Final = {
    Refusal.UNKNOWN_TOKEN: 1401,
    Refusal.REVOKED: 1401,
    Refusal.EXPIRED: 1401,
    Refusal.UNKNOWN_CAMERA: 1404,
    Refusal.BUSY: 1409,
    Refusal.TOO_MANY: BUSY,
}
"""How SRT says why not, where it is not 1403, forbidden: after HTTP."""
FORBIDDEN: Final = 1403
UNREADABLE: Final = 1400
STUCK_S: Final = 15.0
_OPTIONS: Final = {"flvflags": "no_duration_filesize"}


class Order(BaseModel):
    """Where to listen, whom to ask, and where to send on."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    listen: str
    passphrase: str
    hook: str
    ingest: str

    def address(self) -> Address:
        """Where to listen.

        Raises:
            ConfigError: it is no such address.
        """
        try:
            return Address.parse(self.listen, passphrase=self.passphrase)
        except ValueError as error:
            raise ConfigError(f"srt.listen: {error}", hint="srt://0.0.0.0:9000?mode=listener") from None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a caller wants."""

    camera: str
    token: str


def asked(streamid: str) -> Asked | None:
    """What a stream id asks for; ``None`` where it is none of ours."""
    if streamid.startswith("#!::"):
        said: Mapping[str, str] = dict(pair.split("=", 1) for pair in streamid[4:].split(",") if "=" in pair)
        return Asked(said["r"], said["u"]) if said.get("r") and said.get("u") and said.get("m", "publish") == "publish" else None
    parts = streamid.split(":")
    return Asked(parts[1], parts[2]) if len(parts) == 3 and parts[0] == "publish" and parts[1] and parts[2] else None


class Readable(Protocol):
    """Bytes, for a demuxer."""

    def read(self, size: int, /) -> bytes:
        """At most ``size``; none at the end."""
        ...


class _Stream:
    """The bytes of a caller, for a demuxer."""

    def __init__(self, connection: Connection, stop: threading.Event) -> None:
        self._connection, self._stop = connection, stop
        self._pending = b""

    def read(self, size: int, /) -> bytes:
        """At most ``size`` bytes; none when the caller is gone or told to stop."""
        heard = time.monotonic()
        while not self._pending and not self._stop.is_set() and time.monotonic() - heard < SILENCE_S:
            try:
                self._pending = self._connection.receive() or b""
            except SrtError:
                return b""
        taken, self._pending = self._pending[:size], self._pending[size:]
        return taken


def sent_on(source: Readable, to: str, writing: Callable[[bool], None] = lambda _: None) -> None:
    """Send a transport stream on until it ends or the ingest takes no more; ``writing`` is told when it waits for the ingest.

    Raises:
        av.FFmpegError: it is no transport stream, or the ingest does not take it.
        SourceUnreachable: it has no H.264.
    """
    with av.open(source, "r", format="mpegts", options={"analyzeduration": "1000000"}) as heard:
        pictures = next((stream for stream in heard.streams.video if stream.codec_context.name == "h264"), None)
        if pictures is None:
            raise SourceUnreachable("no H.264 in it", hint="the ingest takes nothing else")
        sound = next((stream for stream in heard.streams.audio if stream.codec_context.name == "aac"), None)
        writing(True)
        with av.open(to, "w", format="flv", options=_OPTIONS) as ingest:
            wanted = [pictures, sound] if sound is not None else [pictures]
            writing(False)
            places = {stream.index: ingest.add_stream_from_template(stream) for stream in wanted}
            for packet in heard.demux(wanted):
                if packet.dts is not None:
                    packet.stream = places[packet.stream_index]
                    writing(True)
                    ingest.mux(packet)
                    writing(False)


class Door:
    """Takes callers until it is told to stop. Blocking.

    Args:
        order: where, whom to ask, and where to send on.
        stop: ends it, from any thread.
    """

    def __init__(self, order: Order, stop: threading.Event) -> None:
        self._order, self._stop = order, stop
        self._room = threading.Semaphore(CALLERS)
        self._writing: dict[int, float] = {}

    @property
    def stuck(self) -> bool:
        """Whether somebody waits for the ingest, and has for too long."""
        return any(time.monotonic() - since > STUCK_S for since in tuple(self._writing.values()))

    def run(self) -> None:
        """Listen.

        Raises:
            SourceError: there is no listening here.
            ConfigError: where to listen is no address.
        """
        try:
            listener = Listener(self._order.address(), self.decided)
        except SrtError as error:
            raise source_error(error) from error
        try:
            with ThreadPoolExecutor(CALLERS, thread_name_prefix="caller") as pool:
                while not self._stop.is_set():
                    caller = listener.wait(self._stop, timeout_s=float("inf"))
                    if caller is not None and self._room.acquire(blocking=False):
                        pool.submit(self._serve, caller)
                    elif caller is not None:
                        caller.close()
        finally:
            listener.close()

    def decided(self, streamid: str) -> int:
        """0 for a caller that may come in, or SRT's reason why not."""
        wants = asked(streamid)
        if wants is None:
            return UNREADABLE
        form = urlencode({"name": wants.camera, "token": wants.token}).encode()
        try:
            with urlopen(self._order.hook, form, timeout=ASK_S):  # noqa: S310 - the gateway's own HTTP
                return 0
        except HTTPError as refusal:
            with refusal:
                return _reason(refusal)
        except (URLError, OSError):
            return UNAVAILABLE

    def _serve(self, caller: Connection) -> None:
        me = threading.get_ident()

        def writing(begins: bool) -> None:
            if begins:
                self._writing[me] = time.monotonic()
            else:
                self._writing.pop(me, None)

        try:
            wants = asked(caller.streamid)
            if wants is not None:
                address = f"{self._order.ingest.rstrip('/')}/{quote(wants.camera, safe='')}?token={quote(wants.token, safe='')}"
                sent_on(_Stream(caller, self._stop), address, writing)
        except (av.FFmpegError, OSError, ValueError, SourceUnreachable):
            return
        finally:
            writing(False)
            caller.close()
            self._room.release()


def _reason(refusal: HTTPError) -> int:
    try:
        return REASONS.get(Refusal(json.load(refusal)["error"]), FORBIDDEN)
    except (ValueError, KeyError, TypeError):
        return UNAVAILABLE


async def _work(order: Order, parent: Parent) -> None:
    stop, over = asyncio.Event(), threading.Event()
    async with asyncio.TaskGroup() as group:
        door, nothing = Door(order, over), Tally(NAME, TALLY_EVERY_S, 0, 0, {}, {}, 0, {}, (0.0, 0.0))
        life = show_life(lambda: parent.tell(nothing), alive=lambda: not door.stuck)
        watchers = [group.create_task(life), group.create_task(until_parent_is_gone(stop))]
        listening = group.create_task(asyncio.to_thread(door.run))
        stopping = group.create_task(stop.wait())
        try:
            await asyncio.wait({listening, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            over.set()
            for task in (*watchers, stopping):
                task.cancel()


def main() -> None:
    """Read one line of settings, take callers, and leave without waiting for a thread that hangs."""
    confine_camera()
    parent = Parent()
    leave(parent, lambda: uvloop.run(_work(order_of(Order), parent)))


if __name__ == "__main__":
    main()
