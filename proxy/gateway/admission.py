"""Whether somebody may publish, and what becomes of it. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import final


class Admission(StrEnum):
    """What becomes of what a publisher sends."""

    ANONYMISE = "anonymise"
    """It is decoded, people are hidden, and it is encoded again: nothing that was sent is ever forwarded."""
    VERIFY = "verify"
    """What is proven to be anonymised is sent on as it is; when that is no more, the stream is anonymised here."""
    REJECT = "reject"


class Way(StrEnum):
    """How a stream comes to the gateway."""

    INGEST = "ingest"
    """It is published at the platform's ingest, from where the gateway plays it: RTMP, and whatever is turned into that."""
    PULL = "pull"
    """The gateway fetches it at an address that was registered for the camera: RTSP."""
    WHIP = "whip"
    """It is published to the gateway itself, over WebRTC."""


class Action(StrEnum):
    """What an operator's switch does."""

    CUT = "cut"
    """Nothing is sent any more."""
    COVER = "cover"
    """Every picture is covered whole."""


class Scope(StrEnum):
    """What a switch is about."""

    CAMERA = "camera"
    PUBLISHER = "publisher"
    ALL = "all"


Switches = Mapping[tuple[Scope, str], Action]
"""The switches that are set; the target of ``ALL`` is empty."""


class Refusal(StrEnum):
    """Why somebody may not publish."""

    UNKNOWN_TOKEN = "unknown-token"  # noqa: S105
    REVOKED = "revoked"
    EXPIRED = "expired"
    UNKNOWN_CAMERA = "unknown-camera"
    REJECTED = "rejected"
    CUT = "cut-by-operator"
    BUSY = "already-publishing"
    TOO_MANY = "too-many-streams"


@dataclass(frozen=True, slots=True)
class Registration:
    """What is known of whoever shows a token; ``expires_ms`` in Unix ms. ``cameras`` are the publisher's, ``only`` those of them
    that the token opens, where it does not open all.
    """

    token: int
    publisher: str
    expires_ms: int | None
    revoked: bool
    admission: Admission | None
    max_streams: int
    cameras: tuple[str, ...]
    only: tuple[str, ...] | None = None

    def opens(self, camera: str) -> bool:
        """Whether the token is for ``camera``."""
        return camera in self.cameras and (self.only is None or camera in self.only)


@final
@dataclass(frozen=True, slots=True)
class Admitted:
    """It may."""

    registration: Registration
    admission: Admission


@final
@dataclass(frozen=True, slots=True)
class Refused:
    """It may not."""

    reason: Refusal


def switched(switches: Switches, *, camera: str, publisher: str) -> Action | None:
    """What an operator has decided about a camera: the strongest of what was said about it, its publisher and everything."""
    said = {switches.get(place) for place in ((Scope.ALL, ""), (Scope.PUBLISHER, publisher), (Scope.CAMERA, camera))}
    return next((action for action in (Action.CUT, Action.COVER) if action in said), None)


def decide(
    registration: Registration | None,
    camera: str,
    *,
    default: Admission,
    switches: Switches,
    running: Iterable[tuple[str, str]],
    now_ms: int,
    distrusted: Container[str] = (),
    way: Way = Way.INGEST,
) -> Admitted | Refused:
    """Whether whoever showed a token may publish ``camera``.

    Args:
        registration: whose token it is; ``None`` for nobody's.
        camera: the name under which it wants to publish.
        default: what becomes of publishers for whom nothing else was said.
        switches: what operators have decided.
        running: camera and publisher of each stream that runs.
        now_ms: Unix ms.
        distrusted: cameras whose proof counts for nothing, because a face was found in what it was for.
        way: how it is to come. What comes over WebRTC is decoded as it comes, and so cannot be sent on as it is.
    """
    if registration is None:
        return Refused(Refusal.UNKNOWN_TOKEN)
    admission = registration.admission or default
    if admission is Admission.VERIFY and (camera in distrusted or way is Way.WHIP):
        admission = Admission.ANONYMISE
    mine = [name for name, publisher in running if publisher == registration.publisher]
    if registration.revoked:
        return Refused(Refusal.REVOKED)
    if registration.expires_ms is not None and now_ms >= registration.expires_ms:
        return Refused(Refusal.EXPIRED)
    if not registration.opens(camera):
        return Refused(Refusal.UNKNOWN_CAMERA)
    if admission is Admission.REJECT:
        return Refused(Refusal.REJECTED)
    if switched(switches, camera=camera, publisher=registration.publisher) is Action.CUT:
        return Refused(Refusal.CUT)
    if camera in mine:
        return Refused(Refusal.BUSY)
    return Refused(Refusal.TOO_MANY) if len(mine) >= registration.max_streams else Admitted(registration, admission)
