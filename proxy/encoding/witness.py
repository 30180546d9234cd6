"""Somebody who sees every picture and every access unit that leaves, and may add messages to them: nothing else can be changed.

1. A witness is shown each picture before it is encoded, and each access unit before it is sealed, in the same order.
2. It is told which access unit is the last of its group of pictures (GOP) where that can be known: offline, units are held back
   by one; live, none waits, and only at the end of the programme is the last one known.
3. What it says goes into the access unit as SEI messages. The picture's own bytes stay as the encoder made them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from proxy.anonymiser import AnonymisedFrame
from proxy.encoding.annexb import nal_units, starts_gop
from proxy.encoding.packet import NalCodec, VideoCodec
from proxy.encoding.userdata import with_messages
from proxy.encoding.video import AccessUnit


class Witness(Protocol):
    """Takes note of what leaves."""

    def picture(self, frame: AnonymisedFrame, *, pts: int, repeated: bool) -> None:
        """``frame`` is encoded now, to be shown at ``pts``; ``repeated`` when it was encoded before."""
        ...

    def leaves(self, unit: AccessUnit, *, last: bool) -> Sequence[bytes]:
        """Messages to put into ``unit``, each with its owner's 16 bytes in front; ``last`` when its GOP ends with it."""
        ...


class Witnessed:
    """The access units of one programme, with what ``witness`` says put in.

    Args:
        witness: says it.
        holds: keep one unit back, so that the last of each GOP is known.
    """

    def __init__(self, witness: Witness, *, holds: bool) -> None:
        self._witness = witness
        self._holds = holds
        self._held: AccessUnit | None = None

    def passed(self, units: Sequence[AccessUnit]) -> list[AccessUnit]:
        """What may leave now that ``units`` are there."""
        if not self._holds:
            return [self._told(unit, last=False) for unit in units]
        ready = []
        for unit in units:
            if self._held is not None:
                ready.append(self._told(self._held, last=_starts(unit)))
            self._held = unit
        return ready

    def ended(self, units: Sequence[AccessUnit]) -> list[AccessUnit]:
        """Everything, now that ``units`` are the last ones."""
        holds, self._holds = self._holds, True
        ready = self.passed(units)
        if self._held is not None:
            ready.append(self._told(self._held, last=True))
        self._held, self._holds = None, holds
        return ready

    def _told(self, unit: AccessUnit, *, last: bool) -> AccessUnit:
        messages = self._witness.leaves(unit, last=last)
        return replace(unit, data=with_messages(unit.data, messages, nal_codec(unit))) if messages else unit


def nal_codec(unit: AccessUnit) -> NalCodec:
    """The codec of an access unit that a witness is shown."""
    codec = unit.stream.codec
    if codec is VideoCodec.AV1:
        raise AssertionError("settings refuse a witness of AV1, which has no room for messages of this kind")
    return codec


def _starts(unit: AccessUnit) -> bool:
    return any(starts_gop(nal, nal_codec(unit)) for nal in nal_units(unit.data))
