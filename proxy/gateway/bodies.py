"""What the gateway's HTTP takes and gives, as schemas: checked at the door, and shown in the API's own description."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, SecretStr, TypeAdapter

from proxy.gateway.admission import Action, Admission

NAME = r"^[a-z0-9](?:[a-z0-9-]{0,62})$"
Name = Annotated[str, Field(pattern=NAME)]
Names: Final = TypeAdapter(Name)


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class PublisherBody(_Body):
    """A publisher: the cameras under whose names it may publish, and what becomes of them."""

    cameras: Annotated[tuple[Name, ...], Field(max_length=1000)]
    admission: Admission | None = None
    max_streams: Annotated[int, Field(ge=1, le=1000)] = 4


class PullBody(_Body):
    """Where a camera's stream is fetched: an RTSP address, with its user and password."""

    url: Annotated[SecretStr, Field(min_length=8, max_length=1000)]


class TokenBody(_Body):
    """A token; without ``expires_days`` it is good until it is revoked, without ``cameras`` for all of its publisher's."""

    expires_days: Annotated[float, Field(gt=0, le=3650)] | None = None
    cameras: Annotated[tuple[Name, ...], Field(min_length=1, max_length=1000)] | None = None


class SwitchBody(_Body):
    """What is to be done to a camera, a publisher or everything."""

    action: Action
