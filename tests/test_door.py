"""A door into a process is open to its user only, and gone when it closes."""

from __future__ import annotations

import stat
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from proxy.door import opened
from tests.peers.webrtc import http


def application() -> web.Application:
    async def hello(_request: web.Request) -> web.Response:
        return web.Response(text="here")

    app = web.Application()
    app.router.add_get("/", hello)
    return app


def left_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def ask(door: Path) -> str:
    async with http(door) as client, client.get("/") as answer:
        return await answer.text()


async def test_it_answers_while_it_is_open_and_to_nobody_else(tmp_path: Path) -> None:
    door = tmp_path / "door"
    async with opened(door, application()):
        assert await ask(door) == "here"
        assert stat.S_IMODE(door.stat().st_mode) == 0o600
    assert left_in(tmp_path) == []
    with pytest.raises(aiohttp.ClientError):
        await ask(door)


async def test_what_an_earlier_run_left_is_no_hindrance(tmp_path: Path) -> None:
    door = tmp_path / "door"
    door.write_text("left behind")
    async with opened(door, application()):
        assert await ask(door) == "here"


async def test_a_place_that_cannot_be_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"."):
        async with opened(tmp_path / "missing" / "door", application()):
            pass
    with pytest.raises(OSError, match="too long"):
        async with opened(tmp_path / ("x" * 120), application()):
            pass
