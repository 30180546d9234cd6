"""The one schema: every plugin's Options, composed into frozen settings.

1. Settings come from one TOML file or from the command line, and reach code as values, never as a global.
2. Every problem is found at once, each named by its path; what was typed is never echoed.
3. Where a URL or a key is taken, ``env:NAME`` and ``file:PATH`` stand for it, and are resolved while the settings are read.
4. A camera's settings travel to its own process as JSON over a pipe: the only text in which secrets stand in clear.
"""

from __future__ import annotations

import ipaddress
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import Enum, StrEnum
from pathlib import Path
from typing import Annotated, Final, Literal, TypeVar, get_args

from pydantic import (
    AfterValidator,
    AliasChoices,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from proxy.control.roles import Role
from proxy.detectors.badges import LAST
from proxy.detectors.openvino_runtime import Device
from proxy.detectors.suite import Accuracy
from proxy.encoding.options import Options as EncodingSettings
from proxy.encoding.packet import VideoCodec
from proxy.errors import ConfigError
from proxy.masking.policy import MaskPolicy, Target
from proxy.masking.zones import Zone, ZoneKind
from proxy.media.redact import redact
from proxy.options import Options, resolve
from proxy.redactors.method import Method
from proxy.signs.options import Options as SignSettings
from proxy.sinks import file as file_sink
from proxy.sinks import hls, null, rtmp
from proxy.sinks import mjpeg as mjpeg_sink
from proxy.sinks import rtsp as rtsp_sink
from proxy.sinks import srt as srt_sink
from proxy.sinks import whep as whep_sink
from proxy.sinks import whip as whip_sink
from proxy.sources import device, mjpeg, rtsp
from proxy.sources import file as file_source
from proxy.sources import hls as hls_source
from proxy.sources import rtmp as rtmp_source
from proxy.sources import srt as srt_source
from proxy.sources import whep as whep_source
from proxy.sources import whip as whip_source
from proxy.telemetry.logs import Level
from proxy.voices.policy import AudioPolicy

P = TypeVar("P", bound=Options)

AnySource = (
    rtsp.Options
    | rtmp_source.Options
    | srt_source.Options
    | whip_source.Options
    | whep_source.Options
    | mjpeg.Options
    | hls_source.Options
    | file_source.Options
    | device.Options
)
AnySink = (
    rtmp.Options
    | rtsp_sink.Options
    | srt_sink.Options
    | hls.Options
    | file_sink.Options
    | whip_sink.Options
    | whep_sink.Options
    | mjpeg_sink.Options
    | null.Options
)

SOURCES: Final[Mapping[str, type[AnySource]]] = {
    "rtsp": rtsp.Options,
    "rtsps": rtsp.Options,
    "rtmp": rtmp_source.Options,
    "rtmps": rtmp_source.Options,
    "srt": srt_source.Options,
    "whip": whip_source.Options,
    "whep": whep_source.Options,
    "wheps": whep_source.Options,
    "http": mjpeg.Options,
    "https": mjpeg.Options,
    "hls": hls_source.Options,
    "file": file_source.Options,
    "device": device.Options,
}
"""URL scheme → the plugin that takes it."""

SINKS: Final[Mapping[str, type[AnySink]]] = {
    "rtmp": rtmp.Options,
    "rtmps": rtmp.Options,
    "rtsp": rtsp_sink.Options,
    "rtsps": rtsp_sink.Options,
    "srt": srt_sink.Options,
    "hls": hls.Options,
    "file": file_sink.Options,
    "whip": whip_sink.Options,
    "whips": whip_sink.Options,
    "whep": whep_sink.Options,
    "mjpeg": mjpeg_sink.Options,
    "null": null.Options,
}
"""URL scheme → the plugin that takes it."""

SHORT_TOKEN: Final = 16

Plugins = Mapping[str, type[AnySource]] | Mapping[str, type[AnySink]]
_PLAYLIST: Final = re.compile(r"\.m3u8(?:[?#]|$)", re.IGNORECASE)
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")


def _refusal(message: str, *, field: str = "") -> PydanticCustomError:
    """A problem found in a validator; ``field`` is the key below the validated value that it concerns."""
    return PydanticCustomError("refused", "{message}", {"message": message, "field": field})


def _told(error: ConfigError) -> str:
    return f"{error.message} ({error.hint})" if error.hint else error.message


def _resolved(value: object, *, field: str = "") -> object:
    """``value``, with ``env:`` and ``file:`` looked up where it is text."""
    if not isinstance(value, str):
        return value
    try:
        return resolve(value)
    except ConfigError as error:
        raise _refusal(_told(error), field=field) from error


Secret = Annotated[SecretStr, BeforeValidator(_resolved)]


def scheme_of(text: str) -> str:
    """The scheme that decides which plugin takes a URL; a path without one is a file, or a device below ``/dev``."""
    head = _SCHEME.match(text)
    scheme = head[1].lower() if head else ""
    if "://" in text or scheme in {*SOURCES, *SINKS}:
        return scheme
    if text == "null":
        return "null"
    return "device" if text.startswith("/dev/") else "file"


def _known_scheme(text: str, plugins: Plugins, *, field: str) -> str:
    scheme = scheme_of(text)
    if scheme in {"http", "https"} & {*plugins} and _PLAYLIST.search(text):
        scheme = "hls"
    if scheme not in plugins:
        raise _refusal(f'unknown URL scheme "{scheme}": known are {", ".join(sorted(plugins))}, or a path', field=field)
    return scheme


def _type_of(plugin: type[Options]) -> str:
    return str(get_args(plugin.model_fields["type"].annotation)[0])


def _plugin_of_url(text: str, plugins: Plugins, *, field: str = "") -> AnySource | AnySink:
    """The options of whichever plugin takes the URL ``text``."""
    scheme = _known_scheme(text, plugins, field=field)
    try:
        return plugins[scheme].from_url(text)
    except ConfigError as error:
        raise _refusal(_told(error), field=field) from error
    except ValidationError as error:
        found = "; ".join(problems_of(error))
        raise _refusal(found, field=field) from None


def _plugin(value: object, plugins: Plugins) -> object:
    """Plugin options from a URL, from a table with ``url``, or from a table with ``type``."""
    if isinstance(value, str):
        return _plugin_of_url(str(_resolved(value)), plugins)
    if isinstance(value, Options):
        return value
    if not isinstance(value, Mapping):
        raise _refusal("expected a URL or a table")
    table = dict(value)
    by_type = {_type_of(plugin): plugin for plugin in plugins.values()}
    if "type" in table:
        if table["type"] not in by_type:
            raise _refusal(f"unknown type: known are {', '.join(sorted(by_type))}", field="type")
        return _secrets_resolved(table, by_type[str(table["type"])])
    if not isinstance(table.get("url"), str):
        raise _refusal(f"needs a url, or a type out of {', '.join(sorted(by_type))}")
    url = str(_resolved(table.pop("url"), field="url"))
    scheme = _known_scheme(url, plugins, field="url")
    rest = _secrets_resolved(table, plugins[scheme])
    if "url" in plugins[scheme].model_fields:
        return {"type": _type_of(plugins[scheme]), "url": url, **rest}
    chosen = _plugin_of_url(url, plugins, field="url")
    return {**{name: getattr(chosen, name) for name in chosen.model_fields_set}, "type": chosen.type, **rest}


def _secrets_resolved(table: Mapping[str, object], plugin: type[Options]) -> dict[str, object]:
    """``table`` with every value that the plugin keeps secret looked up."""
    secret = {name for name, field in plugin.model_fields.items() if SecretStr in (field.annotation, *get_args(field.annotation))}
    return {name: _resolved(value, field=name) if name in secret else value for name, value in table.items()}


def _source(value: object) -> object:
    return _plugin(value, SOURCES)


def _sink(value: object) -> object:
    return _plugin(value, SINKS)


def _checked(options: P) -> P:
    """``options``, after what only the whole of them can tell: whether an address with its key leads anywhere."""
    try:
        match options:
            case rtmp.Options():
                options.address()
            case rtsp.Options():
                rtsp.Options.from_url(options.url.get_secret_value())
            case mjpeg.Options() | hls_source.Options() | rtsp_sink.Options():
                options.place()
            case whip_sink.Options() | whep_source.Options() | srt_source.Options() | srt_sink.Options():
                options.address()
            case rtmp_source.Options():
                rtmp_source.Options.from_url(options.url.get_secret_value())
            case _:
                pass
    except ConfigError as error:
        raise _refusal(_told(error), field="url") from error
    return options


SourceOptions = Annotated[AnySource, Discriminator("type"), BeforeValidator(_source), AfterValidator(_checked)]
SinkOptions = Annotated[AnySink, Discriminator("type"), BeforeValidator(_sink), AfterValidator(_checked)]


Share = Annotated[float, Field(ge=0, le=1)]


class ZoneSettings(Options):
    """A polygon drawn on the picture, one table in `zones` each."""

    kind: ZoneKind = Field(
        description="`covered`: always covered; `ignored`: nobody in it is hidden (a poster, a mannequin); "
        "`consent`: people in it agreed to be seen"
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
            raise _refusal("a consent zone names who agreed, and until when", field="until" if self.who.strip() else "who")
        return self

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
    accuracy: Accuracy = Field(default=Accuracy.BALANCED, description="how small a person is still found, against processor time")
    lookback_ms: int = Field(
        default=400, ge=100, le=10_000, description="how long a frame waits, so that a person first seen later is hidden in it too"
    )
    hold_ms: int = Field(default=500, ge=0, le=60_000, description="how long somebody who is no longer seen stays hidden")
    badges: tuple[Annotated[int, Field(ge=0, le=LAST)], ...] = Field(
        default=(), max_length=50, description="numbers of markers (ArUco 6x6_250) whose wearers are shown while the marker is seen"
    )
    zones: tuple[ZoneSettings, ...] = Field(
        default=(), max_length=32, description="polygons: always covered, never detected, or of people who agreed"
    )

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


class VisitorSettings(Options):
    """A further token for the proxy's own HTTP, one `[[control.visitors]]` table each."""

    token: Secret = Field(description="what the visitor presents: `env:NAME` or `file:PATH`")
    role: Role = Field(
        default=Role.VIEWER, description="`viewer` looks, `operator` covers and uncovers too, `admin` changes settings too"
    )
    until: AwareDatetime | None = Field(default=None, description="when it ceases to be known, for example `2027-01-31T18:00:00Z`")

    @field_validator("token")
    @classmethod
    def _long_enough(cls, token: SecretStr) -> SecretStr:
        if len(token.get_secret_value()) < SHORT_TOKEN:
            raise _refusal(f"needs at least {SHORT_TOKEN} characters; openssl rand -hex 16 makes one")
        return token


class ControlSettings(Options):
    """The proxy's own HTTP: preview, HLS, status, metrics."""

    enabled: bool = Field(default=True, description="whether there is any")
    host: str = Field(default="127.0.0.1", min_length=1, description="address to listen on")
    port: int = Field(default=8080, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    token: Secret | None = Field(default=None, description="asked of every visitor; required on any host but this machine's own")
    visitors: tuple[VisitorSettings, ...] = Field(default=(), description="further tokens, each with what it may do")
    preview: bool = Field(default=True, description="show the anonymised picture in a browser")
    hls: bool = Field(default=True, description="serve the HLS sinks' folders")
    tls_cert: Path | None = Field(default=None, description="serve HTTPS with this certificate and its chain, PEM")
    tls_key: Path | None = Field(default=None, description="the certificate's private key, PEM")

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach it."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @model_validator(mode="after")
    def _open_only_with_a_token(self) -> ControlSettings:
        if self.enabled and not self.loopback and not self.visitors and not (self.token and self.token.get_secret_value()):
            raise _refusal("a host that others can reach needs a token as well", field="token")
        return self

    @model_validator(mode="after")
    def _both_halves(self) -> ControlSettings:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise _refusal("tls_cert and tls_key belong together", field="tls_key" if self.tls_cert else "tls_cert")
        return self


class LogFormat(StrEnum):
    """The shape of a log line."""

    TEXT = "text"
    JSON = "json"


class LogSettings(Options):
    """What is said on standard error."""

    level: Level = Field(default=Level.INFO, description="the least weight that is still said")
    format: LogFormat = Field(default=LogFormat.TEXT, description="`text` is key=value lines, `json` one object a line")


class Settings(Options):
    """Everything that `veilcast run` needs to know."""

    model_config = ConfigDict(loc_by_alias=False)

    cameras: tuple[CameraSettings, ...] = Field(
        default=(), validation_alias=AliasChoices("camera", "cameras"), description="the cameras, one `[[camera]]` table each"
    )
    control: ControlSettings = Field(default=ControlSettings(), description="the proxy's own HTTP")
    log: LogSettings = Field(default=LogSettings(), description="what is said on standard error")
    state: Path | None = Field(
        default=None,
        description="the folder that remembers covers and history; systemd's state folder, else FILE.state beside the settings",
    )
    isolation: Literal["process", "none"] = Field(
        default="process", description="`process` gives each camera its own process, so that a crash harms one camera only"
    )

    @model_validator(mode="after")
    def _names_differ(self) -> Settings:
        if not self.cameras and not self.control.enabled:
            raise _refusal("needs at least one [[camera]]", field="cameras")
        names = [camera.name for camera in self.cameras]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise _refusal(f'each camera needs a name of its own, and "{twice[0]}" stands more than once', field="cameras")
        return self

    @model_validator(mode="after")
    def _webrtc_fits(self) -> Settings:
        for number, camera in enumerate(self.cameras):
            if camera.encoding.codec is not VideoCodec.H264 and any(isinstance(sink, whip_sink.Options) for sink in camera.sinks):
                raise _refusal("must be h264, which is what WHIP carries", field=f"cameras.{number}.encoding.codec")
            for kind, name in ((whep_sink.Options, "whep"), (mjpeg_sink.Options, "mjpeg")):
                met = [sink for sink in camera.sinks if isinstance(sink, kind)]
                if len(met) > 1:
                    raise _refusal(f"a camera has one address for viewers: name {name} once", field=f"cameras.{number}.sinks")
                if met and not self.control.enabled and not met[0].door:
                    raise _refusal(f"{name} is answered by the proxy's own HTTP, which is off", field=f"cameras.{number}.sinks")
            if isinstance(camera.source, whip_source.Options) and not self.control.enabled and not camera.source.door:
                raise _refusal("whip is answered by the proxy's own HTTP, which is off", field=f"cameras.{number}.source")
        return self

    @model_validator(mode="after")
    def _somebody_watches(self) -> Settings:
        if not (self.control.enabled and self.control.preview):
            blind = [str(number) for number, camera in enumerate(self.cameras) if not camera.sinks]
            if blind:
                raise _refusal("needs at least one sink while the preview is off", field=f"cameras.{blind[0]}.sinks")
        return self


def load(path: Path) -> Settings:
    """The settings in the TOML file at ``path``.

    Raises:
        ConfigError: the file cannot be read, or is not what the schema asks for; ``problems`` lists everything found.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}", hint="check its path and permissions") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problem = f"{path}: not valid TOML" + (f": {error}" if isinstance(error, tomllib.TOMLDecodeError) else "")
        raise ConfigError(problem, problems=(problem,), hint="see docs/settings.md for an example") from None
    return compose(tables, origin=str(path))


def compose(tables: Mapping[str, object], *, origin: str) -> Settings:
    """The settings in ``tables``, as a TOML file nests them; ``origin`` says in errors where they stand.

    Raises:
        ConfigError: they are not what the schema asks for; ``problems`` lists everything found.
    """
    try:
        return Settings.model_validate(tables)
    except ValidationError as error:
        problems = tuple(problems_of(error))
    count = f"{len(problems)} problems" if len(problems) > 1 else "a problem"
    raise ConfigError(f"{count} in {origin}", problems=problems, hint="docs/settings.md names every setting")


def problems_of(error: ValidationError) -> list[str]:
    """Each problem as ``cameras.0.source.url: what is wrong``, without what was typed."""
    found = error.errors(include_input=False, include_url=False)
    places = [problem["loc"] for problem in found]

    def follows(problem: ErrorDetails) -> bool:
        """Whether a list is too short only because what stands in it is wrong."""
        place = problem["loc"]
        return problem["type"] == "too_short" and any(len(other) > len(place) and other[: len(place)] == place for other in places)

    return [_line(problem) for problem in found if not follows(problem)]


def _line(problem: ErrorDetails) -> str:
    path = [str(step) for step in _without_tags(problem["loc"])]
    context = problem.get("ctx", {})
    if context.get("field"):
        path.append(str(context["field"]))
    message = "unknown setting" if problem["type"] == "extra_forbidden" else problem["msg"].removeprefix("Value error, ")
    return redact(": ".join(part for part in (".".join(path), message[:1].lower() + message[1:]) if part)).replace("\n", " ")


def _without_tags(steps: Iterable[str | int]) -> list[str | int]:
    """``steps`` without the plugin types that pydantic puts behind ``source`` and behind each sink's number."""
    kept: list[str | int] = []
    for step in steps:
        behind_source = kept[-1:] == ["source"]
        behind_sink = len(kept) > 1 and kept[-2] == "sinks" and isinstance(kept[-1], int)
        if not (isinstance(step, str) and (behind_source or behind_sink) and step in {*SOURCES, *SINKS}):
            kept.append(step)
    return kept


def warnings(settings: Settings) -> list[str]:
    """What is allowed and still worth a thought, one line each."""
    said = [f"{camera.name}: {line}" for camera in settings.cameras for line in _weaknesses(camera)]
    control = settings.control
    if control.enabled and not control.loopback and control.tls_cert is None:
        said.append("control: token and preview travel unencrypted; set tls_cert and tls_key, or listen on 127.0.0.1")
    if control.enabled and control.token and len(control.token.get_secret_value()) < SHORT_TOKEN:
        said.append(
            f"control: a token of less than {SHORT_TOKEN} characters can be guessed; openssl rand -hex 16 makes one that cannot"
        )
    return said


def _weaknesses(camera: CameraSettings) -> Iterator[str]:
    privacy = camera.privacy
    if privacy.method.reversible:
        yield f"{privacy.method} is reversible: published attacks recover people from it; silhouette and solid resist them"
    if Target.BODY not in privacy.targets:
        yield "bodies stay visible: clothes and gait identify people too"
    if not {Target.HEAD, Target.BODY} & set(privacy.targets):
        yield "only faces are looked for: a head seen from behind, or too small for a face, stays visible"
    if privacy.badges:
        yield "whoever wears one of the badges is shown unhidden while it is seen, and anybody can print one"
    for zone in privacy.zones:
        if zone.kind is not ZoneKind.COVERED:
            yield f"whoever is in the {zone.kind} zone {zone.name or 'without a name'} is shown unhidden"
    yield from _open_doors(camera)
    if camera.audio is AudioPolicy.PASS:
        yield "sound passes unchanged: voices identify people"
    if camera.audio is AudioPolicy.DISGUISE:
        yield "disguised voices are still understood, and who has disguised samples of them tells them apart"


def _open_doors(camera: CameraSettings) -> Iterator[str]:
    """Ends at which anybody may call, or answer in place of the camera."""
    ends: list[tuple[str, AnySource | AnySink]] = [("source", camera.source), *(("sink", sink) for sink in camera.sinks)]
    for kind, end in ends:
        if isinstance(end, rtsp.Options | rtmp_source.Options) and not end.verify:
            yield f"{kind}: no certificate is checked: somebody between could send another picture"
        if isinstance(end, srt_source.Options | srt_sink.Options):
            address = end.address()
            if address.listener and not address.passphrase:
                yield f"{kind} {address.name} has no passphrase: whoever reaches the port may call"


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
