"""Who publishes over WebRTC shows its own token, is told why not in WHIP's words, and is gone when it says so."""

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from proxy.gateway.api import Api
from proxy.gateway.whip import Whip
from proxy.telemetry.status import StatusBoard
from tests.gateway.gates import gate, registered


@pytest.fixture
async def connect(tmp_path):
    """A function that serves a gateway and returns a client, its gate, its runner and a good token for the door."""
    clients = []

    async def start(behind=None):
        made, runner, _ = gate(tmp_path)
        api = Api(made, StatusBoard(()), bytes, {}, frozenset(), Whip(made, behind))
        client = TestClient(TestServer(api.application()))
        await client.start_server()
        clients.append(client)
        return client, made, runner, registered(made, "door")

    yield start
    for client in clients:
        await client.close()


class Behind:
    """What a camera's process would say, made up: ``status`` to everything."""

    def __init__(self, status=201):
        self.status = status
        self.heard = []

    async def __call__(self, request, camera):
        self.heard.append((request.method, camera, await request.text()))
        return web.Response(status=self.status, headers={"Location": f"/whip/{camera}/abc"})


OFFER = {"Content-Type": "application/sdp"}


async def test_a_publisher_over_webrtc_shows_its_token_and_is_gone_when_it_says_so(connect):
    behind = Behind()
    client, made, runner, token = await connect(behind)
    bearer = {"Authorization": f"Bearer {token}"}
    answer = await client.post("/whip/door", data="v=0", headers=OFFER | bearer)
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (201, "*")
    assert [stream.way for stream in made.streams()] == ["whip"]
    assert (await client.post("/whip/door", data="v=0", headers=OFFER | bearer)).status == 201, "the same publisher, anew"
    assert (await client.patch("/whip/door/abc", data="a=x", headers=bearer)).status == 201
    for stranger in ({}, {"Authorization": "Bearer vct_wrong"}):
        assert (await client.delete("/whip/door/abc", headers=stranger)).status == 401
    assert runner.running == {"door": False}
    behind.status = 200
    assert (await client.delete("/whip/door/abc", headers=bearer)).status == 200
    assert runner.running == {}
    assert [method for method, _, _ in behind.heard] == ["POST", "POST", "PATCH", "DELETE"]


@pytest.mark.parametrize(
    ("camera", "token", "content", "status", "words"),
    [
        ("door", "vct_wrong", "application/sdp", 401, "unknown-token"),
        ("door", "", "application/sdp", 401, "unknown-token"),
        ("window", None, "application/sdp", 403, "unknown-camera"),
        ("door", None, "text/plain", 415, "application/sdp"),
    ],
)
async def test_who_may_not_publish_over_webrtc_is_told_why_and_nobody_behind_hears_of_it(
    connect, camera, token, content, status, words
):
    behind = Behind()
    client, made, _, good = await connect(behind)
    headers = {"Content-Type": content, "Authorization": f"Bearer {good if token is None else token}"}
    answer = await client.post(f"/whip/{camera}", data="v=0", headers=headers)
    assert answer.status == status
    assert words in (await answer.json())["error"]
    assert (behind.heard, made.streams()) == ([], [])


async def test_a_publisher_whose_offer_leads_to_nothing_publishes_nothing(connect):
    client, made, _, token = await connect(Behind(503))
    answer = await client.post("/whip/door", data="v=0", headers=OFFER | {"Authorization": f"Bearer {token}"})
    assert (answer.status, made.streams()) == (503, [])


async def test_browsers_may_ask_before_they_publish_and_a_gateway_without_webrtc_says_so(connect):
    client, *_ = await connect()
    asked = await client.options("/whip/door")
    assert asked.headers["Accept-Post"] == "application/sdp"
    assert (asked.status, asked.headers["Access-Control-Allow-Headers"]) == (204, "Authorization, Content-Type, If-Match")
    assert (await client.post("/whip/door", data="v=0", headers=OFFER)).status == 404


async def test_a_publisher_whose_protocol_gives_no_reason_asks_for_it(connect):
    """nginx hangs up on a publisher over RTMP, whatever the hook said."""
    client, made, runner, token = await connect()
    bearer = {"Authorization": f"Bearer {token}"}
    answer = await client.get("/why/door", headers=bearer)
    assert (answer.status, await answer.json()) == (200, {"admission": "anonymise"})
    assert runner.running == {}, "nothing is begun by asking"
    answers = [
        await client.get("/why/door", headers={"Authorization": "Bearer vct_wrong"}),
        await client.get("/why/yard", headers=bearer),
    ]
    assert [(one.status, (await one.json())["error"]) for one in answers] == [(401, "unknown-token"), (403, "unknown-camera")]
    made.publish("door", token, client="1")
    answer = await client.get("/why/door", headers=bearer)
    assert (answer.status, await answer.json()) == (409, {"error": "already-publishing"})
    made.revoke_publisher("acme", actor="admin")
    assert (await (await client.get("/why/door", headers=bearer)).json()) == {"error": "revoked"}
