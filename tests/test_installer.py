"""An installer's five minutes, on a desktop and on a phone: a camera met over ONVIF, seen anonymised, sent to a platform, a zone
drawn, a method chosen, the panic button, and the camera's end. Real parts but for the ONVIF answers of ``peers/onvif_service.py``.
"""

from __future__ import annotations

import base64
import io
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from proxy.redactors.zones import LUMA
from tests.peers.camera import Camera
from tests.peers.onvif_service import OnvifService
from tests.peers.platform import Platform
from tests.peers.process import free_port
from tests.privacy.canary import BOX, CANARY, SEEN, likeness
from tests.test_browser import QUIET, STREET, VEILCAST, until

PASSWORD, KEY = "hunter2-secret", "stream-key-secret"
FRAMES = "document.querySelector('video')?.getVideoPlaybackQuality().totalVideoFrames"
GRAB = """
() => {
  const video = document.querySelector("video");
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  canvas.getContext("2d").drawImage(video, 0, 0);
  return canvas.toDataURL("image/png").split(",")[1];
}
"""

pytestmark = [pytest.mark.peer, pytest.mark.timeout(400)]


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Eight seconds of the street, with the canary hung up in it."""
    made = tmp_path / "canary.mp4"
    x1, y1, x2, y2 = BOX
    with av.open(str(STREET)) as source, av.open(str(made), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"preset": "veryfast", "crf": "18"})
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        for number, frame in enumerate(source.decode(video=0)):
            if number == 200:
                break
            planes = frame.to_ndarray(format="yuv420p")
            planes[y1:y2, x1:x2] = CANARY
            painted = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            painted.pts = number
            out.mux(stream.encode(painted))
        out.mux(stream.encode(None))
    return made


@contextmanager
def service(folder: Path) -> Iterator[tuple[str, Path]]:
    """``veilcast run`` without a camera: its address, and its settings file."""
    port, config = free_port(), folder / "veilcast.toml"
    config.write_text(f"# the market square\n[control]\nport = {port}\n")
    command = [VEILCAST, "run", "-c", str(config)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ | {"TMPDIR": str(folder)}) as running:
        assert running.stderr is not None
        for line in running.stderr:
            if "anonymised picture" in line:
                break
        try:
            yield f"http://127.0.0.1:{port}", config
        finally:
            running.send_signal(signal.SIGTERM)
            running.communicate(timeout=30)


@pytest.fixture
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", *QUIET])
        yield chromium
        chromium.close()


def shown(page: Page) -> np.ndarray:
    """The picture that the browser shows now, ``(H, W)`` uint8 luma at its own size."""
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(page.evaluate(GRAB)))).convert("L"))


def seen_until(page: Page, holds: object, *, within_s: float = 90) -> np.ndarray:
    """The first picture for which ``holds``."""
    assert callable(holds)
    deadline = time.monotonic() + within_s
    while True:
        if page.evaluate(f"({FRAMES}) > 0"):
            picture = shown(page)
            if holds(picture):
                return picture
        assert time.monotonic() < deadline, page.locator("main").inner_text()
        page.wait_for_timeout(200)


def tap(page: Page, layer: Locator, points: tuple[tuple[float, float], ...], *, finger: bool) -> None:
    """Touch or click each of ``points``, shares of the picture."""
    box = layer.bounding_box()
    assert box
    for x, y in points:
        place = box["x"] + x * box["width"], box["y"] + y * box["height"]
        (page.touchscreen.tap if finger else page.mouse.click)(*place)


def within(picture: np.ndarray, corners: tuple[tuple[float, float], ...], *, margin: int) -> np.ndarray:
    """The pixels of a rectangle given by its corners, without a ``margin`` that an encoder's blocks may smear."""
    height, width = picture.shape
    x1, y1, x2, y2 = corners[0][0] * width, corners[0][1] * height, corners[2][0] * width, corners[2][1] * height
    return picture[round(y1) + margin : round(y2) - margin, round(x1) + margin : round(x2) - margin]


def limited(luma: int) -> float:
    """How a browser shows a limited-range luma."""
    return (luma - 16) * 255 / 219


@pytest.mark.parametrize(("size", "finger"), [((1280, 900), False), ((390, 844), True)], ids=["desktop", "phone"])
def test_an_installers_five_minutes(tmp_path: Path, clip: Path, browser: Browser, size: tuple[int, int], finger: bool) -> None:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, has_touch=finger, is_mobile=finger)
    page, wrong = context.new_page(), list[str]()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    with (
        Camera(tmp_path, user="admin", password=PASSWORD, clip=clip) as camera,
        OnvifService(camera.url, user="admin", password=PASSWORD) as onvif,
        Platform(tmp_path, keys={KEY}) as platform,
        service(tmp_path) as (url, config),
    ):
        page.goto(url)
        page.get_by_role("link", name="Add a camera").click()
        add_it(page, onvif, platform)
        text = config.read_text()
        assert "# the market square" in text
        assert PASSWORD in text
        assert KEY in text
        assert config.stat().st_mode & 0o077 == 0
        until(page, f"{FRAMES} > 20")
        choose_light_and_solid(page)
        assert 'method = "solid"' in config.read_text()
        before = seen_until(page, lambda picture: likeness(picture) > SEEN)
        assert before.shape == (720, 1280)
        corners = draw_zone(page, finger=finger)
        zoned = seen_until(page, lambda picture: abs(within(picture, corners, margin=8) - limited(LUMA)).max() < 12)
        assert likeness(zoned) < SEEN
        assert np.ptp(zoned[400:700]) > 60, "the rest is shown"
        panic(page)
        assert platform.recordings(KEY)
        for path in ("/api/settings", "/api/cameras", "/metrics"):
            told = page.request.get(url + path).text()
            assert told
            assert not {PASSWORD, KEY} & {secret for secret in (PASSWORD, KEY) if secret in told}
        camera.kill()
        page.get_by_text("The camera does not answer.").wait_for(timeout=90_000)
        assert page.get_by_text("Check its power, its cable and its address").is_visible()
    assert wrong == []


def add_it(page: Page, onvif: OnvifService, platform: Platform) -> None:
    """Name the camera by its host, see its anonymised picture, and send it to the platform."""
    page.get_by_label("Address", exact=False).first.fill(onvif.address)
    page.get_by_label("User").fill("admin")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="See the anonymised picture").click()
    until(page, f"{FRAMES} > 5", within_s=120)
    assert page.locator("select[name=profile] option").all_text_contents() == ["H264 · 1280x720 · 25/s"]
    assert page.get_by_label("Name").input_value() == "street-cam-3"
    page.get_by_label("Platform address").fill(platform.url("").rstrip("/"))
    page.get_by_label("Stream key").fill(KEY)
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name="street-cam-3").wait_for()


def choose_light_and_solid(page: Page) -> None:
    """See a weak method called reversible, choose a strong one, and see it before it is saved."""
    page.get_by_role("link", name="Settings").click()
    page.get_by_label("How small a person").select_option("light")
    assert page.get_by_role("radio", name=re.compile("^Blur")).locator("xpath=..").get_by_text("reversible").is_visible()
    page.get_by_role("radio", name=re.compile("^Solid")).check()
    until(page, f"{FRAMES} > 5", within_s=120)
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name="street-cam-3").wait_for()


def draw_zone(page: Page, *, finger: bool) -> tuple[tuple[float, float], ...]:
    """Draw a rectangle over the canary, and save it; returns its corners as shares of the picture."""
    x1, y1, x2, y2 = BOX[0] / 1280 - 0.02, BOX[1] / 720 - 0.03, BOX[2] / 1280 + 0.02, BOX[3] / 720 + 0.03
    corners = ((x1, y1), (x2, y1), (x2, y2), (x1, y2))
    page.get_by_role("link", name="Settings").click()
    page.locator("svg.zones").wait_for()
    until(page, f"{FRAMES} > 5", within_s=120)
    page.get_by_role("button", name="Draw a covered zone").click()
    page.locator(".stage video").scroll_into_view_if_needed()
    page.wait_for_timeout(400)
    tap(page, page.locator("svg.zones"), (*corners, corners[0]), finger=finger)
    page.get_by_text("Drag the corners").wait_for()
    assert page.locator("svg.zones ellipse").count() == 4
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name="street-cam-3").wait_for()
    return corners


def panic(page: Page) -> None:
    """One tap covers the picture, two uncover it."""

    def flat(picture: np.ndarray) -> bool:
        return bool(np.ptp(picture[:144].astype(int), axis=1).max() < 12)

    beside = page.locator(".beside")
    beside.get_by_role("button", name="Cover this camera").click()
    seen_until(page, flat)
    beside.get_by_role("button", name="Uncover this camera").click()
    beside.get_by_role("button", name="Press again to uncover").click()
    seen_until(page, lambda picture: not flat(picture))
