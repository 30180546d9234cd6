"""Signs a claim for every group of pictures (GOP) that one camera lets go.

1. A GOP is over when the next one begins, or when it is known that its last access unit is there: then it is signed at once.
2. Its claim travels in the access unit at hand: the next GOP's first, or its own last. Verification takes both.
3. Pictures are known by their time. There is one writer for each count: the encoder's thread, and for dropped frames the loop.
"""

from __future__ import annotations

import secrets
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from pydantic import JsonValue

from proxy.anonymiser import AnonymisedFrame
from proxy.attestation.claim import OWNER, Claim, Frames, Hidden, SignedClaim, policy_hash, sign
from proxy.attestation.digest import GopDigest, starts
from proxy.attestation.keys import DeviceKey
from proxy.attestation.text import encoded
from proxy.encoding.annexb import nal_units
from proxy.encoding.packet import NalCodec
from proxy.encoding.video import AccessUnit
from proxy.encoding.witness import nal_codec
from proxy.masking.plan import CoverReason
from proxy.media.time import ticks_to_ms
from proxy.redactors.regions import people_in

_SLATES: Final = frozenset({CoverReason.OFFLINE, CoverReason.STARTING})
_IN_FLIGHT: Final = 1024
_UNTOLD: Final = 64


@dataclass(frozen=True, slots=True)
class Device:
    """Who signs, and what stays the same from claim to claim: see :class:`~proxy.attestation.claim.Claim`."""

    key: DeviceKey
    camera: str
    live: bool
    policy: Mapping[str, JsonValue]
    models: Mapping[str, str]
    software: str


@dataclass(frozen=True, slots=True)
class _Picture:
    """What a claim counts of one picture; ``came`` when a camera gave it."""

    came: bool
    covered: bool
    people: int
    regions: int
    age: int


_UNKNOWN: Final = _Picture(came=False, covered=False, people=0, regions=0, age=0)


@dataclass(slots=True)
class _Gop:
    codec: NalCodec
    digest: GopDigest
    first_pts: int
    last_pts: int
    pictures: list[_Picture] = field(default_factory=list)


class Notary:
    """One camera's witness, for one run of its process.

    Args:
        device: who signs.
        now_ms: the wall clock, Unix, ms.
    """

    def __init__(self, device: Device, *, now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000) -> None:
        self._device = device
        self._now_ms = now_ms
        self._run = secrets.token_hex(8)
        self._seq = 0
        self._prev = ""
        self._pictures: dict[int, _Picture] = {}
        self._gop: _Gop | None = None
        self._dropped = 0
        self._dropped_told = 0
        self._policy_hash = policy_hash(device.policy)
        self._signed: deque[SignedClaim] = deque(maxlen=_UNTOLD)

    def dropped(self, count: int) -> None:
        """Frames that came and were left out because the box could not keep up."""
        self._dropped += count

    def picture(self, frame: AnonymisedFrame, *, pts: int, repeated: bool) -> None:
        """See :class:`~proxy.encoding.witness.Witness`."""
        self._pictures[pts] = _Picture(
            came=not repeated and frame.cover not in _SLATES,
            covered=frame.cover is not None,
            people=people_in(frame.regions),
            regions=len(frame.regions),
            age=frame.age,
        )
        while len(self._pictures) > _IN_FLIGHT:
            del self._pictures[next(iter(self._pictures))]

    def leaves(self, unit: AccessUnit, *, last: bool) -> list[bytes]:
        """See :class:`~proxy.encoding.witness.Witness`."""
        codec = nal_codec(unit)
        nals = nal_units(unit.data)
        messages = []
        if self._gop is None or starts(nals, codec):
            messages += self._close()
            self._gop = _Gop(codec, GopDigest(codec, nals), unit.pts, unit.pts)
        else:
            self._gop.digest.add(nals)
            self._gop.last_pts = unit.pts
        self._gop.pictures.append(self._pictures.pop(unit.pts, _UNKNOWN))
        if last:
            messages += self._close()
        return messages

    def take(self) -> list[SignedClaim]:
        """The claims that were signed since the last call, the latest of them where that is long ago."""
        return [self._signed.popleft() for _ in range(len(self._signed))]

    def _close(self) -> list[bytes]:
        gop, self._gop = self._gop, None
        if gop is None:
            return []
        signed = sign(self._claim(gop), self._device.key)
        self._seq, self._prev = self._seq + 1, signed.hash
        self._signed.append(signed)
        return [OWNER + signed.text.encode()]

    def _claim(self, gop: _Gop) -> Claim:
        device, pictures, dropped = self._device, gop.pictures, self._dropped
        newly_dropped, self._dropped_told = dropped - self._dropped_told, dropped
        return Claim(
            camera=device.camera,
            run=self._run,
            seq=self._seq,
            prev=self._prev,
            at_ms=self._now_ms(),
            live=device.live,
            codec=gop.codec,
            units=encoded(gop.digest.value()),
            pts=(gop.first_pts, gop.last_pts),
            frames=Frames(
                came=newly_dropped + sum(picture.came for picture in pictures),
                out=gop.digest.count,
                covered=sum(picture.covered for picture in pictures),
            ),
            hidden=Hidden(people=max(picture.people for picture in pictures), regions=sum(picture.regions for picture in pictures)),
            age_ms=round(ticks_to_ms(max(picture.age for picture in pictures))),
            policy=dict(device.policy),
            policy_sha256=self._policy_hash,
            models=dict(device.models),
            software=device.software,
        )
