"""Which encoders there are, and the options each one is opened with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from proxy.encoding.options import Options, Preset
from proxy.encoding.packet import VideoCodec
from proxy.encoding.rate import live_bitrate_kbps
from proxy.media.formats import VideoFormat

SOFTWARE: Final[Mapping[VideoCodec, str]] = {
    VideoCodec.H264: "libx264",
    VideoCodec.HEVC: "libx265",
    VideoCodec.AV1: "libsvtav1",
}
HARDWARE: Final[Mapping[VideoCodec, tuple[str, ...]]] = {
    VideoCodec.H264: ("h264_nvenc", "h264_qsv", "h264_v4l2m2m"),
    VideoCodec.HEVC: ("hevc_nvenc", "hevc_qsv", "hevc_v4l2m2m"),
    VideoCodec.AV1: ("av1_nvenc", "av1_qsv"),
}
_PERCENT: Final[Mapping[VideoCodec, int]] = {VideoCodec.H264: 100, VideoCodec.HEVC: 70, VideoCodec.AV1: 60}
"""What a codec needs of H.264's bitrate."""
_SVT_PRESETS: Final[Mapping[Preset, int]] = {preset: 11 - number for number, preset in enumerate(Preset)}
"""SVT-AV1 counts its presets; from 10 on they are meant for live pictures only."""
_SVT_OFFLINE: Final = 9
_QUALITIES: Final[Mapping[VideoCodec, int]] = {VideoCodec.H264: 51, VideoCodec.HEVC: 51, VideoCodec.AV1: 63}
"""The end of each codec's scale of quality."""


@dataclass(frozen=True, slots=True)
class EncoderPlan:
    """How an encoder is to be opened.

    Attributes:
        name: as FFmpeg names it.
        pix_fmt: what it takes.
        bitrate_kbps: target and ceiling, or ``None`` for constant quality.
        gop_size: frames after which the encoder makes a keyframe on its own; those at fixed times are forced long before.
        private: the encoder's own options.
    """

    name: str
    pix_fmt: str
    bitrate_kbps: int | None
    gop_size: int
    private: Mapping[str, str]

    @property
    def hardware(self) -> bool:
        """Whether it is not one of the software encoders."""
        return self.name not in SOFTWARE.values()


def codec_of(name: str) -> VideoCodec:
    """The codec that an encoder, as FFmpeg names it, makes."""
    if "av1" in name:
        return VideoCodec.AV1
    return VideoCodec.HEVC if "hevc" in name or "265" in name else VideoCodec.H264


def plan(name: str, options: Options, shape: VideoFormat, *, rate: Fraction, live: bool) -> EncoderPlan:
    """How to open the encoder ``name`` for pictures of ``shape`` at ``rate`` frames/s."""
    bitrate = options.bitrate_kbps
    if bitrate is None and (live or name not in SOFTWARE.values()):
        bitrate = live_bitrate_kbps(width=shape.width, height=shape.height, rate=float(rate))
        bitrate = bitrate * _PERCENT[codec_of(name)] // 100
    return EncoderPlan(
        name=name,
        pix_fmt="nv12" if name.endswith(("_qsv", "_v4l2m2m")) else "yuv420p",
        bitrate_kbps=bitrate,
        gop_size=max(12, round(options.gop_s * float(rate) * 2)),
        private=_private(name, options, live=live, constant_quality=bitrate is None),
    )


def _private(name: str, options: Options, *, live: bool, constant_quality: bool) -> dict[str, str]:
    if name == "libx264":
        chosen = {"preset": options.preset.value, "forced-idr": "1", "sc_threshold": "0", "bf": "0"}
        chosen |= {"tune": "zerolatency"} if live else {"rc-lookahead": "10", "mbtree": "0"}
    elif name == "libx265":
        quiet = "log-level=none:info=0:scenecut=0:bframes=0:open-gop=0:repeat-headers=1"
        chosen = {"preset": options.preset.value, "forced-idr": "1", "x265-params": quiet}
        chosen |= {"tune": "zerolatency"} if live else {}
    elif name == "libsvtav1":
        preset = _SVT_PRESETS[options.preset]
        # pictures leave in the order in which they came
        chosen = {"preset": str(preset if live else min(preset, _SVT_OFFLINE)), "svtav1-params": "pred-struct=1:scd=0"}
        chosen |= {"svtav1-params": f"{chosen['svtav1-params']}:rtc=1:rc=2"} if live else {}
    elif name.endswith("_nvenc"):
        chosen = {"preset": "p4", "tune": "ull" if live else "hq", "forced-idr": "1", "bf": "0", "rc": "cbr" if live else "vbr"}
        chosen |= {"zerolatency": "1", "delay": "0"} if live else {}
    elif name.endswith("_qsv"):
        chosen = {"preset": "veryfast", "forced_idr": "1", "bf": "0"}
        chosen |= {"async_depth": "1", "look_ahead": "0"} if live else {}
    else:
        chosen = {"bf": "0"}
    end = _QUALITIES[codec_of(name)]
    return chosen | ({"crf": str(options.quality * end // _QUALITIES[VideoCodec.H264])} if constant_quality else {})
