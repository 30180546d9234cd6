"""Bodies are small, exact JSON."""

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from proxy.control.operations import CoverBody, read


@pytest.mark.parametrize("body", ["", "{}", "[]", '{"covered": "yes"}', '{"covered": 1}', '{"covered": true, "x": 1}', "\x00"])
async def test_a_body_that_is_something_else_is_refused_without_being_repeated(body):
    async def take(request):
        return web.json_response({"covered": (await read(request, CoverBody)).covered})

    app = web.Application()
    app.router.add_post("/", take)
    async with TestClient(TestServer(app)) as client:
        answer = await client.post("/", data=body)
        assert answer.status == 400
        assert "yes" not in await answer.text()
        assert (await (await client.post("/", data='{"covered": true}')).json()) == {"covered": True}
