"""The settings of the proxy's own HTTP: where it listens, and who may do what."""

from __future__ import annotations

from typing import Final

from pydantic import AwareDatetime, Field, SecretStr, field_validator, model_validator

from proxy.control.roles import Role
from proxy.options import Options
from proxy.settings.problems import refusal
from proxy.settings.secrets import Secret
from proxy.settings.serving import ServingSettings

SHORT_TOKEN: Final = 16


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
            raise refusal(f"needs at least {SHORT_TOKEN} characters; openssl rand -hex 16 makes one")
        return token


class ControlSettings(ServingSettings):
    """The proxy's own HTTP: preview, HLS, status, metrics."""

    enabled: bool = Field(default=True, description="whether there is any")
    port: int = Field(default=8080, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    token: Secret | None = Field(default=None, description="asked of every visitor; required on any host but this machine's own")
    visitors: tuple[VisitorSettings, ...] = Field(default=(), description="further tokens, each with what it may do")
    preview: bool = Field(default=True, description="show the anonymised picture in a browser")
    hls: bool = Field(default=True, description="serve the HLS sinks' folders")

    @model_validator(mode="after")
    def _open_only_with_a_token(self) -> ControlSettings:
        if self.enabled and not self.loopback and not self.visitors and not (self.token and self.token.get_secret_value()):
            raise refusal("a host that others can reach needs a token as well", field="token")
        return self
