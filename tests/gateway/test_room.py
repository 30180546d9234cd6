"""The page over HTTP: who gets it, and what a page of another origin cannot do with a visitor's token."""

from dataclasses import dataclass

import pytest
from aiohttp import encode_basic_auth, web
from aiohttp.test_utils import TestClient, TestServer

from proxy.gateway.api import Api, Role
from proxy.gateway.room import Room
from proxy.gateway.whip import Whip
from proxy.telemetry.status import StatusBoard
from tests.gateway.gates import gate, registered
from tests.gateway.test_api import TOKENS, VIEWER

TOKEN = next(token for token, role in TOKENS.items() if role is Role.OPERATOR)
OPERATOR = {"Authorization": encode_basic_auth("any", TOKEN)}


@dataclass
class File:
    body: bytes
    kind: str


@pytest.fixture
async def client(tmp_path):
    made, _, _ = gate(tmp_path)
    registered(made, "door")

    async def watch(request, camera):
        return web.Response(text=f"{request.method} {camera}")

    files = {"index.html": File(b"<p>page", "text/html; charset=utf-8"), "a.js": File(b"1", "text/javascript")}
    room = Room(lambda: {"cameras": []}, files, watch)
    api = Api(made, StatusBoard(()), bytes, TOKENS, frozenset(), Whip(made, None), room=room)
    served = TestClient(TestServer(api.application()))
    await served.start_server()
    yield served
    await served.close()


async def test_a_browser_is_asked_for_a_token_and_gets_the_page_with_it(client):
    answer = await client.get("/")
    assert (answer.status, answer.headers["WWW-Authenticate"].split()[0]) == (401, "Basic")
    answer = await client.get("/", headers=OPERATOR)
    assert (answer.status, await answer.text()) == (200, "<p>page")
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert (await client.get("/static/a.js", headers=OPERATOR)).status == 200
    for name in ("b.js", "..%2fapi.py", "index.html%00"):
        assert (await client.get(f"/static/{name}", headers=OPERATOR)).status == 404
    assert (await client.get("/static/a.js", headers={"Authorization": "Basic nonsense!"})).status == 401


async def test_the_page_is_told_its_visitors_role(client):
    assert (await (await client.get("/api/cameras", headers=OPERATOR)).json()) == {"cameras": [], "role": "operator"}
    assert (await (await client.get("/api/cameras", headers=VIEWER)).json())["role"] == "viewer"
    assert (await client.get("/api/cameras")).status == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
    ],
)
async def test_what_a_browser_sends_by_itself_changes_nothing_for_a_page_of_another_origin(client, headers, status):
    answer = await client.put("/api/switches/all/all", json={"action": "cover"}, headers=OPERATOR | headers)
    assert answer.status == status
    own = {"Origin": str(client.make_url("/")).rstrip("/")}
    assert (await client.put("/api/switches/all/all", json={"action": "cover"}, headers=OPERATOR | own)).status == 200
    if status == 403:
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        assert (await client.put("/api/switches/all/all", json={"action": "cut"}, headers=bearer | headers)).status == 200


async def test_viewers_are_passed_on_to_the_camera_s_process(client):
    same = {"Sec-Fetch-Site": "same-origin"}
    for method, path in (("POST", "/whep/door"), ("PATCH", "/whep/door/1"), ("DELETE", "/whep/door/1")):
        answer = await client.request(method, path, headers=OPERATOR | same)
        assert (answer.status, await answer.text()) == (200, f"{method} door")
    assert (await client.post("/whep/door")).status == 401
