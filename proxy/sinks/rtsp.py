"""Publishing to an RTSP server (ANNOUNCE, RECORD): H.264 or HEVC and AAC as RTP inside the connection, or as datagrams beside it.

1. asyncio does the network, so every wait has an end and can be cancelled. Over TLS the server's certificate and name are verified.
2. A programme is announced once its first keyframe is there; a new programme is a new connection.
3. Sender reports tie picture and sound to one clock, this machine's.
4. A server that gets datagrams is asked often whether it is still there: nothing else would tell.
"""

from __future__ import annotations

import asyncio
import secrets
import ssl
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, Self
from urllib.parse import unquote, urlsplit, urlunsplit

from pydantic import Field, SecretStr

from proxy import options
from proxy.encoding.packet import EncodedPacket, NalCodec, StreamSet, VideoCodec
from proxy.errors import ConfigError, SinkRejected, SinkUnreachable, SinkUnwritable
from proxy.media.redact import redact
from proxy.media.time import TICKS_PER_SECOND
from proxy.sinks._rtsp.datagrams import Pair, server_ports
from proxy.sinks._rtsp.messages import Incoming, Login, Response, Violation, request
from proxy.sinks._rtsp.rtp import Track, interleaved, picture, sound
from proxy.sinks._rtsp.sdp import SOUND_TYPE, VIDEO_TYPE, control, described
from proxy.sinks.connecting import first_told, network_mapped, trusting
from proxy.sinks.upcoming import Upcoming

_READ_BYTES: Final = 65_536
_CLOSE_S: Final = 2.0
_REPORT_TICKS: Final = 5 * TICKS_PER_SECOND
_ALIVE_S: Final = 20.0
_CHECK_PATH: Final = "check the path, that it may be published to, and that nobody else does"
_AGENT: Final = "veilcast"


class Options(options.Options):
    """An RTSP server that takes streams."""

    type: Literal["rtsp"] = "rtsp"
    url: SecretStr = Field(description="`rtsp://user:password@host:port/path`, or `rtsps://…`")
    transport: Literal["tcp", "udp"] = Field(
        default="tcp", description="`tcp` inside the connection; `udp` beside it, where late pictures are worse than lost ones"
    )
    ca_file: Path | None = Field(default=None, description="certificates to trust instead of the system's, PEM")
    connect_timeout_s: float = Field(default=5.0, gt=0, le=60, description="how long the server may take until it records")
    write_timeout_s: float = Field(default=10.0, gt=0, le=120, description="how long the server may take nothing at all")

    @classmethod
    def from_url(cls, url: str) -> Options:
        """Options from an RTSP URL.

        Raises:
            ConfigError: it names no host and path.
        """
        chosen = cls(url=SecretStr(url))
        chosen.place()
        return chosen

    def place(self) -> Place:
        """Where to publish, and as whom.

        Raises:
            ConfigError: ``url`` names no host and path, or datagrams would travel in clear.
        """
        try:
            place = Place.parse(self.url.get_secret_value())
        except ValueError as error:
            raise ConfigError(f"rtsp address: {error}", hint="rtsp://user:password@host:554/path") from None
        if place.tls and self.transport == "udp":
            raise ConfigError("rtsps: datagrams would travel in clear", hint="set transport = tcp")
        return place


@dataclass(frozen=True, slots=True)
class Place:
    """An address without its user; user and password apart, empty where there are none."""

    host: str
    port: int
    tls: bool
    url: str
    name: str
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The parts of an RTSP URL.

        Raises:
            ValueError: it is none that can be published to; the message does not repeat it.
        """
        parts = urlsplit(text)
        try:
            port = parts.port
        except ValueError:
            raise ValueError("expected a port between 1 and 65535") from None
        if parts.scheme not in ("rtsp", "rtsps") or not parts.hostname or port == 0 or not parts.path.strip("/"):
            raise ValueError("expected rtsp://host/path")
        if any(letter.isspace() or not letter.isprintable() for letter in text):
            raise ValueError("expected no spaces")
        tls = parts.scheme == "rtsps"
        url = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, parts.query, ""))
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return cls(parts.hostname, port or (322 if tls else 554), tls, url, redact(text), user, password)


class RtspSink:
    """Publishes to one server."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._place = options.place()

    @property
    def name(self) -> str:
        """The URL without user, password and query."""
        return self._place.name

    async def run(self, packets: AsyncIterator[EncodedPacket]) -> None:
        """Connect, and send every packet.

        Raises:
            SinkUnreachable: no such host, refused, silent, or cut in the middle.
            SinkRejected: the server does not take the stream, or its certificate is not to be trusted.
            SinkUnwritable: the programme is AV1.
        """
        upcoming = Upcoming(aiter(packets))
        while (first := await upcoming.peek()) is not None:
            codec = first.streams.video.codec
            if codec is VideoCodec.AV1:
                raise SinkUnwritable(f"{self.name}: RTSP carries H.264 and HEVC only", hint="set encoding.codec = h264")
            async with _Connection(self._place, self._options, first.streams, codec) as connection:
                await connection.publish(upcoming)


class _Connection:
    """One session with a server, which records once it is entered."""

    def __init__(self, place: Place, options: Options, streams: StreamSet, codec: NalCodec) -> None:
        self._place, self._options, self._streams, self._codec = place, options, streams, codec
        self._login = Login(place.user, place.password)
        self._incoming = Incoming()
        self._responses: list[Response] = []
        self._pairs: list[Pair] = []
        self._sequence = 0
        self._heard = 0.0
        self._session = ""
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def __aenter__(self) -> Self:
        limit_s = self._options.connect_timeout_s
        with self._mapped(f"no answer within {limit_s:g} s"):
            tls = trusting(self._options.ca_file) if self._place.tls else None
            async with asyncio.timeout(limit_s):
                self._reader, self._writer = await asyncio.open_connection(
                    self._place.host,
                    self._place.port,
                    ssl=tls,
                    limit=_READ_BYTES,
                )
                try:
                    await self._until_recording()
                except BaseException:
                    self._let_go()
                    raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """Say goodbye where there is time for it; the socket is closed in any case."""
        try:
            with suppress(OSError, TimeoutError, ssl.SSLError):
                async with asyncio.timeout(_CLOSE_S):
                    self._say("TEARDOWN", self._place.url)
                    await self._writer.drain()
                    self._writer.close()
                    await self._writer.wait_closed()
        finally:
            self._let_go()

    def _let_go(self) -> None:
        self._writer.transport.abort()
        for pair in self._pairs:
            pair.close()

    async def publish(self, upcoming: Upcoming) -> None:
        """Send a programme to its end, while listening to what the server says."""
        try:
            async with asyncio.TaskGroup() as group:
                listener = group.create_task(self._listen())
                await self._send(upcoming)
                listener.cancel()
        except BaseExceptionGroup as failures:
            raise first_told(failures) from failures

    async def _until_recording(self) -> None:
        await self._ask("ANNOUNCE", self._place.url, {"Content-Type": "application/sdp"}, described(self._streams))
        for number in range(1 if self._streams.audio is None else 2):
            answer = await self._ask("SETUP", f"{self._place.url.rstrip('/')}/{control(number)}", self._transport(number))
            self._session = answer.session or self._session
            if self._options.transport == "udp":
                self._meet(self._pairs[number], answer)
        await self._ask("RECORD", self._place.url, {"Range": "npt=0.000-"})

    def _transport(self, number: int) -> dict[str, str]:
        if self._options.transport == "tcp":
            return {"Transport": f"RTP/AVP/TCP;unicast;interleaved={2 * number}-{2 * number + 1};mode=record"}
        self._pairs.append(Pair(self._writer.get_extra_info("sockname")[0]))
        packets, reports = self._pairs[number].ports
        return {"Transport": f"RTP/AVP;unicast;client_port={packets}-{reports};mode=record"}

    def _meet(self, pair: Pair, answer: Response) -> None:
        ports = server_ports(answer.first("transport"))
        if ports is None:
            raise SinkRejected(f"{self._place.name} names no ports for datagrams", hint="set transport = tcp")
        pair.connect(self._writer.get_extra_info("peername")[0], ports)

    async def _ask(self, method: str, url: str, headers: dict[str, str], body: str = "") -> Response:
        for _ in range(3):
            self._say(method, url, headers, body)
            await self._writer.drain()
            answer = await self._answer()
            if answer.status == 200:
                return answer
            if answer.status != 401 or not self._place.user or not self._login.challenged(answer):
                break
        raise self._refusal(method, answer)

    def _say(self, method: str, url: str, headers: dict[str, str] | None = None, body: str = "") -> None:
        self._sequence += 1
        known = {"CSeq": str(self._sequence), "User-Agent": _AGENT, **({"Session": self._session} if self._session else {})}
        proof = self._login.header(method, url, nonce=secrets.token_hex(8))
        self._writer.write(request(method, url, {**known, **proof, **(headers or {})}, body))

    async def _answer(self) -> Response:
        while not self._responses:
            data = await self._reader.read(_READ_BYTES)
            if not data:
                raise SinkUnreachable(f"{self._place.name} closed the connection", hint="check the address, and rtsp against rtsps")
            self._responses += self._incoming.receive_data(data)
        return self._responses.pop(0)

    def _refusal(self, method: str, answer: Response) -> SinkRejected:
        name = self._place.name
        if answer.status in (401, 403):
            return SinkRejected(f"{name} refused the user name or password", hint="check the user name and password in the URL")
        if answer.status == 461:
            return SinkRejected(f"{name} does not take transport = {self._options.transport}", hint="set the other transport")
        what = f"{answer.status} {redact(answer.reason)}".strip()
        return SinkRejected(
            f"{name} does not take the stream: {method} answered {what}", hint="check the path, and who publishes there"
        )

    async def _listen(self) -> None:
        with self._mapped("closed"):
            while data := await self._reader.read(_READ_BYTES):
                for response in self._incoming.receive_data(data):
                    self._heard = time.monotonic()
                    if response.status == 454:
                        raise SinkUnreachable(f"{self._place.name} forgot the session", hint="the server may be restarting")
        raise SinkUnreachable(f"{self._place.name} closed the connection", hint="the server ended the stream, or is restarting")

    async def _send(self, upcoming: Upcoming) -> None:
        programme = _Programme(self._streams, self._codec)
        asked = self._heard = time.monotonic()
        every_s = min(_ALIVE_S, self._options.write_timeout_s / 2) if self._pairs else _ALIVE_S
        with self._mapped(f"took nothing for {self._options.write_timeout_s:g} s"):
            async for packet in upcoming.programme():
                self._pass_on(programme.parts(packet, unix_ns=time.time_ns()))
                now = time.monotonic()
                if now - asked > every_s:
                    if self._pairs and self._heard < asked:
                        raise SinkUnreachable(f"{self._place.name} answers no more", hint="check the server and the network")
                    asked = now
                    self._say("OPTIONS", self._place.url)
                async with asyncio.timeout(self._options.write_timeout_s):
                    await self._writer.drain()

    def _pass_on(self, parts: list[tuple[int, bytes]]) -> None:
        if self._pairs:
            for channel, part in parts:
                self._pairs[channel // 2].send(part, report=channel % 2 == 1)
        else:
            self._writer.write(b"".join(interleaved(channel, part) for channel, part in parts))

    @contextmanager
    def _mapped(self, silence: str) -> Iterator[None]:
        """Turn what the network and the server do into this project's errors; ``silence`` says what a timeout means."""
        name = self._place.name
        with network_mapped(name, silence, scheme="rtsp"):
            try:
                yield
            except Violation as violation:
                raise SinkUnreachable(f"{name} does not speak RTSP: {violation}", hint="check the address") from violation


class _Programme:
    """The tracks of one session, and when their clocks were last reported."""

    def __init__(self, streams: StreamSet, codec: NalCodec) -> None:
        self._codec = codec
        self._video = _track(VIDEO_TYPE, TICKS_PER_SECOND)
        self._sound = _track(SOUND_TYPE, streams.audio.format.sample_rate) if streams.audio else None
        self._zero: tuple[int, int] | None = None
        self._reported: dict[int, int] = {}

    def parts(self, packet: EncodedPacket, *, unix_ns: int) -> list[tuple[int, bytes]]:
        """What is sent for ``packet``, each part with its channel: even ones for packets, odd ones for reports."""
        channel, track = (0, self._video) if packet.is_video else (2, self._sound)
        if track is None:
            return []
        reports = self._reports(channel, track, packet.pts, unix_ns)
        if packet.is_video:
            return reports + [(channel, part) for part in picture(track, packet.data, self._codec, pts=packet.pts)]
        return [*reports, (channel, sound(track, packet.data, pts=packet.pts))]

    def _reports(self, channel: int, track: Track, pts: int, unix_ns: int) -> list[tuple[int, bytes]]:
        """A report where one is due; both tracks lie on the line that began with the first packet."""
        if self._zero is None:
            self._zero = pts, unix_ns
        since = self._reported.get(channel)
        if since is not None and 0 <= pts - since < _REPORT_TICKS:
            return []
        self._reported[channel] = pts
        began, at = self._zero
        return [(channel + 1, track.report(pts=pts, unix_ns=at + (pts - began) * 1_000_000_000 // TICKS_PER_SECOND))]


def _track(payload_type: int, rate: int) -> Track:
    return Track(payload_type, secrets.randbits(32), rate, secrets.randbits(16), secrets.randbits(32))
