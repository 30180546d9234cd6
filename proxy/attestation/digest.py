"""Which bytes a claim is about: what a decoder makes pictures of, the same however the stream is framed and carried. Pure.

1. A group of pictures (GOP) begins with an access unit at which decoding can begin.
2. Its digest is SHA-256 over a label, the parameter sets in force at its beginning (each once, in the order of their bytes), and
   then every other NAL unit in the order of the stream, each with its length in front (4 bytes, big-endian). Parameter sets that
   come again later are left out where they are the same, and count where they are others.
3. Left out is what carriers add, drop or move without changing a picture: delimiters, filler, end marks, messages (SEI).
4. NAL units are hashed as the encoder wrote them, emulation prevention included, without start codes, length fields and zeros
   behind them: Annex B, length-prefixed files, RTP and FLV all give the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from enum import Enum, auto
from typing import Final

from proxy.encoding.annexb import is_parameter_set, starts_gop
from proxy.encoding.packet import NAL_CODECS, NalCodec, VideoCodec
from proxy.encoding.userdata import is_message

# Delimiter, end of sequence, end of stream, filler, as the first byte of a NAL unit numbers them.
_MARKS: Final = {VideoCodec.H264: frozenset({9, 10, 11, 12}), VideoCodec.HEVC: frozenset({35, 36, 37, 38})}


class _Role(Enum):
    PICTURE = auto()
    PARAMETERS = auto()
    LEFT_OUT = auto()


# Names of a module are found faster than members of an enum.
_PICTURE, _PARAMETERS = _Role.PICTURE, _Role.PARAMETERS


def _kind(first: int, codec: NalCodec) -> int:
    return first & 0x1F if codec is VideoCodec.H264 else (first >> 1) & 0x3F


def _role(first: int, codec: NalCodec) -> _Role:
    unit = bytes([first])
    if is_parameter_set(unit, codec):
        return _Role.PARAMETERS
    return _Role.LEFT_OUT if is_message(unit, codec) or _kind(first, codec) in _MARKS[codec] else _Role.PICTURE


# By a NAL unit's first byte: this is asked of every unit of every picture.
_ROLES: Final = {codec: tuple(_role(first, codec) for first in range(256)) for codec in NAL_CODECS.values()}
_STARTS: Final = {
    codec: frozenset(first for first in range(256) if starts_gop(bytes([first]), codec)) for codec in NAL_CODECS.values()
}


def starts(units: Iterable[bytes], codec: NalCodec) -> bool:
    """Whether a GOP begins with the access unit of these NAL units."""
    begins = _STARTS[codec]
    for unit in units:  # noqa: SIM110 - asked of every picture, and a generator costs as much as all the rest of it
        if unit[0] in begins:
            return True
    return False


def in_force(first: Iterable[bytes], codec: NalCodec, *, known: Iterable[bytes]) -> list[bytes]:
    """The parameter sets by which the access unit ``first`` is decoded: its own, and of other kinds those that are ``known``."""
    inside = [unit for unit in first if _ROLES[codec][unit[0]] is _Role.PARAMETERS]
    kinds = {_kind(unit[0], codec) for unit in inside}
    elsewhere = [unit for unit in known if unit and _kind(unit[0], codec) not in kinds]
    return list(dict.fromkeys([*elsewhere, *inside]))


def is_picture(unit: bytes, codec: NalCodec) -> bool:
    """Whether the digest is about a NAL unit as part of a picture, and so neither a parameter set nor left out."""
    return _ROLES[codec][unit[0]] is _Role.PICTURE


class GopDigest:
    """The digest of one GOP, fed with its access units.

    Args:
        codec: what the pictures are.
        first: the NAL units of its first access unit.
        known: parameter sets from elsewhere, used where ``first`` lacks their kind.
    """

    def __init__(self, codec: NalCodec, first: Sequence[bytes], *, known: Iterable[bytes] = ()) -> None:
        self._roles = _ROLES[codec]
        self._hash = hashlib.sha256(b"veilcast gop 1 " + codec.value.encode() + b"\x00")
        self._sets = frozenset(in_force(first, codec, known=known))
        for unit in sorted(self._sets):
            self._take(unit)
        self.count = 0
        """Access units so far."""
        self.add(first)

    def add(self, units: Sequence[bytes]) -> None:
        """The next access unit, as its NAL units."""
        self.count += 1
        roles, update = self._roles, self._hash.update
        for unit in units:
            role = roles[unit[0]]
            if role is _PICTURE or (role is _PARAMETERS and unit not in self._sets):
                update(len(unit).to_bytes(4, "big"))
                update(unit)

    def value(self) -> bytes:
        """SHA-256 of everything so far."""
        return self._hash.digest()

    def _take(self, unit: bytes) -> None:
        self._hash.update(len(unit).to_bytes(4, "big"))
        self._hash.update(unit)
