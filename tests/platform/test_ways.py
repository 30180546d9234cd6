"""Whatever way a publisher takes, it is registered, admitted and refused alike, and viewers see nobody."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from proxy.gateway.admission import Way
from proxy.platform.settings import GatewaySettings
from proxy.platform.ways import Ways
from proxy.sources import rtmp, rtsp, whip
from tests.peers.camera import Camera
from tests.peers.ffmpeg import publishing_whip
from tests.platform.running import ADMIN, CAFE, faces_in, platform, until

QUIET = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
FAKE_CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


def ways(folder: Path, **http: object) -> Ways:
    return Ways(
        GatewaySettings.model_validate(
            {
                "folder": folder, "key": folder / "key.pem", "pull": "rtmp://127.0.0.1/ingest/",
                "publish": "rtmp://127.0.0.1/live", "http": {"admin": ADMIN} | http,
            }
        ),
        folder,
    )  # fmt: skip


def test_each_way_is_a_source_of_its_own(tmp_path):
    made = ways(tmp_path)
    ingest = made.camera("door", Way.INGEST, None).source
    assert isinstance(ingest, rtmp.Options)
    assert ingest.url.get_secret_value() == "rtmp://127.0.0.1/ingest/door"
    pulled = made.camera("door", Way.PULL, "rtsp://10.0.0.7/x").source
    assert isinstance(pulled, rtsp.Options)
    met = made.camera("door", Way.WHIP, None).source
    assert isinstance(met, whip.Options)
    assert (met.door, met.addresses) == (tmp_path / "door.whip", ("127.0.0.1",))


@pytest.mark.parametrize(
    ("http", "addresses"),
    [
        ({"host": "::"}, ()),
        ({"host": "platform.example"}, ()),
        ({"host": "localhost"}, ("127.0.0.1",)),
        ({"whip_addresses": ["10.0.0.7"]}, ("10.0.0.7",)),
    ],
)
def test_media_is_met_where_the_gateway_listens_or_where_it_says(tmp_path, http, addresses):
    assert getattr(ways(tmp_path, **http).camera("door", Way.WHIP, None).source, "addresses", None) == addresses


@pytest.mark.peer
@pytest.mark.timeout(300)
async def test_ffmpeg_publishes_over_webrtc_is_refused_without_its_token_and_viewers_see_nobody(tmp_path):
    with platform(tmp_path) as (gateway, ingest):
        token = gateway.register("acme", "door")
        url, log = f"{gateway.url}/whip/door", tmp_path / "ffmpeg.log"
        with publishing_whip(url, log=log, token="wrong", clip=CAFE) as stranger:
            assert stranger.wait(60) != 0
        assert "401" in log.read_text(errors="replace")
        assert gateway.streams() == []
        with publishing_whip(url, log=log, token=token, clip=CAFE):
            until(
                lambda: gateway.sent("door") > 60,
                within_s=120,
                why=lambda: log.read_text(errors="replace") + gateway.log.read_text(),
            )
            assert gateway.streams()[0]["way"] == "whip"
            gateway.call("DELETE", "/api/publishers/acme/tokens/1")
            assert gateway.streams() == [], "revoked, and gone at once"
        (recording, *_) = [path for path in ingest.recordings("door") if path.stat().st_size > 10_000]
        assert await faces_in(recording) == 0
        assert gateway.end() == 0
        assert gateway.ledger().returncode == 0


@pytest.mark.peer
@pytest.mark.timeout(300)
async def test_a_camera_is_fetched_by_rtsp_from_when_it_is_registered_also_after_a_restart(tmp_path):
    (tmp_path / "camera").mkdir()
    with Camera(tmp_path / "camera", clip=CAFE, user="me", password="hunter2") as camera, platform(tmp_path) as (gateway, ingest):
        gateway.register("acme", "door")
        gateway.call("PUT", "/api/cameras/door/pull", {"url": camera.url})
        until(lambda: gateway.sent("door") > 40, within_s=120, why=gateway.log.read_text)
        gateway.end()
        gateway.start()
        until(lambda: gateway.sent("door") > 40, within_s=120, why=gateway.log.read_text)
        gateway.call("DELETE", "/api/cameras/door/pull")
        assert gateway.streams() == []
        assert gateway.end() == 0
        shown = [path for path in ingest.recordings("door") if path.stat().st_size > 10_000]
        assert len(shown) >= 2
        assert [await faces_in(path) for path in shown] == [0] * len(shown)
        assert "hunter2" not in gateway.log.read_text()


PUBLISH = """
async ([url, token]) => {
  const peer = window.peer = new RTCPeerConnection();
  const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 } });
  for (const track of stream.getTracks()) peer.addTransceiver(track, { direction: "sendonly", streams: [stream] });
  await peer.setLocalDescription();
  await new Promise((done) => {
    peer.onicegatheringstatechange = () => peer.iceGatheringState === "complete" && done();
    setTimeout(done, 2000);
  });
  const headers = { "Content-Type": "application/sdp", Authorization: `Bearer ${token}` };
  const answer = await fetch(url, { method: "POST", headers, body: peer.localDescription.sdp });
  if (answer.status !== 201) return `${answer.status} ${(await answer.json()).error}`;
  await peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
  return answer.headers.get("Location");
}
"""
LEAVE = """
async ([url, token]) => (await fetch(url, { method: "DELETE", headers: { Authorization: `Bearer ${token}` } })).status
"""


@contextmanager
def page_of_another_origin() -> Iterator[str]:
    class Empty(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Empty) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.peer
@pytest.mark.timeout(300)
def test_a_browser_publishes_from_a_page_of_another_origin_and_leaves(tmp_path):
    with platform(tmp_path) as (gateway, _), page_of_another_origin() as origin, sync_playwright() as player:
        token = gateway.register("acme", "door")
        browser = player.chromium.launch(executable_path="/usr/bin/chromium", args=[*QUIET, *FAKE_CAMERA, "--no-sandbox"])
        page = browser.new_page()
        page.goto(origin)
        url = f"{gateway.url}/whip/door"
        assert page.evaluate(PUBLISH, [url, "wrong"]) == "401 unknown-token"
        session = page.evaluate(PUBLISH, [url, token])
        assert session.startswith("/whip/door/")
        until(lambda: gateway.sent("door") > 20, within_s=120, why=gateway.log.read_text)
        assert page.evaluate(LEAVE, [gateway.url + session, token]) == 200
        assert gateway.streams() == []
        browser.close()
