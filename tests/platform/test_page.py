"""The gateway's page in a real browser, in front of a real gateway with real publishers."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import av
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Response, sync_playwright

from benchmarks.viewer import shows_scene
from proxy.platform.page import page_files
from tests.peers.ingest import Ingest
from tests.peers.lying_box import lying_box
from tests.platform.running import ADMIN, CAFE, OPERATOR, VIEWER, Gateway, box_key, platform, publishing, rows, status_of, until

QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
SIZES = {"desktop": (1300, 820), "phone": (390, 844)}
FLAT = """(() => {
  const canvas = document.createElement("canvas"), [width, height] = [96, 54];
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  context.drawImage(document.querySelector("video"), 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height), at = (x, y) => data[4 * (y * width + x) + 1];
  let alike = 0;
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) alike += Math.abs(at(x, y) - at(1, y)) < 12;
  return alike / (width * height);
})()"""
"""The share of what is shown that is as light as the left edge: nearly all of a cover, little of a scene."""
MOVES = "document.querySelector('video')?.getVideoPlaybackQuality().totalVideoFrames > 5"


def test_every_file_of_the_page_is_there_and_is_asked_for_by_name():
    files = page_files()
    used = {name for file in files.values() for name in re.findall(r'"/static/([\w.]+)"', file.body.decode())}
    imported = {name for file in files.values() for name in re.findall(r'from "\./([\w.]+)"', file.body.decode())}
    assert used | imported | {"index.html"} == set(files)


@contextmanager
def browsing() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
        try:
            yield chromium
        finally:
            chromium.close()


def opened(browser: Browser, gateway: Gateway, token: str, size: str = "desktop", **more: str) -> Page:
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, http_credentials={"username": "any", "password": token}, **more
    )
    page = context.new_page()
    page.goto(gateway.url)
    return page


def shot(page: Page, name: str) -> None:
    if folder := os.environ.get("VEILCAST_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"gateway-{name}.png")


def grave(page: Page) -> list[tuple[str, str]]:
    found = Axe().run(page).response
    assert len(found["passes"]) > 10
    return [(each["id"], each["nodes"][0]["html"]) for each in found["violations"] if each["impact"] in ("serious", "critical")]


def last_pictures(ingest: Ingest, camera: str, count: int) -> list[bool]:
    """Whether the last pictures that the platform recorded show the scene."""
    with av.open(str(ingest.recordings(camera)[-1])) as recording:
        return [shows_scene(frame) for frame in recording.decode(video=0)][-count:]


def watched(page: Page, condition: str, gateway: Gateway, *, within_s: float = 90) -> None:
    """Wait for ``condition``, asked from outside: the page's own policy forbids it to evaluate text."""

    def holds() -> bool:
        page.wait_for_timeout(100)
        return bool(page.evaluate(condition))

    until(holds, within_s=within_s, why=lambda: page.locator("body").inner_text() + gateway.log.read_text())


@pytest.mark.peer
@pytest.mark.timeout(400)
def test_an_operator_sees_cameras_a_finding_and_a_moving_picture_and_covers_with_one_tap(tmp_path):
    key, trust = box_key(tmp_path)
    more = f'[proof]\ntrust = "{trust}"\n[signs]\nstarting_size = "960x540"\n'
    with platform(tmp_path, more) as (gateway, ingest), browsing() as browser:
        honest = gateway.register("acme", "door", "yard", "gate", "hall", "roof")
        lying = gateway.register("blink", "lobby", admission="verify")
        with (
            publishing(ingest.url("door", honest), CAFE),
            lying_box(CAFE, ingest.url("lobby", lying), key=key, camera="lobby", sent=tmp_path / "sent.h264"),
        ):
            until(lambda: gateway.shown("door") > 20, within_s=120, why=gateway.log.read_text)
            until(lambda: rows(tmp_path, "finding"), within_s=120, why=gateway.log.read_text)
            page = opened(browser, gateway, OPERATOR)
            wrong: list[str] = []
            page.on("pageerror", lambda error: wrong.append(str(error)))
            page.get_by_role("link", name="door").wait_for()
            page.locator(".tenant", has_text="acme").get_by_text("anonymised here").first.wait_for()
            page.get_by_text("4 more cameras that nobody publishes now").wait_for()
            page.get_by_text("The audit saw a face in what was sent on: the camera is covered.").wait_for()
            found = re.compile(r"^A face was seen \d+ times within [\d.]+ s in what was sent on\.$")
            page.locator(".findings").get_by_text(found).wait_for()
            shot(page, "desktop")
            _covers_what_it_shows(page, gateway, ingest)
            _looks_right_everywhere(browser, gateway)
            assert wrong == []


@pytest.mark.peer
@pytest.mark.timeout(300)
@pytest.mark.parametrize("way", ["whep", "hls"])
def test_what_is_sent_on_as_it_was_proven_is_seen_too_and_its_cover_as_well(tmp_path, way):
    """The box signs raw pictures here, and nobody audits, so that the scene is known again."""
    key, trust = box_key(tmp_path)
    more = f'[proof]\ntrust = "{trust}"\n[audit]\nof = "none"\n'
    with platform(tmp_path, more) as (gateway, ingest), browsing() as browser:
        token = gateway.register("blink", "lobby", admission="verify")
        with lying_box(CAFE, ingest.url("lobby", token), key=key, camera="lobby", sent=tmp_path / "sent.h264"):
            until(lambda: gateway.shown("lobby") > 40, within_s=120, why=gateway.log.read_text)
            page = opened(browser, gateway, OPERATOR)
            if way == "hls":
                page.context.route("**/whep/**", lambda route: route.abort())
            page.goto(f"{gateway.url}/#/camera/lobby")
            watched(page, MOVES, gateway)
            page.get_by_text("Proven by its device's signature, and sent on as it is.").wait_for()
            watched(page, f"{FLAT} < 0.6", gateway)
            shot(page, f"proven-{way}")
            page.get_by_role("button", name="Cover: lobby").click()
            watched(page, f"{FLAT} > 0.8", gateway, within_s=30)
            shot(page, f"covered-{way}")
            page.get_by_role("button", name="Cut: lobby").click()
            page.get_by_role("button", name="Press again to cut: lobby").click()
            watched(page, "document.querySelector('video').srcObject === null && !document.querySelector('.playing')", gateway)
            assert page.evaluate("fetch('/live/lobby/index.m3u8').then((answer) => answer.status)") == 503


def _covers_what_it_shows(page: Page, gateway: Gateway, ingest: Ingest) -> None:
    page.get_by_role("link", name="door").click()
    watched(page, MOVES, gateway)
    shot(page, "camera")
    page.get_by_role("button", name="Cover: door").click()
    page.get_by_text("Covered by an operator: nothing of the picture is sent on.").wait_for()
    assert page.evaluate("document.activeElement.textContent") == "Lift the cover", "the focus stays where the finger is"
    sent = gateway.sent("door")
    until(lambda: gateway.sent("door") > sent + 15, within_s=60, why=gateway.log.read_text)
    assert not any(last_pictures(ingest, "door", 10)), "the platform shows a cover"
    assert gateway.switches()[0] == {"scope": "camera", "target": "door", "action": "cover"}
    page.get_by_role("button", name="Lift the cover: door").click()
    page.get_by_role("button", name="Press again to lift: door").click()
    page.get_by_role("button", name="Cover: door").wait_for()
    before = gateway.shown("door")
    until(lambda: gateway.shown("door") > before + 15, within_s=60, why=gateway.log.read_text)
    page.get_by_role("button", name="Cover everything: everything").click()
    page.get_by_text("Covered by an operator: nothing of the picture is sent on.").wait_for()
    sent = gateway.sent("door")
    until(lambda: gateway.sent("door") > sent + 15, within_s=60, why=gateway.log.read_text)
    assert not any(last_pictures(ingest, "door", 10))
    page.get_by_role("button", name="切换到中文").click()
    page.get_by_text("已由操作员遮盖：画面内容不会被转发。").wait_for()
    page.get_by_role("button", name="解除遮盖: 全部").click()
    page.get_by_role("button", name="再按一次以解除: 全部").click()
    page.get_by_role("button", name="全部遮盖: 全部").wait_for()
    page.get_by_role("button", name="Switch to English").or_(page.get_by_role("button", name="English")).first.click()


def _looks_right_everywhere(browser: Browser, gateway: Gateway) -> None:
    """Desktop and phone, light and dark: nothing hangs over the side, and axe finds nothing serious."""
    for size in SIZES:
        for scheme in ("light", "dark"):
            page = opened(browser, gateway, OPERATOR, size, color_scheme=scheme)
            for place, there in (("#/", ".findings li"), ("#/camera/door", ".beside dd"), ("#/camera/lobby", ".findings li")):
                page.goto(f"{gateway.url}/{place}")
                page.locator(there).first.wait_for()
                page.wait_for_timeout(1500)
                assert grave(page) == [], (place, size, scheme)
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (place, size, scheme)
                shot(page, f"{place.rpartition('/')[2] or 'all'}-{size}-{scheme}")
            page.context.close()


@pytest.mark.peer
@pytest.mark.timeout(120)
def test_the_page_weighs_little_asks_nobody_else_and_lets_nobody_do_what_his_role_may_not(tmp_path):
    with platform(tmp_path) as (gateway, _), browsing() as browser:
        gateway.register("acme", "door")
        context = browser.new_context(http_credentials={"username": "any", "password": VIEWER})
        page, answers = context.new_page(), list[Response]()
        page.on("response", lambda answer: answers.append(answer))
        page.goto(gateway.url)
        page.get_by_text("Nobody publishes this camera now.").wait_for()
        loaded = [answer for answer in answers if "/api/" not in answer.url and answer.status == 200]
        assert {urlsplit(answer.url).netloc for answer in answers} == {urlsplit(gateway.url).netloc}
        assert 0 < sum(answer.request.sizes()["responseBodySize"] for answer in loaded) <= 60_000
        assert page.locator("button.panic:visible, button.cut:visible").count() == 0, "a viewer switches nothing"
        refused = "fetch('/api/switches/all/all', { method: 'PUT', body: '{\"action\": \"cut\"}' }).then((answer) => answer.status)"
        assert page.evaluate(refused) == 403
        status, headers = status_of(gateway.url)
        assert (status, headers["WWW-Authenticate"].split()[0]) == (401, "Basic")
        assert gateway.switches() == []


@pytest.mark.peer
@pytest.mark.timeout(120)
def test_the_keyboard_is_enough(tmp_path):
    with platform(tmp_path) as (gateway, _), browsing() as browser:
        gateway.register("acme", "door")
        page = opened(browser, gateway, ADMIN)
        page.get_by_role("link", name="door").wait_for()
        cover = page.get_by_role("button", name="Cover: door")
        for _ in range(20):
            page.keyboard.press("Tab")
            if cover.evaluate("(button) => button === document.activeElement"):
                break
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Lift the cover: door").wait_for()
        assert gateway.switches() == [{"scope": "camera", "target": "door", "action": "cover"}]
