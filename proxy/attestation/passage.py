"""THE SECOND GATE: pictures that somebody else anonymised pass only when they are proven, and nothing passes beside them.

1. Access units wait until the verdict about their group of pictures is there. What is not proven is let go and never comes out.
2. The verdict is not taken on trust: the digest of the very bytes that wait here is made once more, and is to be the one that was
   signed.
3. What comes out is made anew, of nothing but the bytes in that digest and the texts of claims by keys that are trusted. Others'
   messages, in which anything could hide, stay behind, also those that only say they are claims; so does sound: nobody signs it.
4. A group in which parameter sets change half-way does not pass: what comes out would not be what was signed.
5. Memory is bounded: a group that does not end is an error.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from proxy.attestation.claim import OWNER, Claim
from proxy.attestation.digest import GopDigest, in_force, is_picture, starts
from proxy.attestation.findings import Verdict
from proxy.attestation.framing import Framing
from proxy.attestation.text import encoded
from proxy.attestation.verification import Verifier
from proxy.encoding.annexb import START, is_parameter_set
from proxy.encoding.packet import EncodedPacket, NalCodec, StreamSet, VideoStream, make_packet
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

    def __init__(self, codec: NalCodec, framing: Framing, shape: VideoFormat, verifier: Verifier) -> None:
        self._codec = codec
        self._framing = framing
        self._shape = shape
        self._verifier = verifier
        self._waiting: deque[_Group] = deque()
        self._streams: StreamSet | None = None
        self._last_pts: int | None = None
        self._least = self._shift = 0

    def follow(self, pts: int) -> None:
        """Let what passes from now on be shown at ``pts`` (ticks) or later: until then, something else stood in its place."""
        self._least = pts

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
        if not verdict.proven or not self._holds(group, verdict.claim):
            return []
        streams = self._described(group.units[0][0])
        packets: list[EncodedPacket] = []
        self._shift = max(self._shift, self._least - group.units[0][1])
        times = [pts for _, pts in group.units]
        steps = [after - before for before, after in pairwise(times)] or [_STEP]
        for number, ((units, pts), step) in enumerate(zip(group.units, [*steps, steps[-1]], strict=False)):
            if self._last_pts is not None and pts <= self._last_pts:
                return packets
            self._last_pts = pts
            packets.append(self._packet(units, pts + self._shift, step, streams, keyframe=number == 0))
        return packets

    def _holds(self, group: _Group, claim: Claim | None) -> bool:
        """Whether the bytes of ``group``, and no others, are those that ``claim`` is about."""
        known = self._framing.parameter_sets
        first = group.units[0][0]
        digest = GopDigest(self._codec, first, known=known)
        for units, _ in group.units[1:]:
            digest.add(units)
        allowed = in_force(first, self._codec, known=known)
        told = (unit for units, _ in group.units for unit in units if is_parameter_set(unit, self._codec))
        return claim is not None and encoded(digest.value()) == claim.units and all(unit in allowed for unit in told)

    def _packet(self, units: list[bytes], pts: int, step: int, streams: StreamSet, *, keyframe: bool) -> EncodedPacket:
        messages = (unit for unit in units if is_message(unit, self._codec))
        said = (text.decode("ascii", "replace") for unit in messages for text in payloads(unit, self._codec, OWNER))
        claims = [message_unit(OWNER + text.encode(), self._codec) for text in said if self._verifier.vouches_for(text)]
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
