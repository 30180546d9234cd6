"""What is announced: the session description of a programme (RFC 8866, 6184, 7798, 3640). Pure."""

from __future__ import annotations

import base64
from typing import Final

from proxy.encoding.annexb import nal_units
from proxy.encoding.packet import AudioStream, StreamSet, VideoCodec, VideoStream
from proxy.media.time import TICKS_PER_SECOND

VIDEO_TYPE: Final = 96
SOUND_TYPE: Final = 97

_AAC_HBR: Final = "profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3"


def described(streams: StreamSet) -> str:
    """The description. It says nothing of the machine that sends: the address is left open."""
    lines = ["v=0", "o=- 0 0 IN IP4 0.0.0.0", "s=-", "c=IN IP4 0.0.0.0", "t=0 0", *_video(streams.video)]
    if streams.audio is not None:
        lines += _sound(streams.audio)
    return "".join(f"{line}\r\n" for line in lines)


def control(number: int) -> str:
    """The name of a track below the session's address."""
    return f"streamid={number}"


def _video(video: VideoStream) -> list[str]:
    sets = [base64.b64encode(unit).decode() for unit in nal_units(video.extradata)]
    if video.codec is VideoCodec.H264:
        profile = next((unit[1:4].hex() for unit in nal_units(video.extradata) if unit[0] & 0x1F == 7), "42c01f")
        name, parameters = "H264", f"packetization-mode=1;profile-level-id={profile};sprop-parameter-sets={','.join(sets)}"
    else:
        kinds = ("sprop-vps", "sprop-sps", "sprop-pps")
        name, parameters = "H265", ";".join(f"{kind}={unit}" for kind, unit in zip(kinds, sets, strict=False))
    return [
        f"m=video 0 RTP/AVP {VIDEO_TYPE}",
        f"a=rtpmap:{VIDEO_TYPE} {name}/{TICKS_PER_SECOND}",
        f"a=fmtp:{VIDEO_TYPE} {parameters}",
        f"a=control:{control(0)}",
    ]


def _sound(audio: AudioStream) -> list[str]:
    rate, channels = audio.format.sample_rate, audio.format.channels
    return [
        f"m=audio 0 RTP/AVP {SOUND_TYPE}",
        f"a=rtpmap:{SOUND_TYPE} MPEG4-GENERIC/{rate}/{channels}",
        f"a=fmtp:{SOUND_TYPE} {_AAC_HBR};config={audio.extradata.hex()}",
        f"a=control:{control(1)}",
    ]
