"""The page in a real browser: an anonymised picture that moves, words beside it, and nothing fetched from anywhere else."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, Response, Route, sync_playwright

from tests.peers.process import free_port

VEILCAST = str(Path(sys.executable).with_name("veilcast"))
STREET = Path(__file__).parents[1] / "sample_videos" / "street.mp4"
QUIET = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
FAKE_CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
PUBLISH = """
async (path) => {
  const peer = window.peer = new RTCPeerConnection();
  const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 }, audio: true });
  for (const track of stream.getTracks()) peer.addTransceiver(track, { direction: "sendonly", streams: [stream] });
  await peer.setLocalDescription();
  await new Promise((done) => {
    peer.onicegatheringstatechange = () => peer.iceGatheringState === "complete" && done();
    setTimeout(done, 2000);
  });
  const ask = { method: "POST", headers: { "Content-Type": "application/sdp" }, body: peer.localDescription.sdp };
  const answer = await fetch(path, ask);
  if (answer.status !== 201) return `${answer.status} ${await answer.text()}`;
  await peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
  return answer.headers.get("Location");
}
"""

pytestmark = [pytest.mark.peer, pytest.mark.timeout(180)]


@contextmanager
def running(folder: Path, source: str, *, sinks: str = "") -> Iterator[str]:
    """The address of ``veilcast run`` with one camera, ``street``, and the ``sinks``, as TOML writes them."""
    port, config = free_port(), folder / "veilcast.toml"
    config.write_text(
        f'[[camera]]\nname = "street"\nsource = "{source}"\nsinks = [{sinks}]\n'
        f'[camera.privacy]\naccuracy = "light"\n[control]\nport = {port}\n'
    )
    command = [VEILCAST, "run", "-c", str(config)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ | {"TMPDIR": str(folder)}) as service:
        assert service.stderr is not None
        for line in service.stderr:
            if "anonymised picture" in line:
                break
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            service.send_signal(signal.SIGTERM)
            service.communicate(timeout=20)


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    with running(tmp_path, f"file://{STREET}?loop=true&realtime=true") as url:
        yield url


@pytest.fixture
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", *QUIET, *FAKE_CAMERA])
        yield chromium
        chromium.close()


def until(page: Page, condition: str, *, within_s: float = 90) -> None:
    """Wait for ``condition``, asked from outside: the page's own policy forbids it to evaluate text."""
    deadline = time.monotonic() + within_s
    while not page.evaluate(condition):
        if time.monotonic() > deadline:
            shown = page.locator("body").inner_text()
            raise AssertionError(f"{condition}\n{shown}")
        page.wait_for_timeout(200)


@pytest.mark.parametrize("size", [(1300, 640), (390, 800)], ids=["desktop", "phone"])
def test_a_visitor_sees_a_moving_picture_and_how_the_camera_is(address: str, browser: Browser, size: tuple[int, int]) -> None:
    page = browser.new_page(viewport={"width": size[0], "height": size[1]})
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(address)
    until(page, "document.querySelector('video')?.getVideoPlaybackQuality().totalVideoFrames > 40")
    until(page, "document.querySelector('.picture.playing') !== null")
    until(page, "/^1 camera · \\d+ people hidden now$/.test(document.getElementById('summary').textContent)")
    assert page.locator(".card .sentence").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing hangs over the side"
    assert {urlsplit(url).netloc for url in asked if not url.startswith(("blob:", "data:"))} == {urlsplit(address).netloc}
    assert wrong == []
    assert page.evaluate("document.querySelector('video').srcObject !== null"), "live, over WebRTC"
    assert not [url for url in asked if url.endswith("hls.js")], "the fallback is fetched where it is needed"
    if folder := os.environ.get("VEILCAST_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"page-{size[0]}.png")


def test_the_page_weighs_little(address: str, browser: Browser) -> None:
    """Bytes as transferred, the fallback player included."""
    page, answers = browser.new_page(), list[Response]()
    page.on("response", lambda answer: answers.append(answer))
    page.add_init_script("delete window.RTCPeerConnection")
    page.goto(address)
    until(page, "window.Hls !== undefined")
    own = [answer for answer in answers if "/static/" in answer.url or urlsplit(answer.url).path == "/"]
    weight = {urlsplit(answer.url).path: answer.request.sizes()["responseBodySize"] for answer in own}
    assert sum(weight.values()) <= 300_000, weight
    assert sum(weight.values()) - weight["/static/hls.js"] <= 60_000, weight


def test_one_tap_covers_a_camera_in_sight_and_two_uncover_it_in_either_language(address: str, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.goto(f"{address}/#/camera/street")
    until(page, "document.querySelector('.picture.playing') !== null")
    page.get_by_role("button", name="Cover this camera").click()
    page.get_by_text("Covered by an operator: nothing of the picture leaves.").wait_for()
    assert page.evaluate("document.activeElement.textContent") == "Uncover this camera", "the focus stays where the finger is"
    page.get_by_role("button", name="Switch to Chinese").or_(page.get_by_role("button", name="切换到中文")).first.click()
    page.get_by_text("已由操作员遮盖：画面内容不会流出。").wait_for()
    page.locator(".beside").get_by_role("button", name="取消遮盖此摄像机").click()
    page.locator(".beside").get_by_role("button", name="再按一次以取消遮盖").click()
    page.locator(".beside").get_by_role("button", name="遮盖此摄像机", exact=True).wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_any_view(address: str, browser: Browser, scheme: Literal["light", "dark"]) -> None:
    page = browser.new_context(color_scheme=scheme, viewport={"width": 390, "height": 844}).new_page()
    views = (("#/", ".card"), ("#/camera/street", ".history h2"), ("#/camera/street/settings", "fieldset"), ("#/add", "form"))
    for place, there in views:
        page.goto(f"{address}/{place}")
        page.reload()
        page.locator(there).first.wait_for()
        page.wait_for_timeout(500)
        answer = Axe().run(page).response
        assert len(answer["passes"]) > 10
        found = answer["violations"]
        grave = [(each["id"], each["nodes"][0]["html"]) for each in found if each["impact"] in ("serious", "critical")]
        assert grave == [], place


def test_strength_is_seen_before_it_is_saved_and_a_weak_one_is_called_reversible(
    address: str, browser: Browser, tmp_path: Path
) -> None:
    config, page, tried = tmp_path / "veilcast.toml", browser.new_page(viewport={"width": 390, "height": 844}), list[Request]()
    before = config.read_text()
    page.on("request", lambda asked: tried.append(asked) if asked.method == "POST" and asked.url.endswith("/api/trials") else None)
    page.goto(f"{address}/#/camera/street/settings")
    assert page.get_by_role("slider").count() == 0, "nothing is left of people in a silhouette"
    page.get_by_role("radio", name=re.compile("^Mosaic")).check()
    slider = page.get_by_role("slider", name=re.compile("^Tiles across a head:"))
    slider.wait_for()
    assert slider.get_attribute("aria-valuetext") == "4"
    weak = page.locator(".strength:not([hidden]) .weak")
    assert weak.inner_text() == "reversible"
    slider.press("ArrowRight")
    slider.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == "6"
    assert weak.inner_text() == "reversible – weaker than usual"
    until(page, "document.querySelector('.tried video')?.getVideoPlaybackQuality().totalVideoFrames > 5", within_s=120)
    assert (tried[-1].post_data_json or {})["privacy"]["mosaic_cells"] == 6
    assert config.read_text() == before, "nothing is written by a trial"
    assert Axe().run(page).violations_count == 0
    page.get_by_role("button", name="切换到中文").click()
    slider = page.get_by_role("slider", name=re.compile("^头部横向色块数："))
    slider.wait_for()
    assert page.get_by_role("radio", name=re.compile("^马赛克")).is_checked(), "the language changes, and nothing that was chosen"
    assert slider.get_attribute("aria-valuetext") == "6"
    assert weak.inner_text() == "可还原 – 弱于默认强度"
    slider.press("ArrowLeft")
    page.get_by_role("button", name="保存").click()
    page.get_by_role("heading", name="street").wait_for()
    assert 'method = "mosaic"\nmosaic_cells = 5' in config.read_text()
    assert "blur_percent" not in config.read_text()
    page.goto(f"{address}/#/camera/street/settings")
    page.get_by_role("button", name="撤销上次更改").click()
    page.get_by_role("button", name="再按一次以撤销").click()
    page.get_by_text("已撤销上次更改。").wait_for()
    assert config.read_text() == before


def test_what_was_typed_outlives_a_change_of_language(address: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{address}/#/add")
    page.get_by_label("Name").fill("yard")
    page.get_by_label("Password").fill("not shown")
    page.get_by_role("button", name="切换到中文").click()
    page.get_by_role("heading", name="添加摄像机").wait_for()
    assert page.locator("input[name=name]").input_value() == "yard"
    assert page.locator("input[name=password]").input_value() == "not shown"


def test_names_and_details_are_shown_as_text_whatever_they_hold(address: str, browser: Browser) -> None:
    """The proxy takes no such name; a page must not depend on it."""
    page, attack = browser.new_page(), "<img src=x onerror=document.title='taken'><script>document.title='taken'</script>"

    def altered(route: Route) -> None:
        told = route.fetch().json()
        for camera in told["cameras"]:
            camera["name"] = attack
            camera["sentence"] |= {"level": "bad", "detail": attack, "text": {"en": attack, "zh": attack}}
            camera["sinks"] = {attack: {"name": attack, "state": "failed", "detail": attack, "proof": "none"}}
        route.fulfill(json=told)

    page.route("**/api/cameras", altered)
    page.goto(address)
    page.get_by_role("link", name=attack).click()
    page.locator(".links").get_by_text(attack).first.wait_for()
    assert page.title() == "Veilcast"
    assert page.locator("main img, main script").count() == 0


def test_the_keyboard_is_enough(address: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(address)
    page.locator(".card a").wait_for()
    reached = []
    for _ in range(8):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent"))
        if reached[-1] == "street":
            break
    assert reached[0] == "To the cameras"
    assert {"Dark", "Cover everything"} <= set(reached)
    page.keyboard.press("Enter")
    page.locator(".view h1").wait_for()
    assert page.evaluate("document.activeElement.tagName") == "H1", "a new view is read out from its heading on"


def test_where_webrtc_finds_no_way_the_page_falls_back_to_files(address: str, browser: Browser) -> None:
    page = browser.new_page()
    page.add_init_script("delete window.RTCPeerConnection")
    page.goto(address)
    until(page, "document.querySelector('video')?.getVideoPlaybackQuality().totalVideoFrames > 40")
    assert page.evaluate("document.querySelector('video').srcObject === null")


def test_a_player_of_low_latency_asks_for_parts_before_their_segment_is_whole(tmp_path: Path, browser: Browser) -> None:
    sink = f'{{ type = "hls", path = "{tmp_path}/hls", part_s = 0.4 }}'
    with running(tmp_path, f"file://{STREET}?loop=true&realtime=true", sinks=sink) as url:
        page, asked = browser.new_page(), list[str]()
        page.on("request", lambda request: asked.append(request.url))
        page.add_init_script("delete window.RTCPeerConnection")
        page.goto(url)
        until(page, "document.querySelector('video')?.getVideoPlaybackQuality().totalVideoFrames > 60")
    assert any("_HLS_msn=" in request and "_HLS_part=" in request for request in asked)
    assert sum("/part-" in request for request in asked) > 3


def test_several_visitors_watch_and_one_who_leaves_frees_its_place(address: str, browser: Browser) -> None:
    pages = [browser.new_page() for _ in range(3)]
    for page in pages:
        page.goto(address)
    for page in pages:
        until(page, "document.querySelector('video')?.srcObject?.active")
        until(page, "document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames > 40")
    pages[0].close()
    before = pages[1].evaluate("document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames")
    until(pages[1], f"document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames > {before + 40}")


def test_who_leaves_the_page_frees_its_place_at_once(address: str, browser: Browser) -> None:
    """Nine visitors in a row, where eight at a time find a place and one that merely vanishes keeps it for half a minute."""
    for _ in range(9):
        page = browser.new_page()
        page.goto(address)
        until(page, "document.querySelector('video')?.srcObject?.active")
        page.goto("about:blank")
        page.close()


def test_a_browser_publishes_its_camera_and_another_sees_it_anonymised(tmp_path: Path, browser: Browser) -> None:
    with running(tmp_path, "whip:") as url:
        camera, viewer = browser.new_page(), browser.new_page()
        camera.goto(url)
        deadline = time.monotonic() + 30
        while (location := camera.evaluate(PUBLISH, "/whip/street")).startswith("503"):
            assert time.monotonic() < deadline, location
            camera.wait_for_timeout(300)
        assert re.fullmatch(r"/whip/street/[A-Za-z0-9_-]{22}", location)
        until(camera, "window.peer.connectionState === 'connected'")
        viewer.goto(url)
        until(viewer, "document.querySelector('video')?.getVideoPlaybackQuality().totalVideoFrames > 40")
        assert camera.evaluate("path => fetch(path, { method: 'DELETE' }).then((answer) => answer.status)", location) == 200
        until(viewer, "/^(Connecting|Waiting for somebody)/.test(document.querySelector('.sentence').textContent)")
