"""Settings over HTTP: what they are, without secrets; cameras added, changed, removed, tried out; the last change undone."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from proxy.control.operations import CameraBody, ChangeBody, OnvifBody, TrialBody, Workshop, read
from proxy.control.roles import Role
from proxy.control.rows import row
from proxy.errors import ConfigError, VeilcastError
from proxy.telemetry.status import StatusBoard

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
NEEDS: Final = {"settings": Role.ADMIN, "discover": Role.ADMIN, "trial": Role.ADMIN}
"""The role that a route asks for, by its name; what changes something asks for the highest anyway."""


@dataclass(frozen=True, slots=True)
class Bench:
    """The routes of the workshop.

    Args:
        workshop: does what is asked.
        trials: the status of what is tried out.
        doors: the ways into cameras' processes, by kind and name.
        touch: told that somebody still looks at a trial.
    """

    workshop: Workshop
    trials: StatusBoard
    doors: Mapping[tuple[str, str], object]
    touch: Callable[[str], None]

    def add_routes(self, app: web.Application) -> None:
        """Answer below ``/api``."""
        router = app.router
        router.add_get("/api/settings", _answered(self._settings), name="settings")
        router.add_post("/api/undo", _answered(self._undo))
        router.add_post("/api/cameras", _answered(self._add))
        router.add_put("/api/cameras/{camera}", _answered(self._change))
        router.add_delete("/api/cameras/{camera}", _answered(self._remove))
        router.add_post("/api/trials", _answered(self._try_out))
        router.add_get("/api/trials/{trial}", _answered(self._trial), name="trial")
        router.add_delete("/api/trials/{trial}", _answered(self._end))
        router.add_get("/api/discover", _answered(self._discover), name="discover")
        router.add_post("/api/meet", _answered(self._meet))

    async def _settings(self, _request: web.Request) -> web.Response:
        return _json(self.workshop.view())

    async def _undo(self, _request: web.Request) -> web.Response:
        await self.workshop.undo()
        return _json(self.workshop.view())

    async def _add(self, request: web.Request) -> web.Response:
        asked = await read(request, CameraBody)
        await self.workshop.add(asked)
        return _json({"camera": asked.name})

    async def _change(self, request: web.Request) -> web.Response:
        camera = request.match_info["camera"]
        await self.workshop.change(camera, await read(request, ChangeBody))
        return _json({"camera": camera})

    async def _remove(self, request: web.Request) -> web.Response:
        await self.workshop.remove(request.match_info["camera"])
        return _json({})

    async def _try_out(self, request: web.Request) -> web.Response:
        return _json({"trial": await self.workshop.try_out(await read(request, TrialBody))})

    async def _trial(self, request: web.Request) -> web.Response:
        name = request.match_info["trial"]
        status = self.trials.cameras.get(name)
        if status is None:
            raise web.HTTPNotFound(text="it is not tried out any more\n")
        self.touch(name)
        return _json(row(status, covered=False, whep=("whep", name) in self.doors))

    async def _end(self, request: web.Request) -> web.Response:
        await self.workshop.end_trial(request.match_info["trial"])
        return _json({})

    async def _discover(self, _request: web.Request) -> web.Response:
        return _json({"cameras": await self.workshop.discover()})

    async def _meet(self, request: web.Request) -> web.Response:
        return _json(await self.workshop.meet(await read(request, OnvifBody)))


def _answered(handler: Handler) -> Handler:
    """``handler``, with what goes wrong told to the visitor in words."""

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except VeilcastError as error:
            problems = error.problems if isinstance(error, ConfigError) else ()
            told = {"error": error.message, "hint": error.hint, "problems": problems}
            return web.json_response(told, status=422 if isinstance(error, ConfigError) else 502)

    return answer


def _json(told: Mapping[str, object]) -> web.Response:
    return web.json_response(told, dumps=lambda value: json.dumps(value, default=str))
