"""What the HTTP may ask of the service, and the bodies of such requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

B = TypeVar("B", bound=BaseModel)


class Covering(Protocol):
    """The panic button."""

    @property
    def everything(self) -> bool:
        """Whether every camera is covered, those to come too."""
        ...

    def covered(self, camera: str) -> bool:
        """Whether ``camera`` is covered by an operator."""
        ...

    def cover(self, camera: str | None, *, covered: bool) -> bool:
        """Cover ``camera``, ``None`` for all of them, or no longer; returns whether a restart remembers it."""
        ...

    async def settled(self) -> None:
        """Return, in less than half a second, when nothing leaves of what is covered."""
        ...


class Body(BaseModel):
    """The body of a request: JSON, and nothing in it that is not known."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class CoverBody(Body):
    """What is asked of the panic button."""

    covered: bool


async def read(request: web.Request, kind: type[B]) -> B:
    """The body of ``request``.

    Raises:
        web.HTTPBadRequest: it is something else.
    """
    try:
        return kind.model_validate_json(await request.read())
    except ValidationError as error:
        places = ", ".join(".".join(map(str, one["loc"])) or "body" for one in error.errors(include_input=False, include_url=False))
        raise web.HTTPBadRequest(text=f"not understood: {places}\n") from None


class OnvifBody(Body):
    """A camera that is asked over ONVIF: its host, and a user of its own where it asks for one."""

    camera: str = Field(min_length=1, max_length=300)
    user: str = Field(default="", max_length=100)
    password: str = Field(default="", max_length=200)
    profile: str = Field(default="", max_length=200)


class SourceBody(Body):
    """Where a camera is: an address with a user, or what ONVIF says of it."""

    url: str = Field(default="", max_length=2000)
    user: str = Field(default="", max_length=100)
    password: str = Field(default="", max_length=200)
    onvif: OnvifBody | None = None


class SinkBody(Body):
    """A destination: one that is kept, by its number, or an address with a key."""

    keep: int | None = Field(default=None, ge=0)
    url: str = Field(default="", max_length=2000)
    key: str = Field(default="", max_length=1000)


class ZoneBody(Body):
    """A zone as it was drawn."""

    kind: str
    points: list[tuple[float, float]] = Field(min_length=3, max_length=64)
    name: str = ""
    who: str = ""
    until: str | None = None


class PrivacyBody(Body):
    """What is hidden, and how; what is not named stays as it is."""

    method: str | None = None
    mosaic_cells: int | None = None
    blur_percent: int | None = None
    accuracy: str | None = None
    targets: list[str] | None = None
    zones: list[ZoneBody] | None = Field(default=None, max_length=32)

    def changes(self) -> dict[str, object]:
        """What is named, as settings spell it."""
        return self.model_dump(mode="json", exclude_none=True)


class ChangeBody(Body):
    """What is changed of a camera; what is not named stays as it is."""

    source: SourceBody | None = None
    sinks: list[SinkBody] | None = Field(default=None, max_length=16)
    privacy: PrivacyBody = PrivacyBody()


class CameraBody(ChangeBody):
    """A camera that is added."""

    name: str


class TrialBody(Body):
    """A camera that is tried out: one that runs, or one that does not yet, with other settings."""

    camera: str | None = None
    source: SourceBody | None = None
    privacy: PrivacyBody = PrivacyBody()


class Workshop(Protocol):
    """Who changes settings. Every method may raise ``VeilcastError``: nothing was changed then."""

    def view(self) -> Mapping[str, object]:
        """The settings without their secrets, and what can be chosen."""
        ...

    async def add(self, asked: CameraBody) -> None:
        """Write a camera into the settings, and run it."""
        ...

    async def change(self, camera: str, asked: ChangeBody) -> None:
        """Write other settings of ``camera``, and run it anew with them."""
        ...

    async def remove(self, camera: str) -> None:
        """Take ``camera`` out of the settings, and stop it."""
        ...

    async def undo(self) -> None:
        """Let the settings be what they were before the last change; again, and they are as after it."""
        ...

    async def try_out(self, asked: TrialBody) -> str:
        """Show a camera for a while as it would be; returns under which name."""
        ...

    async def end_trial(self, name: str) -> None:
        """Stop what is tried out under ``name``."""
        ...

    async def discover(self) -> list[dict[str, str]]:
        """Cameras on this network."""
        ...

    async def meet(self, asked: OnvifBody) -> Mapping[str, object]:
        """What one camera says of itself, and its streams."""
        ...
