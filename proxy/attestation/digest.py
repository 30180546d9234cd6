"""Which bytes a claim is about: what a decoder makes pictures of, the same however the stream is framed and carried. Pure.

1. A group of pictures (GOP) begins with an access unit at which decoding can begin.
2. Its digest is SHA-256 over a label, the parameter sets in force at its beginning (each once, in the order of their bytes), and
   then every other NAL unit in the order of the stream, each with its length in front (4 bytes, big-endian).
3. Left out is what carriers add, drop or move without changing a picture: delimiters, filler, end marks, messages (SEI).
4. NAL units are hashed as the encoder wrote them, emulation prevention included, without start codes, length fields and zeros
   behind them: Annex B, length-prefixed files, RTP and FLV all give the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

from proxy.encoding.annexb import is_parameter_set, starts_gop
from proxy.encoding.packet import VideoCodec
from proxy.encoding.userdata import is_message

# H.264: delimiter, end of sequence, end of stream, filler. HEVC: the same, by other numbers.
_LEFT_OUT_H264: Final = frozenset({9, 10, 11, 12})
_LEFT_OUT_HEVC: Final = frozenset({35, 36, 37, 38})


def starts(units: Iterable[bytes], codec: VideoCodec) -> bool:
    """Whether a GOP begins with the access unit of these NAL units."""
    return any(starts_gop(unit, codec) for unit in units)


class GopDigest:
    """The digest of one GOP, fed with its access units.

    Args:
        codec: what the pictures are.
        first: the NAL units of its first access unit.
        known: parameter sets from elsewhere, used where ``first`` lacks their kind.
    """

    def __init__(self, codec: VideoCodec, first: Sequence[bytes], *, known: Iterable[bytes] = ()) -> None:
        self._codec = codec
        self._hash = hashlib.sha256(b"veilcast gop 1 " + codec.value.encode() + b"\x00")
        inside = {unit for unit in first if is_parameter_set(unit, codec)}
        kinds = {self._kind(unit) for unit in inside}
        for unit in sorted(inside | {unit for unit in known if unit and self._kind(unit) not in kinds}):
            self._take(unit)
        self.count = 0
        """Access units so far."""
        self.add(first)

    def add(self, units: Sequence[bytes]) -> None:
        """The next access unit, as its NAL units."""
        self.count += 1
        for unit in units:
            if not is_parameter_set(unit, self._codec) and not self._left_out(unit):
                self._take(unit)

    def value(self) -> bytes:
        """SHA-256 of everything so far."""
        return self._hash.digest()

    def _take(self, unit: bytes) -> None:
        self._hash.update(len(unit).to_bytes(4, "big"))
        self._hash.update(unit)

    def _kind(self, unit: bytes) -> int:
        return unit[0] & 0x1F if self._codec is VideoCodec.H264 else (unit[0] >> 1) & 0x3F

    def _left_out(self, unit: bytes) -> bool:
        kinds = _LEFT_OUT_H264 if self._codec is VideoCodec.H264 else _LEFT_OUT_HEVC
        return self._kind(unit) in kinds or is_message(unit, self._codec)
