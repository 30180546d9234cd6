"""What a picture or a sound is: size, colour tags, sample rate. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class ColourTags:
    """Colour description as FFmpeg numbers it (ISO/IEC 23091-2 code points; ``range``: 1 limited, 2 full, 0 unknown)."""

    range: int = 0
    space: int = 2
    primaries: int = 2
    transfer: int = 2


@dataclass(frozen=True, slots=True)
class VideoFormat:
    """A picture's shape: I420, 8 bits, even ``width`` and ``height`` in pixels, upright (rotation already applied)."""

    width: int
    height: int
    colour: ColourTags = ColourTags()
    sample_aspect_ratio: Fraction = Fraction(1, 1)

    def __post_init__(self) -> None:
        if self.width < 2 or self.height < 2 or self.width % 2 or self.height % 2:
            raise ValueError(f"expected even width and height of at least 2, got {self.width}x{self.height}")

    @property
    def buffer_shape(self) -> tuple[int, int]:
        """Shape of the contiguous uint8 buffer that holds Y, then U, then V: ``(height * 3 // 2, width)``."""
        return self.height * 3 // 2, self.width


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """Sound's shape: samples per second and number of channels; samples are planar float32."""

    sample_rate: int
    channels: int
