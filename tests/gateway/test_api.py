"""The gateway over HTTP: who may do what, and what is said to whoever gets it wrong."""

import asyncio
import json
import re

import pytest
from aiohttp.test_utils import TestClient, TestServer
from openapi_spec_validator import OpenAPIV31SpecValidator

from proxy.gateway.api import FORM, Api, Role
from proxy.gateway.ledger import entries
from proxy.gateway.whip import Whip
from proxy.telemetry.status import CameraStatus, StatusBoard
from tests.gateway.gates import gate

TOKENS = {"viewer-token-0123456": Role.VIEWER, "operator-token-01234": Role.OPERATOR, "admin-token-01234567": Role.ADMIN}
VIEWER, OPERATOR, ADMIN = ({"Authorization": f"Bearer {token}"} for token in TOKENS)


@pytest.fixture
async def connect(tmp_path):
    """A function that serves a gateway and returns a client, its gate and its runner."""
    clients = []

    async def start(hooks_from=("127.0.0.1",), whip=None):
        made, runner, _ = gate(tmp_path)
        board = StatusBoard(())
        said = []
        board.cameras["door"] = CameraStatus("door", frames_sent=7)
        api = Api(
            made, board, lambda: b"veilcast_frames_total 3\n", TOKENS, frozenset(hooks_from), Whip(made, whip), say=said.append
        )
        client = TestClient(TestServer(api.application()))
        client.said = said
        await client.start_server()
        clients.append(client)
        return client, made, runner

    yield start
    for client in clients:
        await client.close()


async def token_of(client, *cameras, publisher="acme"):
    put = await client.put(f"/api/publishers/{publisher}", json={"cameras": cameras}, headers=ADMIN)
    assert put.status == 200
    answer = await client.post(f"/api/publishers/{publisher}/tokens", json={"expires_days": 30}, headers=ADMIN)
    assert answer.status == 201
    return (await answer.json())["token"]


async def publish(client, camera, token, clientid="7"):
    return await client.post("/hooks/rtmp/publish", data={"name": camera, "token": token, "clientid": clientid, "call": "publish"})


async def test_a_publisher_is_registered_admitted_seen_and_gone(connect):
    client, _, runner = await connect()
    token = await token_of(client, "door", "yard")
    answer = await publish(client, "door", token)
    assert (answer.status, await answer.json()) == (200, {"camera": "door", "admission": "anonymise"})
    assert runner.running == {"door": False}
    (stream,) = (await (await client.get("/api/streams", headers=VIEWER)).json())["streams"]
    assert (stream["camera"], stream["publisher"], stream["status"]["frames_sent"]) == ("door", "acme", 7)
    await client.post("/hooks/rtmp/done", data={"name": "door", "clientid": "7"})
    assert runner.running == {}


@pytest.mark.parametrize(
    ("camera", "token", "reason"),
    [
        ("door", "wrong", "unknown-token"),
        ("door", "", "unknown-token"),
        ("window", None, "unknown-camera"),
        ("../x", None, "unknown-camera"),
    ],
)
async def test_whoever_may_not_publish_gets_a_403_that_says_why(connect, camera, token, reason):
    client, _, runner = await connect()
    good = await token_of(client, "door")
    answer = await publish(client, camera, good if token is None else token)
    assert (answer.status, await answer.json()) == (403, {"error": reason})
    assert runner.running == {}


async def test_hooks_are_answered_to_the_ingest_only(connect):
    client, _, runner = await connect(hooks_from=("10.1.2.3",))
    token = await token_of(client, "door")
    assert (await publish(client, "door", token)).status == 403
    assert (await client.post("/hooks/rtmp/done", data={"name": "door", "clientid": "7"})).status == 403
    assert runner.running == {}


async def test_everything_but_health_and_the_description_asks_for_a_token(connect):
    client, made, _ = await connect()
    api = Api(made, StatusBoard(()), bytes, TOKENS, frozenset(), Whip(made, None))
    for route in api.routes():
        path = route.path.replace("{", "").replace("}", "")
        if route.role is None:
            continue
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer ä"}):
            assert (await client.request(route.method, path, headers=headers)).status == 401, path
        weaker = [headers for role, headers in zip(Role, (VIEWER, OPERATOR, ADMIN), strict=True) if role < route.role]
        for headers in weaker:
            assert (await client.request(route.method, path, headers=headers)).status == 403, path
    assert (await client.get("/healthz")).status == 200
    assert (await client.get("/nowhere")).status == 401
    assert (await client.get("/nowhere", headers=VIEWER)).status == 404


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "words"),
    [
        ("PUT", "/api/publishers/acme", "{", 400, "JSON"),
        ("PUT", "/api/publishers/acme", '{"cameras": ["No Name"]}', 400, "cameras.0"),
        ("PUT", "/api/publishers/acme", '{"cameras": [], "colour": 1}', 400, "colour"),
        ("PUT", "/api/publishers/acme", '{"cameras": [], "admission": "trust"}', 400, "admission"),
        ("PUT", "/api/publishers/acme", '{"cameras": [], "max_streams": 0}', 400, "max_streams"),
        ("PUT", "/api/publishers/acme", '{"cameras": [], "admission": "verify"}', 400, "[proof] trust"),
        ("PUT", "/api/publishers/No%20Name", '{"cameras": []}', 400, "lower-case"),
        ("PUT", "/api/publishers/other", '{"cameras": ["door"]}', 409, "belongs to another"),
        ("PUT", "/api/publishers/acme", " " * 70_000, 413, "size"),
        ("POST", "/api/publishers/nobody/tokens", "{}", 404, "no such publisher"),
        ("POST", "/api/publishers/acme/tokens", '{"expires_days": -1}', 400, "expires_days"),
        ("DELETE", "/api/publishers/nobody", "", 404, "no such publisher"),
        ("DELETE", "/api/publishers/acme/tokens/99", "", 404, "no such token"),
        ("DELETE", "/api/publishers/acme/tokens/x", "", 400, "number"),
        ("PUT", "/api/switches/room/door", '{"action": "cut"}', 404, "camera, publisher, all"),
        ("PUT", "/api/switches/all/door", '{"action": "cut"}', 404, "/api/switches/all/all"),
        ("PUT", "/api/switches/camera/door", '{"action": "burn"}', 400, "action"),
        ("PUT", "/api/switches/camera/door", "", 400, "action"),
        ("DELETE", "/api/switches/camera/door", "", 404, "no such switch"),
        ("GET", "/api/ledger?since=x", "", 400, "since"),
        ("PUT", "/api/cameras/door/pull", '{"url": "http://10.0.0.7/x"}', 400, "rtsp://"),
        ("PUT", "/api/cameras/door/pull", '{"url": "rtsp://:0"}', 400, "names no host"),
        ("PUT", "/api/cameras/door/pull", "{}", 400, "url"),
        ("PUT", "/api/cameras/window/pull", '{"url": "rtsp://10.0.0.7/x"}', 404, "no publisher"),
        ("DELETE", "/api/cameras/door/pull", "", 404, "not fetched"),
        ("POST", "/api/streams", "", 405, "Method"),
        ("PUT", "/api/switches/camera/window", '{"action": "cut"}', 404, "no such camera"),
        ("PUT", "/api/switches/publisher/nobody", '{"action": "cut"}', 404, "no such publisher"),
        ("PUT", "/api/switches/camera/door%00", '{"action": "cut"}', 404, "no such name"),
        ("PUT", "/api/switches/camera/%ff", '{"action": "cut"}', 404, "no such"),
        ("DELETE", "/api/publishers/%ff", "", 404, "no such"),
        ("PUT", "/api/cameras/door/pull", '{"url": "rtsp://h/x\\r\\nA: b"}', 400, "control characters"),
        ("PUT", "/api/cameras/door/pull", '{"url": "rtsp://h/\\u0000x"}', 400, "control characters"),
        ("PUT", "/api/cameras/door/pull", '{"url": "rtsp://[::1/x"}', 400, "url"),
        ("PUT", "/api/cameras/door/pull", '{"url": "rtsp://h:99999/x"}', 400, "url"),
        ("POST", "/whep/window", "v=0", 404, "no such camera"),
        ("POST", "/whep/..%2fdoor", "v=0", 404, "no such camera"),
        ("GET", "/live/window/index.m3u8", "", 404, "no such camera"),
    ],
)
async def test_bad_input_gets_a_4xx_that_says_why_and_changes_nothing(connect, method, path, body, status, words):
    client, made, _ = await connect()
    await token_of(client, "door")
    before = len(list(entries(made.connection)))
    answer = await client.request(method, path, data=body, headers=ADMIN)
    said = await answer.json()
    assert (answer.status, words in said["error"]) == (status, True), said
    assert len(list(entries(made.connection))) == before


async def test_a_token_for_some_cameras_opens_those_and_no_others(connect):
    client, made, runner = await connect()
    await token_of(client, "door", "yard")
    place = "/api/publishers/acme/tokens"
    answer = await client.post(place, json={"cameras": ["door", "door"]}, headers=ADMIN)
    told = await answer.json()
    assert (answer.status, told["cameras"]) == (201, ["door"])
    refused = await publish(client, "yard", told["token"])
    assert (refused.status, await refused.json()) == (403, {"error": "unknown-camera"})
    assert (await publish(client, "door", told["token"])).status == 200
    assert runner.running == {"door": False}
    (publisher,) = (await (await client.get("/api/publishers", headers=ADMIN)).json())["publishers"]
    assert [one["cameras"] for one in publisher["tokens"]] == [None, ["door"]]
    assert [entry.detail["cameras"] for entry in entries(made.connection) if entry.kind == "token"] == [None, ["door"]]
    answer = await client.post(place, json={"cameras": ["door", "window"]}, headers=ADMIN)
    assert (answer.status, "this publisher's" in (await answer.json())["error"]) == (400, True)
    assert (await client.post(place, json={"cameras": []}, headers=ADMIN)).status == 400


@pytest.mark.parametrize("hook", ["rtmp/publish", "rtmp/done", "srt/may"])
@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        (FORM, b"\xff", 400),
        (FORM, b"name=%ff&token=%ff", 400),
        (FORM, b"&".join(b"a=1" for _ in range(99)), 400),
        (f"{FORM}; charset=foo", b"\xff", 400),
        ("multipart/form-data", b"name=door", 415),
        ("multipart/form-data; boundary=x", b"junk", 415),
        ("", b"name=door", 415),
    ],
)
async def test_a_form_that_is_none_gets_a_4xx_that_says_so(connect, hook, kind, body, status):
    client, _, runner = await connect()
    answer = await client.post(f"/hooks/{hook}", data=body, headers={"Content-Type": kind})
    assert (answer.status, bool((await answer.json())["error"])) == (status, True)
    assert runner.running == {}


@pytest.mark.parametrize("scheme", [b"Bearer", b"Basic"])
@pytest.mark.parametrize("path", ["/api/streams", "/why/door", "/whip/door", "/"])
async def test_a_token_that_is_no_text_is_a_wrong_token(connect, scheme, path):
    client, _, _ = await connect(whip=_nobody)
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
    kind = b"POST" if "whip" in path else b"GET"
    head = b"%s %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/sdp\r\nAuthorization: %s \xff\xfe\r\nContent-Length: 0\r\n\r\n"
    writer.write(head % (kind, path.encode(), scheme))
    assert (await reader.readline()).startswith(b"HTTP/1.1 401 ")
    writer.close()


async def _nobody(request, camera):
    raise AssertionError("nobody is passed on")


async def test_what_fails_here_tells_no_details_and_is_a_line_in_the_log(connect):
    client, made, _ = await connect()
    made.connection.close()
    answer = await client.get("/api/switches", headers=VIEWER)
    assert (answer.status, await answer.json()) == (500, {"error": "the gateway failed at this; its log says more"})
    (line,) = client.said
    assert line.fields == (("kind", "ProgrammingError"), ("method", "GET"))


async def test_a_switch_of_what_is_registered_no_more_can_be_lifted(connect):
    client, _, _ = await connect()
    await token_of(client, "door", "yard")
    assert (await client.put("/api/switches/camera/yard", json={"action": "cover"}, headers=OPERATOR)).status == 200
    await token_of(client, "door")
    assert (await client.delete("/api/switches/camera/yard", headers=OPERATOR)).status == 200


async def test_an_operator_cuts_covers_and_lifts_and_the_ledger_says_who(connect):
    client, made, runner = await connect()
    await publish(client, "door", await token_of(client, "door"))
    assert (await client.put("/api/switches/all/all", json={"action": "cover"}, headers=OPERATOR)).status == 200
    assert runner.running == {"door": True}
    assert (await client.put("/api/switches/camera/door", json={"action": "cut"}, headers=ADMIN)).status == 200
    assert runner.running == {}
    switches = (await (await client.get("/api/switches", headers=VIEWER)).json())["switches"]
    assert {(one["scope"], one["target"], one["action"]) for one in switches} == {("all", "", "cover"), ("camera", "door", "cut")}
    assert (await client.delete("/api/switches/camera/door", headers=OPERATOR)).status == 200
    assert (await client.delete("/api/switches/all/all", headers=OPERATOR)).status == 200
    assert runner.running == {"door": False}
    assert [entry.actor for entry in entries(made.connection) if entry.kind == "switch"] == [
        "operator",
        "admin",
        "operator",
        "operator",
    ]


async def test_the_ledger_and_the_publishers_are_shown_without_tokens(connect):
    client, _, _ = await connect()
    token = await token_of(client, "door")
    ledger = await (await client.get("/api/ledger?since=2", headers=VIEWER)).json()
    assert [(entry["seq"], entry["kind"]) for entry in ledger["entries"]] == [(2, "token")]
    publishers = await (await client.get("/api/publishers", headers=ADMIN)).json()
    (acme,) = publishers["publishers"]
    assert (acme["name"], acme["cameras"], [one["id"] for one in acme["tokens"]]) == ("acme", ["door"], [1])
    assert token not in json.dumps([ledger, publishers])
    assert (await client.delete("/api/publishers/acme/tokens/1", headers=ADMIN)).status == 200
    assert (await client.delete("/api/publishers/acme", headers=ADMIN)).status == 200
    assert (await publish(client, "door", token)).status == 403


async def test_metrics_readiness_and_the_description_are_there(connect):
    client, _, _ = await connect()
    assert await (await client.get("/metrics", headers=VIEWER)).read() == b"veilcast_frames_total 3\n"
    assert (await client.get("/readyz", headers=VIEWER)).status == 200
    document = await (await client.get("/openapi.json")).json()
    described = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    routed = {(route.method, route.resource.canonical) for route in client.app.router.routes() if route.resource is not None}
    assert described == {(method, path) for method, path in routed if method != "HEAD"}
    assert (await client.get("/healthz")).headers["X-Content-Type-Options"] == "nosniff"


async def test_a_camera_whose_proof_counts_no_more_is_named_and_trusted_again_by_admins_only(connect):
    client, made, _ = await connect()
    made.connection.execute("INSERT INTO distrusted VALUES ('door', 5)")
    seen = await client.get("/api/distrusted", headers=VIEWER)
    assert await seen.json() == {"distrusted": [{"camera": "door", "since_ms": 5}]}
    assert (await client.delete("/api/distrusted/door", headers=OPERATOR)).status == 403
    assert (await client.delete("/api/distrusted/door", headers=ADMIN)).status == 200
    assert (await client.delete("/api/distrusted/door", headers=ADMIN)).status == 404
    assert [(row.kind, row.actor) for row in entries(made.connection)][-1] == ("trusted-again", "admin")


async def test_an_address_to_fetch_is_registered_shown_without_its_password_and_taken_back(connect):
    client, made, runner = await connect()
    await token_of(client, "door")
    answer = await client.put("/api/cameras/door/pull", json={"url": "rtsp://me:hunter2@10.0.0.7/x"}, headers=ADMIN)
    assert answer.status == 200
    assert "hunter2" not in await answer.text()
    assert runner.running == {"door": False}
    assert (await client.delete("/api/cameras/door/pull", headers=ADMIN)).status == 200
    assert runner.running == {}
    assert [(row.kind, row.actor) for row in entries(made.connection) if row.kind == "pull"] == [("pull", "admin")] * 2


ASKED = {
    "SwitchBody": {"json": {"action": "cover"}},
    "PublisherBody": {"json": {"cameras": ["door", "yard"]}},
    "PullBody": {"json": {"url": "rtsp://127.0.0.1/x"}},
    "TokenBody": {"json": {}},
}
BY_A_CAMERAS_PROCESS = ("/whip/", "/whep/", "/live/")
"""Their answers come from elsewhere; tests/webrtc and tests/platform look at those."""


async def test_the_description_is_one_and_says_what_is_answered(connect):
    client, made, _ = await connect()
    document = await (await client.get("/openapi.json")).json()
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []
    token = await token_of(client, "door", "yard")
    made.connection.execute("INSERT INTO distrusted VALUES ('door', 5)")
    operations = [(path, method, told) for path, place in document["paths"].items() for method, told in place.items()]
    assert len(operations) == len(Api(made, StatusBoard(()), bytes, TOKENS, frozenset(), Whip(made, None)).routes())
    asked = 0

    def turn(operation):
        path, method, told = operation
        return method == "delete", "revoke" in told["summary"], method != "get", "rtmp" in path

    for path, method, told in sorted(operations, key=turn):
        if path.startswith(BY_A_CAMERAS_PROCESS) or path in ("/", "/static/{name}"):
            continue
        (status,) = (int(name) for name in told["responses"] if name.isdecimal())
        shown = {"publisher": {"Authorization": f"Bearer {token}"}, "token": ADMIN}
        headers = next((shown[name] for scheme in told["security"] for name in scheme if name in shown), {})
        answer = await client.request(method, filled(path), headers=headers, **sent(told, token))
        assert answer.status == status, (method, path, await answer.text())
        assert answer.content_type in told["responses"][str(status)].get("content", {answer.content_type: {}}), path
        asked += 1
    assert asked > 20


def filled(path):
    values = {"publisher": "acme", "camera": "door", "scope": "camera", "target": "door", "token": "1"}
    return re.sub(r"{(\w+)}", lambda found: values[found[1]], path)


def sent(told, token):
    """What an operation asks for, made up of its own description."""
    for kind, content in told.get("requestBody", {}).get("content", {}).items():
        if kind == FORM:
            known = {"name": "yard", "token": token, "clientid": "7"}
            return {"data": {name: known[name] for name in content["schema"]["required"]}}
        return ASKED[content["schema"]["$ref"].rpartition("/")[2]]
    return {}


async def test_a_gateway_whose_database_does_not_answer_is_not_ready(connect):
    client, made, _ = await connect()
    made.connection.close()
    answer = await client.get("/readyz", headers=VIEWER)
    assert (answer.status, "database" in (await answer.json())["error"]) == (503, True)
    assert (await client.get("/healthz")).status == 200


async def test_an_operator_is_answered_when_what_he_decided_is_done(connect):
    client, _, runner = await connect()
    await publish(client, "door", await token_of(client, "door"))
    before = runner.settlings
    for number, action in enumerate(("cover", "cut"), 1):
        assert (await client.put("/api/switches/all/all", json={"action": action}, headers=OPERATOR)).status == 200
        assert runner.settlings == before + number
    assert (await client.delete("/api/publishers/acme", headers=ADMIN)).status == 200
    assert runner.settlings == before + 3
