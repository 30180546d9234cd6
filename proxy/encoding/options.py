"""What the user may say about compression."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from proxy import options
from proxy.encoding.packet import VideoCodec


class Preset(StrEnum):
    """How much work the software encoders spend, spelled as x264 and x265 spell it; SVT-AV1 counts from 11 down."""

    ULTRAFAST = "ultrafast"
    SUPERFAST = "superfast"
    VERYFAST = "veryfast"
    FASTER = "faster"
    FAST = "fast"
    MEDIUM = "medium"
    SLOW = "slow"


class Options(options.Options):
    """How the picture and the sound are compressed."""

    codec: VideoCodec = Field(default=VideoCodec.H264, description="`h264`, or `hevc` or `av1` where every platform takes it")
    encoder: str = Field(
        default="auto",
        pattern=r"^[a-z0-9_]{1,32}$",
        description="`auto` takes hardware where it opens; or an encoder as FFmpeg names it, such as `libx264`",
    )
    preset: Preset = Field(default=Preset.SUPERFAST, description="work spent by the software encoders: slower is smaller")
    bitrate_kbps: int | None = Field(
        default=None, ge=50, le=200_000, description="video bitrate; unset: by picture size when live, by `quality` for files"
    )
    quality: int = Field(default=23, ge=0, le=51, description="constant quality of files without a bitrate; lower is better")
    gop_s: float = Field(default=2.0, ge=0.2, le=20.0, description="seconds between keyframes")
    threads: int = Field(default=0, ge=0, le=64, description="the software encoders' threads; 0 lets them choose")
    audio_bitrate_kbps: int = Field(default=128, ge=32, le=512, description="AAC bitrate")
