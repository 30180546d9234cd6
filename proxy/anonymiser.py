"""THE GATE. The only code that turns raw into anonymised.

1. ``AnonymisedFrame`` and ``ReleasedAudio`` have no public constructor; they are made here and nowhere else.
2. A frame leaves only with a :data:`~proxy.masking.plan.MaskPlan`. ``CoverFrame`` paints the whole picture; ``CoverRegions``
   paints its regions; anything that goes wrong while painting paints the whole picture.
3. The raw picture is copied once, into a buffer of the safe pool, and painted there. For a whole cover nothing is copied.
4. Format, pts, the two clock readings and the age of the looks travel with the picture. Nothing else does: no side data, no
   metadata, no reference to the raw frame.
5. Zones that somebody drew are painted over whatever the plan says, on top of what it hides.
6. Signs are laid over the painted copy, and see nothing else: they can only add. A picture whose signs fail is covered whole.
7. Sound leaves as its policy treats it, and where that fails, as silence.
8. Once sealed a picture is shown as a read-only view. A released frame shows no pixels, and its memory is used for another
   frame only when nobody holds a view of it any more: whoever kept one would watch the next raw picture being painted over.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import assert_never, final

import numpy as np
from numpy.typing import NDArray

from proxy.masking.plan import CoverFrame, CoverReason, CoverRegions, MaskPlan
from proxy.media.formats import AudioFormat, VideoFormat
from proxy.media.planes import U8, Planes
from proxy.media.pool import FramePool
from proxy.media.raw import RawAudio, RawFrame
from proxy.media.sealed import Sealed
from proxy.redactors.cover import paint_cover
from proxy.redactors.protocol import Redactor
from proxy.redactors.regions import Regions
from proxy.redactors.zones import CoveredZones
from proxy.signs.board import Board
from proxy.voices.policy import AudioPolicy
from proxy.voices.protocol import Treated, Voices
from proxy.voices.silence import Silence


@final
@dataclass(frozen=True, slots=True, eq=False)
class AnonymisedFrame(metaclass=Sealed):
    """A picture that may leave. Only this module makes one.

    Attributes:
        format: size and colour tags, as the raw picture had them.
        pts: presentation time in ticks.
        captured_ns: wall-clock time of capture (Unix, ns), or ``None``.
        arrived_ns: monotonic time at which the raw picture left the decoder, ns.
        cover: why the whole picture is covered, or ``None``.
        regions: exactly what was painted, in pixels of this picture; empty when ``cover`` is set.
        age: ticks since the oldest look at the scene that ``regions`` rests on; 0 when ``cover`` is set.
    """

    format: VideoFormat
    pts: int
    captured_ns: int | None
    arrived_ns: int
    cover: CoverReason | None
    regions: Regions
    age: int
    _view: U8 | None
    _memory: U8 | None
    _pool: FramePool

    @property
    def buffer(self) -> U8:
        """The picture as a read-only contiguous ``(H * 3 // 2, W)`` I420 buffer.

        Raises:
            ValueError: the frame was released.
        """
        if self._view is None:
            raise ValueError("the frame was released: its buffer belongs to another frame now")
        return self._view

    def release(self) -> None:
        """Give the buffer back to the pool. Whoever holds the last use of a frame calls this once; again is harmless."""
        memory = self._memory
        # a frozen object that forgets: nothing else of it ever changes
        object.__setattr__(self, "_view", None)
        object.__setattr__(self, "_memory", None)
        if memory is not None:
            self._pool.give_back(memory)


@final
@dataclass(frozen=True, slots=True, eq=False)
class ReleasedAudio(metaclass=Sealed):
    """Sound that may leave: ``samples`` is ``(channels, N)`` float32, read-only; ``pts`` in ticks."""

    samples: NDArray[np.float32]
    format: AudioFormat
    pts: int


@dataclass(slots=True)
class SoundGate:
    """The gate for the sound of one session of a camera. Sound whose treatment fails is silent from then on."""

    _voices: Voices | None

    def put(self, raw: RawAudio) -> list[ReleasedAudio]:
        """The sound that may leave now that ``raw`` came: as long as what came, at the same times, some of it later."""
        if self._voices is None:
            return []
        try:
            return [_released(block) for block in self._voices.put(raw)]
        except Exception:  # noqa: BLE001 - whatever it is, silence does not depend on it
            self._voices = Silence()
            return [_released(block) for block in self._voices.put(raw)]

    def end(self) -> list[ReleasedAudio]:
        """The sound that may still leave; the session is over."""
        try:
            return [_released(block) for block in self._voices.end()] if self._voices else []
        except Exception:  # noqa: BLE001 - what cannot be treated does not leave
            return []


def _released(block: Treated) -> ReleasedAudio:
    block.samples.flags.writeable = False
    return ReleasedAudio._create(block.samples, block.format, block.pts)


@dataclass(slots=True)
class Anonymiser:
    """One camera's gate; ``signs`` are what its pictures carry, ``zones`` what is always covered; ``None`` is nothing at all."""

    redactor: Redactor
    audio: AudioPolicy = AudioPolicy.SILENCE
    pool: FramePool = field(default_factory=lambda: FramePool(capacity=12))
    signs: Board | None = None
    zones: CoveredZones | None = None

    def anonymise(self, raw: RawFrame, plan: MaskPlan) -> AnonymisedFrame:
        """The picture with everything that ``plan`` names painted over."""
        match plan:
            case CoverFrame(reason):
                return self._covered(raw.format, raw.pts, reason, raw.captured_ns, raw.arrived_ns)
            case CoverRegions():
                return self._painted(raw, plan)
            case _:
                assert_never(plan)

    def slate(self, shape: VideoFormat, *, pts: int, arrived_ns: int, reason: CoverReason) -> AnonymisedFrame:
        """A picture made of nothing but a tone and signs, for when there is no camera to show."""
        return self._covered(shape, pts, reason, None, arrived_ns)

    def open_sound(self) -> SoundGate:
        """The gate for the sound of a session that begins."""
        try:
            return SoundGate(self.audio.build())
        except Exception:  # noqa: BLE001 - a treatment that cannot begin leaves silence
            return SoundGate(Silence())

    def _painted(self, raw: RawFrame, plan: CoverRegions) -> AnonymisedFrame:
        try:
            regions = Regions.outward(plan, width=raw.format.width, height=raw.format.height)
        except (ValueError, TypeError):
            return self._covered(raw.format, raw.pts, CoverReason.INVALID_REGIONS, raw.captured_ns, raw.arrived_ns)
        buffer = self.pool.take(raw.format)
        planes = Planes.of_buffer(buffer, raw.format)
        blame = CoverReason.REDACTOR_FAILED
        try:
            np.copyto(planes.y, raw.planes.y)
            np.copyto(planes.u, raw.planes.u)
            np.copyto(planes.v, raw.planes.v)
            if len(regions):
                self.redactor.paint(planes, regions, pts=raw.pts)
            if self.zones is not None:
                self.zones.paint(planes)
            blame = CoverReason.SIGNS_FAILED
            if self.signs is not None:
                self.signs.paint(planes, raw.format, arrived_ns=raw.arrived_ns)
        except BaseException as failure:
            # half painted: wiped, and not used again, since whoever painted or a traceback may still see it
            buffer.fill(0)
            if not isinstance(failure, Exception):
                raise
            return self._covered(raw.format, raw.pts, blame, raw.captured_ns, raw.arrived_ns)
        return self._sealed(buffer, raw.format, raw.pts, None, regions, raw.captured_ns, raw.arrived_ns, plan.age)

    def _covered(
        self, shape: VideoFormat, pts: int, reason: CoverReason, captured_ns: int | None, arrived_ns: int
    ) -> AnonymisedFrame:
        buffer = self.pool.take(shape)
        planes = Planes.of_buffer(buffer, shape)
        paint_cover(planes)
        if self.signs is not None and reason is not CoverReason.SIGNS_FAILED:
            try:
                self.signs.say(planes, shape, reason)
                self.signs.paint(planes, shape, arrived_ns=arrived_ns)
            except Exception:  # noqa: BLE001 - whatever it is, a plain cover needs no signs
                return self._covered(shape, pts, CoverReason.SIGNS_FAILED, captured_ns, arrived_ns)
        nothing = Regions.outward(CoverRegions.nobody(), width=shape.width, height=shape.height)
        return self._sealed(buffer, shape, pts, reason, nothing, captured_ns, arrived_ns)

    def _sealed(
        self,
        buffer: U8,
        shape: VideoFormat,
        pts: int,
        cover: CoverReason | None,
        regions: Regions,
        captured_ns: int | None,
        arrived_ns: int,
        age: int = 0,
    ) -> AnonymisedFrame:
        buffer.flags.writeable = False
        return AnonymisedFrame._create(shape, pts, captured_ns, arrived_ns, cover, regions, age, buffer.view(), buffer, self.pool)
