"""The proxy's HTTP: what it shows, and to whom."""

import asyncio
import time

import pytest
from aiohttp.test_utils import TestClient, TestServer

from proxy.control.history import History, Minute
from proxy.control.server import Control
from proxy.telemetry.claims import ClaimBook
from proxy.telemetry.events import ClaimMade, Connection, SourceChanged
from proxy.telemetry.status import StatusBoard


@pytest.fixture
async def connect(tmp_path):
    """A function that serves a control with a token or none and returns a client."""
    (tmp_path / "live" / "door").mkdir(parents=True)
    (tmp_path / "live" / "door" / "index.m3u8").write_text("#EXTM3U\n")
    (tmp_path / "secret.mp4").write_text("not to be served")
    clients = []

    async def start(token=None):
        board = StatusBoard(("door",))
        claims = ClaimBook(("door",))
        for number, text in enumerate("ab"):
            claims.observe(ClaimMade("door", number, text))
        live, keys = {"door": tmp_path / "live" / "door"}, {"door": {"kid": "k"}}
        control = Control(board, live, lambda: b"veilcast_frames_total 3\n", token, claims, keys)
        client = TestClient(TestServer(control.application()))
        await client.start_server()
        clients.append(client)
        return client, board

    yield start
    for client in clients:
        await client.close()


async def test_the_page_and_its_files_are_served_with_headers_that_keep_others_out(connect):
    client, _ = await connect()
    for path, kind in (("/", "text/html"), ("/static/app.js", "text/javascript"), ("/static/hls.js", "text/javascript")):
        answer = await client.get(path)
        assert answer.status == 200
        assert answer.content_type == kind
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert "Access-Control-Allow-Origin" not in answer.headers


async def test_hls_files_are_served_by_the_names_that_the_sink_gives_and_no_others(connect):
    client, _ = await connect()
    assert (await client.get("/live/door/index.m3u8")).content_type == "application/vnd.apple.mpegurl"
    for path in (
        "/live/door/..%2F..%2Fsecret.mp4",
        "/live/..%2Fsecret.mp4/x.mp4",
        "/live/window/index.m3u8",
        "/live/door/.hidden.mp4",
        "/static/..%2Fserver.py",
    ):
        assert (await client.get(path)).status == 404


async def test_status_readiness_and_metrics_follow_the_board(connect):
    client, board = await connect()
    assert (await client.get("/readyz")).status == 503
    board.observe(SourceChanged("door", Connection.RUNNING))
    assert (await client.get("/readyz")).status == 200
    cameras = (await (await client.get("/api/cameras")).json())["cameras"]
    assert (cameras[0]["name"], cameras[0]["source"]["state"]) == ("door", "running")
    assert await (await client.get("/metrics")).read() == b"veilcast_frames_total 3\n"


async def test_with_a_token_everything_but_health_asks_for_it(connect):
    client, _ = await connect("s3cret-token")
    for path in ("/", "/api/cameras", "/metrics", "/live/door/index.m3u8", "/nowhere"):
        assert (await client.get(path)).status == 401
        assert (await client.get(path, headers={"Authorization": "Bearer wrong"})).status == 401
        assert (await client.get(path, headers={"Authorization": "Basic !!!"})).status == 401
    assert (await client.get("/healthz")).status == 200
    assert (await client.get("/", headers={"Authorization": "Bearer s3cret-token"})).status == 200
    basic = {"Authorization": "Basic YW55OnMzY3JldC10b2tlbg=="}
    assert (await client.get("/", headers=basic)).status == 200


async def test_where_there_is_no_panic_button_only_reading_is_possible(connect):
    client, _ = await connect()
    assert (await client.post("/api/cameras", data=b"x")).status == 405


async def test_claims_are_given_with_the_key_that_signed_them(connect):
    client, _ = await connect()
    answer = await (await client.get("/api/cameras/door/claims?since=1")).json()
    assert answer == {"camera": "door", "key": {"kid": "k"}, "claims": [{"sequence": 1, "jws": "b"}]}
    assert (await client.get("/api/cameras/attic/claims")).status == 404
    for since in ("x", "-1", "1" * 20, ""):
        assert (await client.get("/api/cameras/door/claims", params={"since": since})).status == 400


async def test_without_a_token_only_the_names_of_this_machine_are_answered(connect):
    """A page of the web whose own name suddenly leads to 127.0.0.1 reads nothing."""
    client, _ = await connect()
    for host in ("localhost", "127.0.0.1:8080", "[::1]:8080", "127.1.2.3"):
        assert (await client.get("/", headers={"Host": host})).status == 200
    for host in ("evil.example", "evil.example:8080", "localhost.evil.example", "192.0.2.1", "", "[::1"):
        assert (await client.get("/", headers={"Host": host})).status in (400, 421)
    client, _ = await connect("a-token-that-is-long-enough")
    headers = {"Host": "cams.example", "Authorization": "Bearer a-token-that-is-long-enough"}
    assert (await client.get("/", headers=headers)).status == 200


async def test_whoever_guesses_tokens_is_soon_told_to_wait(connect):
    client, _ = await connect("a-token-that-is-long-enough")
    statuses = [(await client.get("/", headers={"Authorization": f"Bearer {number}"})).status for number in range(40)]
    assert statuses[0] == 401
    assert statuses[-1] == 429


async def test_a_token_in_no_known_letters_is_refused(connect):
    client, _ = await connect("a-token-that-is-long-enough")
    reader, writer = await asyncio.open_connection(client.host, client.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\xfe\r\n\r\n")
    assert (await asyncio.wait_for(reader.readline(), 5)).split()[1] in (b"400", b"401")
    writer.close()


async def test_no_answer_invites_pages_of_other_origins(connect):
    client, _ = await connect()
    for method, path in (("GET", "/"), ("GET", "/api/cameras"), ("GET", "/live/door/index.m3u8"), ("OPTIONS", "/api/cameras")):
        answer = await client.request(method, path, headers={"Origin": "https://evil.example"})
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]


async def test_history_is_told_of_known_cameras_and_spans(tmp_path):
    history = History(tmp_path / "history.sqlite")
    history.write({"door": Minute(sent=5)}, at_s=int(time.time()))
    control = Control(StatusBoard(("door",)), {}, lambda: b"", history=history)
    async with TestClient(TestServer(control.application())) as client:
        told = await (await client.get("/api/cameras/door/history?span=week")).json()
        assert [point["sent"] for point in told["points"]] == [5]
        assert (await client.get("/api/cameras/door/history?span=year")).status == 400
        assert (await client.get("/api/cameras/attic/history")).status == 404
    history.close()
