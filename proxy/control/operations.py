"""What the HTTP may ask of the service, and the bodies of such requests."""

from __future__ import annotations

from typing import Protocol, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

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
