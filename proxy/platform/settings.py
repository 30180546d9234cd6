"""What gateway.toml holds. Privacy, compression, signs and proof are the same settings as a camera's."""

from __future__ import annotations

import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Final

from pydantic import Field, JsonValue, SecretStr, ValidationError, model_validator

from proxy.attestation.minimum import Minimum
from proxy.detectors.openvino_runtime import Device
from proxy.encoding.options import Options as EncodingSettings
from proxy.errors import ConfigError
from proxy.gateway.admission import Admission
from proxy.options import Options
from proxy.platform.auditor import Order as AuditOrder
from proxy.platform.relay import Order
from proxy.platform.srt_door import Order as DoorOrder
from proxy.settings.camera import AttestationSettings, CameraSettings, PrivacySettings, refuse_signed_av1
from proxy.settings.plugins import AnySource
from proxy.settings.problems import problems_of
from proxy.settings.secrets import Secret
from proxy.settings.service import LogSettings
from proxy.settings.serving import ServingSettings
from proxy.signs.options import Options as SignSettings
from proxy.sinks import rtmp as rtmp_sink
from proxy.sources import rtmp as rtmp_source
from proxy.voices.policy import AudioPolicy

SHORTEST_TOKEN: Final = 16


class HttpSettings(ServingSettings):
    """The gateway's HTTP: the ingest's hooks, the API and the page."""

    port: int = Field(default=8090, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    hooks_port: int | None = Field(
        default=None,
        ge=0,
        le=65535,
        description="a further port of 127.0.0.1 at which the hooks alone are heard, without TLS; needed beside `tls_cert`",
    )
    hooks_from: tuple[str, ...] = Field(default=("127.0.0.1", "::1"), description="addresses from which the ingest calls its hooks")
    viewer: Secret | None = Field(default=None, description="token of those who may look")
    operator: Secret | None = Field(default=None, description="token of those who may cut and cover as well")
    whip: bool = Field(default=True, description="take publishers over WebRTC too, at `/whip/CAMERA`")
    whip_addresses: tuple[str, ...] = Field(
        default=(), description="this machine's own IP addresses on which WebRTC media travels; unset: that of `host`"
    )
    page: bool = Field(default=True, description="serve the web app at `/`")
    live: bool = Field(default=True, description="show what leaves of streams that are anonymised here, over WebRTC (H.264)")
    admin: Secret = Field(description="token of those who may register and revoke publishers as well")

    @model_validator(mode="after")
    def _hooks_are_heard(self) -> HttpSettings:
        if self.tls_cert is not None and self.hooks_port is None:
            raise ValueError("tls_cert needs hooks_port as well: nginx-rtmp calls its hooks without TLS")
        return self

    @model_validator(mode="after")
    def _tokens_are_long_and_differ(self) -> HttpSettings:
        tokens = [token.get_secret_value() for token in (self.viewer, self.operator, self.admin) if token is not None]
        if any(len(token) < SHORTEST_TOKEN for token in tokens):
            raise ValueError(f"a token has at least {SHORTEST_TOKEN} characters")
        if len(set(tokens)) < len(tokens):
            raise ValueError("each role needs a token of its own")
        return self


class ProofSettings(Options):
    """What is asked of streams that are sent on because they are proven."""

    trust: Path | None = Field(default=None, description="the public keys that are trusted, JSON; needed for `verify`")
    policy: Path | None = Field(default=None, description="the least policy that is taken, TOML")
    max_age_s: float = Field(default=60.0, gt=0, le=3600, description="how long ago pictures may have been signed")
    patience_s: float = Field(
        default=10.0, ge=1, le=300, description="nothing proven for so long, longer than any group: anonymised here"
    )


class SrtSettings(Options):
    """A door for publishers by SRT, who are sent on to the ingest."""

    listen: str | None = Field(default=None, description="where to listen, `srt://0.0.0.0:9000?mode=listener`; unset: nowhere")
    passphrase: Secret | None = Field(default=None, description="asked of every caller, and encrypts")


class Audited(StrEnum):
    """Which streams somebody else's detector looks at."""

    PROVEN = "proven"
    ALL = "all"
    NONE = "none"


class WhenBlind(StrEnum):
    """What becomes of a proven stream at which nobody can look."""

    ANONYMISE = "anonymise"
    GO_ON = "go-on"


class AuditSettings(Options):
    """A second opinion on what is sent on, by a detector that hides nothing."""

    of: Audited = Field(default=Audited.PROVEN, description="which streams: `proven`, `all`, `none`")
    play: Secret | None = Field(default=None, description="where viewers play, `rtmp://…/live`; `publish` if unset")
    every_ms: int = Field(default=250, ge=50, le=10_000, description="how far apart the pictures are that are looked at")
    cpu_share: float = Field(default=0.3, ge=0.05, le=1.0, description="the most of one processor that one stream's audit takes")
    long_side: int = Field(default=640, ge=320, le=1920, description="longer side of the pictures as they are looked at, pixels")
    blind_s: float = Field(default=20.0, ge=5, le=600, description="nobody could look for so long: the ledger says so")
    when_blind: WhenBlind = Field(
        default=WhenBlind.ANONYMISE, description="what then becomes of a proven stream: `anonymise` it here, or let it `go-on`"
    )


class GatewaySettings(Options):
    """Everything that `veilcast gateway` needs to know."""

    folder: Path = Field(description="where its database lies; made where there is none")
    key: Path = Field(description="the key that signs the ledger; `veilcast keys init FILE` makes it")
    pull: Secret = Field(
        description="where the ingest plays what is published: `rtmp://127.0.0.1/ingest`, closed to everybody else"
    )
    publish: Secret = Field(description="where admitted streams go: `rtmp://127.0.0.1/live`, where only the gateway may publish")
    admission: Admission = Field(
        default=Admission.ANONYMISE,
        description="what becomes of publishers for whom nothing else was said: `anonymise`, `verify`, `reject`",
    )
    proof: ProofSettings = Field(default=ProofSettings(), description="what is asked of streams that are proven")
    audit: AuditSettings = Field(default=AuditSettings(), description="a second opinion on what is sent on")
    lost_after_s: float = Field(default=30.0, ge=5, le=3600, description="a stream of which nothing comes for so long has ended")
    retention_days: int = Field(
        default=365, ge=1, le=36_500, description="how long the ledger's rows are kept, to the end of the day"
    )
    http: HttpSettings = Field(description="the gateway's HTTP")
    srt: SrtSettings = Field(default=SrtSettings(), description="a door for publishers by SRT")
    privacy: PrivacySettings = Field(default=PrivacySettings(), description="what is hidden, and how")
    encoding: EncodingSettings = Field(default=EncodingSettings(), description="how pictures are compressed")
    attestation: AttestationSettings = Field(default=AttestationSettings(), description="proof of what leaves the gateway")
    signs: SignSettings = Field(default=SignSettings(), description="what is written into pictures")
    audio: AudioPolicy = Field(default=AudioPolicy.SILENCE, description="what becomes of sound, as for a camera")
    device: Device = Field(default=Device.AUTO, description="which hardware looks for people")
    threads: int = Field(default=1, ge=1, le=64, description="processor threads of one look")
    log: LogSettings = Field(default=LogSettings(), description="what is said on standard error")

    @model_validator(mode="after")
    def _addresses_lead_somewhere(self) -> GatewaySettings:
        pull, publish = self.pull.get_secret_value().rstrip("/"), self.publish.get_secret_value().rstrip("/")
        try:
            for url in (self.pull, self.audit.play or self.publish):
                _names_an_application(url)
            rtmp_sink.Options(url=SecretStr(publish), key=SecretStr("name")).address()
        except ConfigError as error:
            raise ValueError(f"pull, publish and audit.play are RTMP applications: {error.hint}") from None
        if self.admission is Admission.VERIFY and self.proof.trust is None:
            raise ValueError("admission verify needs proof.trust, the keys that are trusted")
        if not pull.startswith("rtmp://"):
            raise ValueError("pull is an address that begins with rtmp://")
        if pull == publish:
            raise ValueError("pull and publish are different applications: what is published must not be seen as it came")
        return self

    @model_validator(mode="after")
    def _can_be_signed(self) -> GatewaySettings:
        refuse_signed_av1(self.encoding, self.attestation)
        return self

    @model_validator(mode="after")
    def _door_can_be_opened(self) -> GatewaySettings:
        try:
            address = None if self.srt.listen is None else self.srt_door("").address()
        except ConfigError as error:
            raise ValueError(error.message) from None
        if address is not None and not address.listener:
            raise ValueError("srt.listen: expected mode=listener")
        return self

    def srt_door(self, hook: str) -> DoorOrder:
        """How publishers by SRT are taken, and whom to ask about them."""
        passphrase = "" if self.srt.passphrase is None else self.srt.passphrase.get_secret_value()
        return DoorOrder(listen=self.srt.listen or "", passphrase=passphrase, hook=hook, ingest=self.pull.get_secret_value())

    def policy(self) -> dict[str, JsonValue]:
        """By what people are hidden here, and what is asked of those who hide them elsewhere, for the ledger."""
        asked = None if self.proof.policy is None else Minimum.load(self.proof.policy).model_dump(mode="json")
        if asked is not None:
            asked = {name: sorted(value) if isinstance(value, list) else value for name, value in asked.items()}
        return {
            "admission": self.admission.value,
            "privacy": self.privacy.model_dump(mode="json"),
            "audio": self.audio.value,
            "signs": self.signs.model_dump(mode="json"),
            "asked_of_proof": asked,
            "audit": self.audit.model_dump(mode="json", exclude={"play"}),
        }

    def ingest(self, name: str) -> str:
        """Where the ingest plays what is published as ``name``."""
        return f"{self.pull.get_secret_value().rstrip('/')}/{name}"

    def relay(self, name: str, address: str | None = None) -> Order:
        """How the stream of camera ``name``, fetched at ``address`` or at the ingest, is sent on where it is proven.

        Raises:
            ConfigError: no keys are trusted.
        """
        if self.proof.trust is None:
            raise ConfigError("admission verify needs proof.trust", hint="name the keys that are trusted under [proof]")
        return Order(
            name=name,
            source=address or self.ingest(name),
            publish=self.publish.get_secret_value(),
            trust=self.proof.trust,
            minimum=self.proof.policy,
            max_age_ms=round(self.proof.max_age_s * 1000),
            patience_s=self.proof.patience_s,
            signs=self.signs,
        )

    def audited(self, name: str) -> AuditOrder:
        """How whoever audits looks at the stream of camera ``name``."""
        return AuditOrder(
            name=name,
            play=(self.audit.play or self.publish).get_secret_value(),
            every_ms=self.audit.every_ms,
            cpu_share=self.audit.cpu_share,
            long_side=self.audit.long_side,
        )

    def camera(self, name: str, source: AnySource) -> CameraSettings:
        """How the stream of camera ``name``, which comes from ``source``, is anonymised and sent on."""
        return CameraSettings.model_validate(
            {
                "name": name,
                "source": source,
                "sinks": (rtmp_sink.Options(url=self.publish, key=SecretStr(name)),),
                **{
                    key: getattr(self, key) for key in ("privacy", "encoding", "attestation", "signs", "audio", "device", "threads")
                },
            }
        )


def _names_an_application(url: SecretStr) -> None:
    """Refuse an address that is no RTMP application.

    Raises:
        ConfigError: it is none.
    """
    rtmp_source.Options.from_url(f"{url.get_secret_value().rstrip('/')}/name")


def load(path: Path) -> GatewaySettings:
    """The settings in the TOML file at ``path``.

    Raises:
        ConfigError: the file cannot be read, or is not what the schema asks for; ``problems`` lists everything found.
    """
    try:
        return GatewaySettings.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}", hint="check its path and permissions") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise ConfigError(f"{path}: not valid TOML", hint="docs/gateway.md has an example") from None
    except ValidationError as error:
        problems = tuple(problems_of(error))
    count = f"{len(problems)} problems" if len(problems) > 1 else "a problem"
    raise ConfigError(f"{count} in {path}", problems=problems, hint="docs/gateway.md has an example")
