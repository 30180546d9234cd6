"""Access units as they arrive become groups of pictures (GOP) with their digests and what is signed inside them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from proxy.attestation.claim import OWNER
from proxy.attestation.digest import GopDigest, starts
from proxy.attestation.framing import Framing
from proxy.attestation.text import encoded
from proxy.encoding.packet import NalCodec
from proxy.encoding.userdata import is_message, payloads

_TEXTS_KEPT: Final = 64


@dataclass(frozen=True, slots=True)
class Gop:
    """A group of pictures as it arrived; times in ticks, as the input says them.

    Attributes:
        begin: when its first picture is shown.
        last: when its last picture is shown.
        end: when it is over: the next one's ``begin``, or ``last`` where that is not known.
        frames: access units in it.
        digest: of their bytes.
        texts: signed texts that it carries, which are about it or about one before it.
        whole: whether it begins where decoding can begin.
    """

    begin: int
    last: int
    end: int
    frames: int
    digest: str
    texts: tuple[str, ...]
    whole: bool


class GopReader:
    """Cuts a stream of access units at its keyframes.

    Attributes:
        unsigned_bytes: how much the stream carries beside the pictures that no claim is about: messages of others.
    """

    def __init__(self, codec: NalCodec, framing: Framing) -> None:
        self._codec = codec
        self._framing = framing
        self._digest: GopDigest | None = None
        self._whole = False
        self._begin = self._last = 0
        self._texts: list[str] = []
        self.unsigned_bytes = 0

    def add(self, data: bytes, *, pts: int) -> tuple[Gop | None, list[str]]:
        """The next access unit: the GOP that is over because of it, and the signed texts in it."""
        units = self._framing.units(data)
        over, begins = None, starts(units, self._codec)
        if self._digest is None or begins:
            over = self.rest(end=pts)
            self._digest = GopDigest(self._codec, units, known=self._framing.parameter_sets)
            self._begin, self._whole = pts, begins
        else:
            self._digest.add(units)
        self._last = pts
        texts = self._signed(units)
        self._texts = (self._texts + texts)[-_TEXTS_KEPT:]
        return over, texts

    def rest(self, *, end: int | None = None) -> Gop | None:
        """The GOP at hand, which is over at ``end``; ``None`` where there is none."""
        digest, self._digest = self._digest, None
        if digest is None:
            return None
        texts, self._texts = tuple(self._texts), []
        over = self._last if end is None or end < self._last else end
        return Gop(self._begin, self._last, over, digest.count, encoded(digest.value()), texts, self._whole)

    def _signed(self, units: Sequence[bytes]) -> list[str]:
        texts = []
        for unit in units:
            if not is_message(unit, self._codec):
                continue
            ours = [said.decode("ascii", "replace") for said in payloads(unit, self._codec, OWNER)]
            texts += ours
            self.unsigned_bytes += 0 if ours else len(unit)
        return texts
