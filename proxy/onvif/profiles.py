"""The streams that a camera offers, and which of them to take. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit
from xml.etree.ElementTree import Element

from proxy.onvif.soap import Credentials, every, first, text_of

_CODECS: Final = {"H264": 0, "H265": 1, "HEVC": 1, "JPEG": 2}
TALLEST: Final = 1080


@dataclass(frozen=True, slots=True)
class Profile:
    """One stream of a camera: sizes in pixels, 0 where it does not say."""

    token: str
    name: str
    codec: str
    width: int
    height: int
    rate: float

    @property
    def size(self) -> str:
        """As people write it."""
        return f"{self.width}x{self.height}" if self.width and self.height else "unknown size"


def profiles(answer: Element) -> list[Profile]:
    """What GetProfiles answered; profiles without a picture are left out."""
    found = []
    for element in every(answer, "Profiles"):
        encoder = first(element, "VideoEncoderConfiguration")
        token = element.get("token", "")
        if encoder is None or not token:
            continue
        found.append(
            Profile(
                token,
                text_of(element, "Name"),
                text_of(encoder, "Encoding").upper(),
                _whole(text_of(encoder, "Width")),
                _whole(text_of(encoder, "Height")),
                float(_whole(text_of(encoder, "FrameRateLimit"))),
            )
        )
    return found


def best(offered: Sequence[Profile], *, tallest: int = TALLEST) -> Profile | None:
    """The one to anonymise: the largest of at most ``tallest`` rows, else the smallest above; H.264 before HEVC before JPEG."""

    def rank(profile: Profile) -> tuple[bool, bool, int, int]:
        fits = profile.height <= tallest
        size = profile.width * profile.height
        return profile.codec not in _CODECS, not fits, -size if fits else size, _CODECS.get(profile.codec, 9)

    return min(offered, key=rank, default=None)


def with_credentials(uri: str, credentials: Credentials | None, *, host: str) -> str:
    """The stream's address with the user in it, at the ``host`` that answered: a camera may not know by which one it is reached.

    Raises:
        ValueError: it is no RTSP address.
    """
    parts = urlsplit(uri)
    if parts.scheme not in ("rtsp", "rtsps") or not parts.hostname:
        raise ValueError("the camera gives no RTSP address")
    place = f"[{host}]" if ":" in host else host
    port = f":{parts.port}" if parts.port else ""
    user = f"{quote(credentials.user, safe='')}:{quote(credentials.password, safe='')}@" if credentials else ""
    return urlunsplit((parts.scheme, f"{user}{place}{port}", parts.path, parts.query, ""))


def camera_name(name: str, model: str, host: str) -> str:
    """A name for the settings, made of what the camera calls itself."""
    for text in (name, model, f"camera-{host}"):
        made = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:63].strip("-")
        if made:
            return made
    return "camera"


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else 0
