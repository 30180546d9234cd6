"""One camera's settings, and the line of text as which they travel to its own process."""

from __future__ import annotations

import json
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Annotated, Final

from pydantic import AwareDatetime, BaseModel, Field, SecretStr, ValidationError, model_validator

from proxy.detectors.badges import LAST
from proxy.detectors.openvino_runtime import Device
from proxy.detectors.suite import Accuracy
from proxy.encoding.options import Options as EncodingSettings
from proxy.encoding.packet import VideoCodec
from proxy.errors import ConfigError
from proxy.masking.policy import MaskPolicy, Target
from proxy.masking.zones import Zone, ZoneKind
from proxy.options import Options
from proxy.redactors.method import CELLS, SOFTNESS, Method
from proxy.settings.ends import SinkOptions, SourceOptions
from proxy.settings.plugins import AnySink
from proxy.settings.problems import problems_of, refusal
from proxy.signs.options import Options as SignSettings
from proxy.sinks import hls as hls_sink
from proxy.sinks import rtsp as rtsp_sink
from proxy.sinks import srt as srt_sink
from proxy.sinks._hls.segments import Container
from proxy.voices.policy import AudioPolicy

Share = Annotated[float, Field(ge=0, le=1)]
MOST_IGNORED: Final = 1 / 3
"""The share of the picture that ignored zones may span in all, each taken as an upright box: posters, and never a scene."""


class ZoneSettings(Options):
    """A polygon drawn on the picture, one table in `zones` each."""

    kind: ZoneKind = Field(
        description="`covered`: always covered; `ignored`: nobody in it is hidden (a poster, a mannequin); "
        "`consent`: people whose feet stay in it agreed to be seen"
    )
    points: tuple[tuple[Share, Share], ...] = Field(
        min_length=3, max_length=64, description="corners as `[x, y]`, shares of the picture's width and height, 0 to 1"
    )
    name: str = Field(default="", max_length=80, description="what it is, for people")
    who: str = Field(default="", max_length=200, description="who agreed; needed for `consent`")
    until: AwareDatetime | None = Field(
        default=None, description="from when on it exempts nobody; needed for `consent`, for example `2027-01-31T18:00:00Z`"
    )

    @model_validator(mode="after")
    def _agreed(self) -> ZoneSettings:
        if self.kind is ZoneKind.CONSENT and not (self.who.strip() and self.until):
            raise refusal("a consent zone names who agreed, and until when", field="until" if self.who.strip() else "who")
        return self

    def span(self) -> float:
        """The share of the picture that the upright box around it takes."""
        across, down = [x for x, _ in self.points], [y for _, y in self.points]
        return (max(across) - min(across)) * (max(down) - min(down))

    def zone(self) -> Zone:
        """What the masking code needs of this."""
        return Zone(self.kind, self.points, self.until.timestamp() if self.until else None)


class PrivacySettings(Options):
    """What is hidden, and how."""

    targets: tuple[Target, ...] = Field(
        default=tuple(Target), min_length=1, description="which parts of people are hidden: `face`, `head`, `body`"
    )
    method: Method = Field(
        default=Method.SILHOUETTE, description="how they are hidden; `mosaic` and `blur` are weaker and warned about"
    )
    mosaic_cells: int = Field(
        default=CELLS.usual, ge=CELLS.least, le=CELLS.most, description="cells of `mosaic` across a head; fewer hide more"
    )
    blur_percent: int = Field(
        default=SOFTNESS.usual,
        ge=SOFTNESS.least,
        le=SOFTNESS.most,
        description="standard deviation of `blur` in hundredths of a head's width; more hides more",
    )
    accuracy: Accuracy = Field(default=Accuracy.BALANCED, description="how small a person is still found, against processor time")
    lookback_ms: int = Field(
        default=400, ge=100, le=10_000, description="how long a frame waits, so that a person first seen later is hidden in it too"
    )
    hold_ms: int = Field(default=500, ge=0, le=60_000, description="how long somebody who is no longer seen stays hidden")
    badges: tuple[Annotated[int, Field(ge=0, le=LAST)], ...] = Field(
        default=(), max_length=50, description="numbers of markers (ArUco 6x6_250) whose wearers are shown while the marker is seen"
    )
    zones: tuple[ZoneSettings, ...] = Field(
        default=(),
        max_length=32,
        description="polygons: always covered, never detected (a third of the picture at most), or of people who agreed",
    )

    @model_validator(mode="after")
    def _not_the_whole_scene(self) -> PrivacySettings:
        if sum(zone.span() for zone in self.zones if zone.kind is ZoneKind.IGNORED) > MOST_IGNORED:
            raise refusal("ignored zones may take a third of the picture at most: nobody in them is hidden", field="zones")
        return self

    @model_validator(mode="after")
    def _bodies_are_seen(self) -> PrivacySettings:
        if set(self.targets) == {Target.FACE} and any(zone.kind is ZoneKind.CONSENT for zone in self.zones):
            raise refusal("consent zones go by people's feet, which are not looked for: add head or body", field="targets")
        if set(self.targets) == {Target.FACE} and self.badges:
            raise refusal("badges are worn on bodies, which are not looked for: add head or body", field="targets")
        return self

    @property
    def strength(self) -> int | None:
        """How strong the chosen method is, where that can be chosen."""
        return {CELLS: self.mosaic_cells, SOFTNESS: self.blur_percent, None: None}[self.method.strength]

    def policy(self) -> MaskPolicy:
        """What the masking code needs of this."""
        return MaskPolicy(targets=frozenset(self.targets), lookback_ms=self.lookback_ms, hold_ms=self.hold_ms)


class AttestationSettings(Options):
    """Proof of what left: docs/attestation.md."""

    key: Path | None = Field(
        default=None, description="the device key that signs every group of pictures; `veilcast keys init FILE` makes it"
    )


class CameraSettings(Options):
    """One camera from source to sinks."""

    name: str = Field(
        default="camera",
        pattern=r"^[a-z0-9](?:[a-z0-9-]{0,62})$",
        description="its name in addresses, logs and metrics: lower-case letters, digits and hyphens",
    )
    source: SourceOptions = Field(description="a URL, or a table with `url` (or `type`) and the source's own settings")
    sinks: tuple[SinkOptions, ...] = Field(default=(), description="URLs or tables, one for each destination")
    privacy: PrivacySettings = Field(default=PrivacySettings(), description="what is hidden, and how")
    encoding: EncodingSettings = Field(default=EncodingSettings(), description="how the picture is compressed")
    attestation: AttestationSettings = Field(default=AttestationSettings(), description="proof of what left")
    audio: AudioPolicy = Field(
        default=AudioPolicy.SILENCE,
        description="`silence`: a silent track; `mute-speech`: ambience without speech; `disguise`: a whisper in place of voices; "
        "`pass`: voices as they are; `drop`: no track",
    )
    signs: SignSettings = Field(default=SignSettings(), description="what is written into the picture, after everything else")
    device: Device = Field(default=Device.AUTO, description="which hardware looks for people")
    threads: int = Field(default=1, ge=1, le=64, description="processor threads of one look; several looks run side by side")

    @model_validator(mode="after")
    def _av1_has_a_way(self) -> CameraSettings:
        refuse_signed_av1(self.encoding, self.attestation)
        if self.encoding.codec is VideoCodec.AV1 and any(map(_lacks_av1, self.sinks)):
            raise refusal("must be h264 or hevc: nothing carries AV1 by RTSP, SRT or MPEG-TS", field="encoding.codec")
        return self


def refuse_signed_av1(encoding: EncodingSettings, attestation: AttestationSettings) -> None:
    """A problem where AV1 is to be signed, in which no claims travel."""
    if encoding.codec is VideoCodec.AV1 and attestation.key is not None:
        raise refusal("must be h264 or hevc, in which claims travel", field="encoding.codec")


def _lacks_av1(sink: AnySink) -> bool:
    return isinstance(sink, (rtsp_sink.Options, srt_sink.Options)) or (
        isinstance(sink, hls_sink.Options) and sink.container is Container.TS
    )


def dump_camera(camera: CameraSettings) -> str:
    """One line of JSON with secrets in clear: for a pipe to the camera's own process and nowhere else."""
    return json.dumps(_plain(camera), separators=(",", ":"))


def parse_camera(text: str) -> CameraSettings:
    """What :func:`dump_camera` wrote.

    Raises:
        ConfigError: the text is something else.
    """
    try:
        return CameraSettings.model_validate(json.loads(text))
    except ValidationError as error:
        raise ConfigError("a camera's settings cannot be read back", problems=tuple(problems_of(error))) from None
    except ValueError:
        raise ConfigError("a camera's settings cannot be read back: not JSON") from None


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return {name: _plain(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, Enum):
        return _plain(value.value)
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    raise AssertionError(f"settings hold plain values, got {type(value).__name__}")
