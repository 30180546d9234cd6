"""Whether a camera is aimed well, measured from what was found and glanced at, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from proxy.control.sentences import Words
from proxy.telemetry.events import Aim

LEAST_FRAMES: Final = 25
"""So many frames are needed before anything is said."""
DARK: Final = 45.0
"""Mean luma, limited range 16..235, below which people and background are hard to tell apart."""
MASKED: Final = 0.5
MOVING: Final = 0.3
SMALL: Final = 0.25
"""Shares: of the picture that is hidden, of frames in which all of the picture changed, of people who are too small."""

_SMALL: Final = Words(
    "People are small here: {share} % of those found are near the least size that is still found. "
    "Move the camera closer, zoom in, take a larger stream, or choose a higher accuracy.",
    "画面中的人太小：检测到的人中有 {share} % 接近可检测的最小尺寸。请移近摄像机、拉近镜头、使用更大的码流或提高精度。",
)
_DARK: Final = Words(
    "The picture is dark: people may be missed. Add light, or lengthen the exposure.",
    "画面太暗，可能漏检。请增加照明或延长曝光。",
)
_MASKED: Final = Words(
    "{share} % of the picture is hidden. Move the camera back, or turn it away from people who stand close.",
    "画面有 {share} % 被遮盖。请将摄像机移远，或避开近处的人。",
)
_MOVING: Final = Words(
    "The camera moves or shakes: every look costs more, and more is hidden. Fix it firmly.",
    "摄像机在移动或抖动，会增加处理负担和遮盖范围。请将其固定牢固。",
)


@dataclass(frozen=True, slots=True)
class Frame:
    """The picture that is judged: its size in pixels, and the least height of a person that is found well, of its longer side."""

    width: int
    height: int
    least: float


def words(seen: Aim, frame: Frame) -> Iterator[Words]:
    """What is worth changing about the camera's place, gravest first; nothing where all is well or nothing is known yet."""
    if seen.frames < LEAST_FRAMES or not frame.width or not frame.height:
        return
    if seen.luma / seen.frames < DARK:
        yield _DARK
    if seen.moving > MOVING * seen.frames:
        yield _MOVING
    heights = seen.heights
    least = frame.least * max(frame.width, frame.height)
    small = sum(count for height, count in heights.items() if height < least)
    if heights and small > SMALL * sum(heights.values()):
        yield _filled(_SMALL, small / sum(heights.values()))
    masked = seen.painted / (seen.frames * frame.width * frame.height)
    if masked > MASKED:
        yield _filled(_MASKED, min(1.0, masked))


def _filled(text: Words, share: float) -> Words:
    said = f"{share * 100:.0f}"
    return Words(text.en.format(share=said), text.zh.format(share=said))
