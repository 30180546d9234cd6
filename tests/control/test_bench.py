"""Settings over HTTP: for admins only, and what goes wrong is said in words."""

import pytest
from aiohttp.test_utils import TestClient, TestServer

from proxy.control.bench import Bench
from proxy.control.roles import Grant, Role
from proxy.control.server import Control
from proxy.errors import ConfigError, SourceUnreachable
from proxy.telemetry.status import StatusBoard

ADMIN, OPERATOR = "admin-token-01234", "operator-token-01"


class Shop:
    """A workshop that notes what it was asked."""

    def __init__(self):
        self.asked = []

    def view(self):
        return {"undo": False}

    async def add(self, asked):
        self.asked.append(asked.name)

    async def change(self, camera, asked):
        raise ConfigError("2 problems", problems=("a: wrong", "b: wrong"), hint="mend them")

    async def remove(self, camera):
        self.asked.append(camera)

    async def undo(self):
        self.asked.append("undo")

    async def try_out(self, asked):
        return "trial-1"

    async def end_trial(self, name):
        self.asked.append(name)

    async def discover(self):
        return [{"host": "192.0.2.1"}]

    async def meet(self, asked):
        raise SourceUnreachable("192.0.2.1: no answer", hint="check the address")


@pytest.fixture
async def client():
    shop, touched = Shop(), []
    bench = Bench(shop, StatusBoard(("trial-1",)), {("whep", "trial-1"): None}, touched.append)
    grants = (Grant(ADMIN), Grant(OPERATOR, Role.OPERATOR))
    control = Control(StatusBoard(()), {}, lambda: b"", grants=grants, bench=bench)
    async with TestClient(TestServer(control.application()), headers={"Authorization": f"Bearer {ADMIN}"}) as made:
        made.shop, made.touched = shop, touched
        yield made


ROUTES = [
    ("GET", "/api/settings", None),
    ("POST", "/api/undo", {}),
    ("POST", "/api/cameras", {"name": "door"}),
    ("DELETE", "/api/cameras/door", {}),
    ("POST", "/api/trials", {"camera": "door"}),
    ("GET", "/api/trials/trial-1", None),
    ("DELETE", "/api/trials/trial-1", {}),
    ("GET", "/api/discover", None),
]


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
async def test_each_route_takes_an_admin(client, method, path, body):
    sent = {} if body is None else {"json": body}
    refused = await client.request(method, path, headers={"Authorization": f"Bearer {OPERATOR}"}, **sent)
    assert refused.status == 403
    assert client.shop.asked == []
    assert (await client.request(method, path, **sent)).status == 200
    if body is not None:
        forged = {"Origin": "https://evil.example"}
        assert (await client.request(method, path, headers=forged, **sent)).status == 403


async def test_what_goes_wrong_is_said_in_words(client):
    answer = await client.put("/api/cameras/door", json={"privacy": {"method": "paint"}})
    assert (answer.status, await answer.json()) == (
        422,
        {"error": "2 problems", "hint": "mend them", "problems": ["a: wrong", "b: wrong"]},
    )
    answer = await client.post("/api/meet", json={"camera": "192.0.2.1"})
    assert (answer.status, (await answer.json())["hint"]) == (502, "check the address")
    assert (await client.put("/api/cameras/door", json={"sources": 1})).status == 400


async def test_a_trial_is_kept_while_somebody_looks(client):
    told = await (await client.get("/api/trials/trial-1")).json()
    assert (told["name"], told["whep"]) == ("trial-1", True)
    assert client.touched == ["trial-1"]
    assert (await client.get("/api/trials/trial-2")).status == 404
