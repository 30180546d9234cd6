"""Peer connections that contact nobody who is not named: what aiortc and aioice do on their own is closed off here, once.

1. ICE servers are those of the settings; without any, aiortc would ask a public one.
2. Candidates that are names are left out, so that no peer makes us ask a name server or the local network.
3. Media travels on the addresses that the settings name, and on this machine's own network where they name its own address.
4. Every wait has an end, closing included.
"""

from __future__ import annotations

import asyncio
import queue
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Final, Literal

import aioice.ice
from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCRtpSender,
    RTCRtpTransceiver,
    RTCSessionDescription,
)
from aiortc.exceptions import InternalError, InvalidAccessError, InvalidStateError, OperationError

from proxy.webrtc.options import PeerOptions
from proxy.webrtc.sdp import Fragment, directions_of, kinds_of, named_by_address

GATHER_S: Final = 8.0
CLOSE_S: Final = 2.0

_own_addresses = aioice.ice.get_host_addresses
_offered: ContextVar[tuple[str, ...]] = ContextVar("offered", default=())


def _addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
    return list(_offered.get()) or _own_addresses(use_ipv4, use_ipv6)


# aioice asks this function and has no other way to be told; it would never offer the loopback address by itself.
aioice.ice.get_host_addresses = _addresses


class Refused(Exception):
    """A session description that cannot be agreed to; says why."""


class Peer:
    """One connection to one other side.

    Attributes:
        connection: aiortc's own, for transceivers and tracks.
        described_ns: when this side had described itself, on the monotonic clock; ``None`` while it gathers candidates.
    """

    def __init__(self, options: PeerOptions) -> None:
        servers = [
            RTCIceServer(server.url, server.username or None, server.credential.get_secret_value() or None)
            for server in options.ice_servers
        ]
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=servers, bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self.described_ns: int | None = None
        self._addresses = options.addresses
        self._changed = asyncio.Event()
        self.connection.on("connectionstatechange", self._changed.set)

    @property
    def connected(self) -> bool:
        """Whether media can flow."""
        return self.connection.connectionState == "connected"

    @property
    def gone(self) -> bool:
        """Whether it is over: closed by either side, or the other side answers no more."""
        return self.connection.connectionState in ("failed", "closed")

    async def answer(self, offer: str) -> str:
        """The answer to ``offer``, with every candidate in it.

        Raises:
            Refused: it is no offer, or there is nothing in it that both sides can do.
        """
        with _understood("offer"):
            await self.connection.setRemoteDescription(RTCSessionDescription(named_by_address(offer), "offer"))
            return await self._describe()

    async def offer(self) -> str:
        """An offer of the connection's transceivers, with every candidate in it.

        Raises:
            Refused: candidates cannot be gathered.
        """
        with _understood("own offer"):
            return await self._describe()

    async def accept(self, answer: str) -> None:
        """Take what the other side answered.

        Raises:
            Refused: it is no answer to this connection's offer.
        """
        with _understood("answer"):
            await self.connection.setRemoteDescription(RTCSessionDescription(named_by_address(answer), "answer"))

    async def trickle(self, fragment: Fragment) -> None:
        """Take more candidates of the other side."""
        with _understood("candidate"):
            for candidate in fragment.candidates:
                await self.connection.addIceCandidate(candidate)

    async def until_connected(self, within_s: float) -> None:
        """Wait until media can flow.

        Raises:
            TimeoutError: it takes too long.
            ConnectionError: there is no way to the other side.
        """
        async with asyncio.timeout(within_s):
            while not self.connected:
                if self.gone:
                    raise ConnectionError("no way to the other side")
                await self._change()

    async def until_gone(self) -> None:
        """Wait until it is over."""
        while not self.gone:
            await self._change()

    async def close(self) -> None:
        """Say goodbye and let everything go, in bounded time. Again is harmless."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                # Shielded, because all who close aiortc's connection wait for one future, which a cancelled one would break.
                await asyncio.shield(self.connection.close())
        self._changed.set()

    async def _change(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    async def _describe(self) -> str:
        token = _offered.set(self._addresses)
        try:
            async with asyncio.timeout(GATHER_S):
                await self.connection.setLocalDescription()
        finally:
            _offered.reset(token)
        self.described_ns = time.monotonic_ns()
        return str(self.connection.localDescription.sdp)


def sections(offer: str, way: Literal["sendonly", "recvonly"]) -> tuple[str, ...]:
    """What each media section of ``offer`` is for, in order: ``video`` once, ``audio`` at most once.

    Transceivers are to be added in this order, because aiortc meets the other side on the transport of the first one.

    Raises:
        Refused: there are other sections, or no picture that whoever offers would send, or receive, as ``way`` asks.
    """
    kinds = kinds_of(offer)
    if sorted(kinds) not in (["video"], ["audio", "video"]):
        raise Refused("expected one video section and at most one audio section")
    offers = directions_of(offer)[kinds.index("video")]
    if offers not in (way, "sendrecv"):
        raise Refused(f"expected the video section to be {way}, and it is {offers}")
    return kinds


def send(peer: Peer, track: MediaStreamTrack, mime_types: Sequence[str]) -> RTCRtpSender:
    """Send ``track`` to ``peer``, in one of the codecs ``mime_types`` and no other."""
    transceiver = peer.connection.addTransceiver(track, direction="sendonly")
    prefer(transceiver, RTCRtpSender, mime_types)
    return transceiver.sender


def prefer(transceiver: RTCRtpTransceiver, side: type[RTCRtpSender | RTCRtpReceiver], mime_types: Sequence[str]) -> None:
    """Allow the codecs ``mime_types`` only, the first one first. To be called before the other side's description is set."""
    wanted = [name.lower() for name in mime_types]
    known = side.getCapabilities(transceiver.kind)
    codecs = [codec for codec in known.codecs if codec.mimeType.lower() in wanted] if known else []
    codecs.sort(key=lambda codec: wanted.index(codec.mimeType.lower()))
    again = [codec for codec in known.codecs if codec.mimeType.lower().endswith("/rtx")] if known else []
    transceiver.setCodecPreferences(codecs + again)


def heed_losses(sender: RTCRtpSender, ask: Callable[[], None]) -> None:
    """Call ``ask`` when the other side reports that it lost the picture.

    aiortc would tell its own encoder only, which has no part in packets that are encoded already.
    """
    setattr(sender, "_send_keyframe", ask)  # noqa: B010 - the one place where aiortc acts on the report


def undecoded(receiver: RTCRtpReceiver) -> int:
    """How many pictures or sounds wait for aiortc's decoder, which lets them wait without a bound."""
    line: queue.Queue[object] = getattr(receiver, "_RTCRtpReceiver__decoder_queue")  # noqa: B009 - private; there is no other way
    return line.qsize()


@contextmanager
def _understood(what: str) -> Iterator[None]:
    """Turn everything that aiortc raises about a description into ``Refused``; its parser raises whatever comes to hand."""
    try:
        yield
    except OperationError as error:
        raise Refused(f"no codec in the {what} that both sides know") from error
    except (InternalError, InvalidAccessError, InvalidStateError) as error:
        raise Refused(f"the {what} does not fit: {error}") from error
    except (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError) as error:
        raise Refused(f"the {what} cannot be read") from error
    except TimeoutError as error:
        raise Refused("no candidates could be gathered in time") from error
