"""How soon somebody who opens the page sees a picture, and what the page weighs: ``python -m benchmarks.page --help``.

A real RTSP camera (GStreamer's server) plays a clip, or its test pattern, ``veilcast run`` anonymises it, and Debian's Chromium
opens the page again and again, each time as a visitor who was never there. The time runs from the start of navigation until the
first picture of the video is handed to the compositor (``requestVideoFrameCallback``), over WebRTC, and over HLS with WebRTC taken
away.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import numpy as np
from playwright.sync_api import Browser, Response, sync_playwright

from benchmarks.exposure import RESULTS
from benchmarks.machine import command_version, describe
from tests.peers.camera import Camera
from tests.peers.process import free_port

VEILCAST: Final = str(Path(sys.executable).with_name("veilcast"))
GOAL_S: Final = 2.0
"""How soon a picture shall be there on loopback."""
WAIT_S: Final = 60.0
WATCH: Final = """
window.pictured = null;
new MutationObserver(() => {
  for (const video of document.querySelectorAll("video:not([data-timed])")) {
    video.dataset.timed = "";
    video.requestVideoFrameCallback((now) => { window.pictured ??= now; });
  }
}).observe(document, { childList: true, subtree: true });
"""
WITHOUT_WEBRTC: Final = "delete window.RTCPeerConnection;"


@dataclass(frozen=True, slots=True)
class Opening:
    """One visitor's first look.

    Attributes:
        first_s: seconds from navigation to the first picture; ``None`` when none came.
        page_bytes: of the page itself as transferred, pictures left out.
    """

    first_s: float | None
    page_bytes: int


def opened(browser: Browser, url: str, *, script: str = "") -> Opening:
    """Open ``url`` as a new visitor, with ``script`` run before the page's own."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    try:
        page, answers = context.new_page(), list[Response]()
        page.on("response", lambda answer: answers.append(answer))
        page.add_init_script(WATCH + script)
        page.goto(url)
        waited_ms = 0
        while (first_ms := page.evaluate("window.pictured")) is None and waited_ms < WAIT_S * 1000:
            page.wait_for_timeout(50)
            waited_ms += 50
        weight = sum(map(_own_bytes, answers))
        page.goto("about:blank")  # as somebody leaves, so that the place is free
        return Opening(None if first_ms is None else first_ms / 1000, weight)
    finally:
        context.close()


def _own_bytes(answer: Response) -> int:
    path = urlsplit(answer.url).path
    return answer.request.sizes()["responseBodySize"] if path == "/" or path.startswith("/static/") else 0


def summary(openings: Sequence[Opening]) -> dict[str, object]:
    """Quantiles of the seconds, how many visitors saw nothing, and the weight."""
    seen = [opening.first_s for opening in openings if opening.first_s is not None]

    def at(quantile: float) -> float | None:
        return round(float(np.percentile(seen, quantile)), 2) if seen else None

    return {
        "first_picture_s": {"p50": at(50), "p90": at(90), "max": at(100)},
        "within_goal": sum(first_s <= GOAL_S for first_s in seen),
        "visitors": len(openings),
        "without_a_picture": len(openings) - len(seen),
        "page_kb": round(max(opening.page_bytes for opening in openings) / 1000, 1),
    }


@contextmanager
def service(folder: Path, source: str, accuracy: str) -> Iterator[str]:
    """The address of ``veilcast run`` with one camera, whose pictures flow."""
    port, config = free_port(), folder / "veilcast.toml"
    config.write_text(
        f'[[camera]]\nname = "door"\nsource = "{source}"\n[camera.privacy]\naccuracy = "{accuracy}"\n[control]\nport = {port}\n'
    )
    with (folder / "log").open("wb") as log, subprocess.Popen([VEILCAST, "run", "-c", str(config)], stderr=log) as running:
        try:
            while "anonymised picture" not in (folder / "log").read_text() and running.poll() is None:
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            running.send_signal(signal.SIGTERM)
            running.wait(30)


def measure(clip: Path | None, *, accuracy: str, visitors: int) -> dict[str, object]:
    """The figures of so many visitors over WebRTC and as many over HLS."""
    with (
        tempfile.TemporaryDirectory(prefix="page-") as folder,
        Camera(Path(folder), clip=clip) as camera,
        service(Path(folder), camera.url, accuracy) as url,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        opened(browser, url)  # the camera's process starts meanwhile: visitors of a box that is up are measured
        ways = {"webrtc": "", "hls": WITHOUT_WEBRTC}
        found = {way: summary([opened(browser, url, script=script) for _ in range(visitors)]) for way, script in ways.items()}
        browser.close()
    return dict(found)


def main(argv: Sequence[str]) -> int:
    """Measure, write, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page", description=__doc__)
    parser.add_argument(
        "--clip", type=Path, help="what the camera plays; unless told a small pattern, with which also a busy machine keeps up"
    )
    parser.add_argument("--accuracy", default="balanced", choices=("light", "balanced", "max"))
    parser.add_argument("--visitors", type=int, default=20, help="how many, each way, one after another")
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--name", default="page")
    chosen = parser.parse_args(argv)
    header = describe() | {
        "when": datetime.now(UTC).isoformat(timespec="minutes"),
        "clip": chosen.clip.name if chosen.clip else "pattern, 320x240",
    }
    header |= {"accuracy": chosen.accuracy, "goal_s": GOAL_S, "browser": command_version("/usr/bin/chromium")}
    found = measure(chosen.clip, accuracy=chosen.accuracy, visitors=chosen.visitors)
    print(json.dumps(found, indent=1))
    chosen.out.mkdir(parents=True, exist_ok=True)
    (chosen.out / f"{chosen.name}.json").write_text(json.dumps({**header, "results": found}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
