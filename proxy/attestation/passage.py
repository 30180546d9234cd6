"""THE SECOND GATE: pictures that somebody else anonymised pass only when they are proven, and nothing passes beside them.

1. Access units wait until the verdict about their group of pictures is there. What is not proven is let go and never comes out.
2. What comes out is made anew: parameter sets, claims and slices, as far as the digest or a signature is about them. Messages of
   others, in which anything could hide, stay behind; so does sound, which nobody signs.
3. Memory is bounded: a group that does not end is an error.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from proxy.attestation.claim import OWNER
from proxy.attestation.digest import in_force, is_picture, starts
from proxy.attestation.findings import Verdict
from proxy.attestation.framing import Framing
from proxy.attestation.verification import Verifier
from proxy.encoding.annexb import START
from proxy.encoding.packet import EncodedPacket, StreamSet, VideoCodec, VideoStream, make_packet
from proxy.encoding.userdata import is_message, payloads
from proxy.encoding.userdata import message as message_unit
from proxy.media.formats import VideoFormat
from proxy.media.time import TICKS_PER_SECOND

GROUP_BYTES: Final = 64 << 20
_RATE: Final = 25.0
_STEP: Final = round(TICKS_PER_SECOND / _RATE)


class Unending(Exception):
    """A group of pictures is larger than anything that is taken for one."""


@dataclass(slots=True)
class _Group:
    """Access units that wait, each as its NAL units and its time in ticks."""

    units: list[tuple[list[bytes], int]] = field(default_factory=list)
    size: int = 0


class Passage:
    """One stream on its way through.

    Args:
        codec: of the pictures.
        framing: how access units are framed.
        shape: the pictures' size, for those who describe the stream.
        verifier: judges; it must give a verdict for every group, and so not be one for live input.
    """

    def __init__(self, codec: VideoCodec, framing: Framing, shape: VideoFormat, verifier: Verifier) -> None:
        self._codec = codec
        self._framing = framing
        self._shape = shape
        self._verifier = verifier
        self._waiting: deque[_Group] = deque()
        self._streams: StreamSet | None = None
        self._last_pts: int | None = None

    def add(self, data: bytes, *, pts: int) -> list[tuple[Verdict, list[EncodedPacket]]]:
        """The next access unit, shown at ``pts`` (ticks): what became known, and what may pass because of it.

        Raises:
            Unending: a group does not end.
        """
        units = self._framing.units(data)
        if not self._waiting or starts(units, self._codec):
            self._waiting.append(_Group())
        group = self._waiting[-1]
        group.units.append((units, pts))
        group.size += len(data)
        if sum(waiting.size for waiting in self._waiting) > GROUP_BYTES:
            raise Unending
        return [(verdict, self._passed(verdict)) for verdict in self._verifier.add(data, pts=pts)]

    def _passed(self, verdict: Verdict) -> list[EncodedPacket]:
        """The packets of the group that ``verdict`` is about, which waits longest; none where it is not proven."""
        group = self._waiting.popleft()
        if not verdict.proven or len(group.units) != verdict.frames:
            return []
        streams = self._described(group.units[0][0])
        packets: list[EncodedPacket] = []
        for number, (units, pts) in enumerate(group.units):
            if self._last_pts is not None and pts <= self._last_pts:
                return packets
            step = pts - self._last_pts if self._last_pts is not None else _STEP
            self._last_pts = pts
            packets.append(self._packet(units, pts, step, streams, keyframe=number == 0))
        return packets

    def _packet(self, units: list[bytes], pts: int, step: int, streams: StreamSet, *, keyframe: bool) -> EncodedPacket:
        claims = [
            message_unit(OWNER + said, self._codec)
            for unit in units
            if is_message(unit, self._codec)
            for said in payloads(unit, self._codec, OWNER)
        ]
        sliced = [*claims, *(unit for unit in units if is_picture(unit, self._codec))]
        data = (streams.video.extradata if keyframe else b"") + b"".join(START + unit for unit in sliced)
        return make_packet(data, pts=pts, dts=pts, duration=step, keyframe=keyframe, is_video=True, streams=streams)

    def _described(self, units: list[bytes]) -> StreamSet:
        """The programme that a group with this first access unit belongs to: the same as before where its parameter sets are."""
        sets = in_force(units, self._codec, known=self._framing.parameter_sets)
        extradata = b"".join(START + unit for unit in sets)
        if self._streams is None or self._streams.video.extradata != extradata:
            self._streams = StreamSet(VideoStream(self._codec, self._shape, extradata, _RATE), None)
        return self._streams
