"""A browser watches, and nobody is asked about it: no name server, no public STUN server, no network, as the kernel saw it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.peers.process import free_port

VEILCAST = str(Path(sys.executable).with_name("veilcast"))
STREET = Path(__file__).parents[2] / "sample_videos" / "street.mp4"
TRACE = ["strace", "-f", "--seccomp-bpf", "-qq", "-e", "trace=connect,sendto,sendmsg,sendmmsg,bind", "-e", "signal=none"]
PLAYS = "document.querySelector('video')?.srcObject?.active"
COUNT = "document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames"
PLACES = re.compile(r'inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"')

pytestmark = [pytest.mark.peer, pytest.mark.timeout(240)]


def test_who_is_watched_over_webrtc_talks_to_this_machine_only(tmp_path: Path) -> None:
    """The browser hides its addresses behind names of multicast DNS, as it does everywhere; nobody resolves them."""
    port, trace = free_port(), tmp_path / "trace"
    command = [VEILCAST, "run", "--accuracy", "light", "--http", f"127.0.0.1:{port}", "--name", "street"]
    command += ["--source", f"file://{STREET}?loop=true&realtime=true"]
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    with (tmp_path / "log").open("w") as log:
        traced = subprocess.Popen([*TRACE, "-o", str(trace), *command], stderr=log, env=environment, start_new_session=True)
        try:
            frames = watched(f"http://127.0.0.1:{port}")
        finally:
            os.killpg(traced.pid, signal.SIGTERM)
            traced.wait(30)
    assert frames > 20
    said = trace.read_text(errors="replace")
    places = {first or second for first, second in PLACES.findall(said)}
    assert places == {"127.0.0.1"}
    assert "SOCK_DGRAM" in said or "sendto" in said or "sendmsg" in said, "the trace has seen media"


def watched(url: str) -> int:
    """How many pictures a browser decoded of what it was sent by WebRTC."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                page.goto(url)
                break
            except Exception:  # noqa: BLE001 - the service under trace is slow to start
                time.sleep(0.5)
        while not page.evaluate(PLAYS) or (frames := page.evaluate(COUNT)) <= 20:
            assert time.monotonic() < deadline, "no picture"
            page.wait_for_timeout(300)
        browser.close()
    return int(frames)
