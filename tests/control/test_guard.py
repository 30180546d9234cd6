"""Who gets in, and how far: roles, pages of other origins, floods of refusals."""

from datetime import UTC, datetime

import pytest
from aiohttp.test_utils import TestClient, TestServer

from proxy.control.refusals import Refusals
from proxy.control.roles import Grant, Role
from proxy.control.server import Control
from proxy.telemetry.status import StatusBoard

TOKENS = (
    Grant("viewer-token-0123", Role.VIEWER),
    Grant("operator-token-01", Role.OPERATOR),
    Grant("expired-token-012", Role.ADMIN, datetime(2020, 1, 1, tzinfo=UTC)),
)


class Button:
    """A panic button that notes how it was pressed."""

    everything = False

    def __init__(self):
        self.pressed = []
        self.settled_at = []

    def covered(self, camera):
        return (camera, True) in self.pressed

    def cover(self, camera, *, covered):
        self.pressed.append((camera, covered))
        return True

    async def settled(self):
        self.settled_at.append(len(self.pressed))


@pytest.fixture
async def serve():
    """A function that serves a control with grants or none; returns a client, the button, and the refusals that were said."""
    clients = []

    async def start(grants=()):
        button, said = Button(), []
        refusals = Refusals(lambda *line: said.append(line))
        control = Control(StatusBoard(("door",)), {}, lambda: b"", grants=grants, covering=button, refusals=refusals)
        client = TestClient(TestServer(control.application()))
        await client.start_server()
        clients.append(client)
        return client, button, said

    yield start
    for client in clients:
        await client.close()


def bearing(token):
    return {"Authorization": f"Bearer {token}"}


async def test_the_panic_button_takes_an_operator(serve):
    client, button, _ = await serve(TOKENS)
    for path in ("/api/cover", "/api/cameras/door/cover"):
        press = {"json": {"covered": True}}
        assert (await client.post(path, **press)).status == 401
        assert (await client.post(path, headers=bearing("viewer-token-0123"), **press)).status == 403
        answer = await client.post(path, headers=bearing("operator-token-01"), **press)
        assert await answer.json() == {"covered": True, "kept": True}
    assert button.pressed == [(None, True), ("door", True)]
    assert button.settled_at == [1, 2], "each was answered once it was done"
    viewed = await (await client.get("/api/cameras", headers=bearing("viewer-token-0123"))).json()
    assert viewed["role"] == "viewer"
    assert viewed["cameras"][0]["covered_by_operator"]


async def test_a_role_that_has_expired_is_refused_and_told_why(serve):
    client, _, _ = await serve(TOKENS)
    answer = await client.get("/api/cameras", headers=bearing("expired-token-012"))
    assert (answer.status, await answer.text()) == (401, "this token has expired\n")


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
    ],
)
async def test_a_page_of_another_origin_presses_no_button_also_without_a_token(serve, headers):
    client, button, _ = await serve()
    for path in ("/api/cover", "/api/cameras/door/cover"):
        answer = await client.post(path, data='{"covered": true}', headers={"Content-Type": "application/json"} | headers)
        assert answer.status in (403, 415)
    assert button.pressed == []


async def test_the_page_itself_may_press_it(serve):
    client, button, _ = await serve()
    own = {"Origin": f"http://{client.host}:{client.port}", "Sec-Fetch-Site": "same-origin"}
    assert (await client.post("/api/cover", json={"covered": True}, headers=own)).status == 200
    assert button.pressed == [(None, True)]


async def test_cameras_that_are_not_there_and_bodies_that_are_none_are_refused(serve):
    client, button, _ = await serve()
    assert (await client.post("/api/cameras/attic/cover", json={"covered": True})).status == 404
    assert (await client.post("/api/cover", json={"covered": "yes"})).status == 400
    assert (await client.post("/api/cover", data=b"x" * 100_000, headers={"Content-Type": "application/json"})).status == 413
    assert button.pressed == []


async def test_refusals_are_said_once(serve):
    client, _, said = await serve(TOKENS)
    for _ in range(5):
        await client.get("/api/cameras")
    assert said == [("127.0.0.1", "a token is needed", 1)]
