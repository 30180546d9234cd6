"""The picture that stands where nothing may be shown: a tone and words, made here, of nothing that anybody sent."""

from __future__ import annotations

import time
from typing import Final

from proxy.anonymiser import Anonymiser
from proxy.encoding.options import Options as EncodingSettings
from proxy.encoding.options import Preset
from proxy.encoding.packet import EncodedPacket, NalCodec
from proxy.encoding.programme import Programme, SoundTrack
from proxy.encoding.video import MEASURED_FRAMES
from proxy.masking.plan import CoverReason
from proxy.media.formats import VideoFormat
from proxy.media.time import TICKS_PER_SECOND
from proxy.redactors.solid import Solid
from proxy.signs.board import Board
from proxy.signs.options import Options as SignSettings
from proxy.voices.policy import AudioPolicy

EVERY_NS: Final = 200_000_000
"""How far apart slates are."""


class Slate:
    """One programme of slates, which begins with a keyframe. Used from one thread.

    Args:
        codec, shape: of the pictures whose place it takes.
        signs: what is written on it.
        begins: when the first is shown, ticks.
    """

    def __init__(self, codec: NalCodec, shape: VideoFormat, signs: SignSettings, begins: int = 0) -> None:
        options = EncodingSettings(codec=codec, encoder="auto", preset=Preset.ULTRAFAST)
        self._gate = Anonymiser(Solid(), AudioPolicy.DROP, signs=Board(signs))
        self._programme = Programme(options, live=True, sound=SoundTrack.NEVER)
        self._shape = shape
        self._begins = begins
        self._began_ns: int | None = None

    def picture(self, reason: CoverReason) -> list[EncodedPacket]:
        """The slate as it is now, compressed; at first the few that an encoder waits for before it gives any.

        Raises:
            EncoderError: no encoder opened, or the one in use failed.
        """
        now_ns = time.monotonic_ns()
        before = MEASURED_FRAMES - 1 if self._began_ns is None else 0
        self._began_ns = self._began_ns or now_ns - before * EVERY_NS
        packets = []
        for late in range(before, -1, -1):
            pts = self._begins + (now_ns - late * EVERY_NS - self._began_ns) * TICKS_PER_SECOND // 1_000_000_000
            frame = self._gate.slate(self._shape, pts=pts, arrived_ns=now_ns, reason=reason)
            packets += self._programme.encode(frame)
            frame.release()
        return packets
