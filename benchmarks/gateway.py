"""Whether strangers disturb a gateway: ``python -m benchmarks.gateway``. 50 cameras, of which 3 publish; wrong tokens; kill -9.

``--switches N`` measures the kill switch in their place, see :mod:`benchmarks.switches`; with ``--relayed``, of streams that are
sent on as proven.

A real ``veilcast gateway`` behind a real nginx-rtmp; publishers are ffmpeg's. The same three streams are counted for a while in
peace, then while strangers knock, half at the hook as nginx would and some as real RTMP publishers, and then while the gateway is
killed at random moments in the middle of registrations.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import urlopen

from benchmarks.machine import describe
from benchmarks.switches import Boxes, measured
from tests.peers.ingest import Ingest
from tests.platform.running import STREET, Gateway, box_key, platform, publishing, until

CAMERAS = 50
PUBLISHING = ("camera-3", "camera-17", "camera-42")
CLIP = STREET.with_name("vfr.mp4")
KNOCKS_A_SECOND = 100
RTMP_EVERY_S = 0.5


def watched(gateway: Gateway, seconds: float) -> dict[str, dict[str, float]]:
    """Of each of the three: pictures a second, and the longest time in which none was counted (counts come twice a second)."""
    began, before = time.monotonic(), {name: gateway.sent(name) for name in PUBLISHING}
    last, moved, gaps = dict(before), dict.fromkeys(PUBLISHING, began), dict.fromkeys(PUBLISHING, 0.0)
    while time.monotonic() - began < seconds:
        time.sleep(0.25)
        statuses = {str(stream["camera"]): stream["status"] for stream in gateway.streams()}
        now = time.monotonic()
        for name in PUBLISHING:
            status = statuses.get(name)
            sent = int(status["frames_sent"]) if isinstance(status, dict) else 0
            if sent != last[name]:
                moved[name], last[name] = now, sent
            gaps[name] = max(gaps[name], now - moved[name])
    took = time.monotonic() - began
    return {
        name: {"pictures_a_second": round((last[name] - before[name]) / took, 2), "longest_gap_s": round(gaps[name], 2)}
        for name in PUBLISHING
    }


@contextmanager
def knocking(hook: str, ingest: Ingest, counts: dict[str, int]) -> Iterator[None]:
    """Strangers with wrong tokens, as fast as :data:`KNOCKS_A_SECOND`, for as long as this lasts."""
    over = threading.Event()

    def knock(number: int) -> None:
        form = {"name": f"camera-{number % CAMERAS}", "token": f"wrong-{number}", "clientid": str(number)}
        try:
            urlopen(hook, urlencode(form).encode(), timeout=10)  # noqa: S310 - this machine's own
            counts["let in"] += 1
        except HTTPError as error:
            counts["refused" if error.code == 403 else "other"] += 1
        except (URLError, OSError):
            counts["other"] += 1

    def steadily() -> None:
        with ThreadPoolExecutor(16) as pool:
            began, number = time.monotonic(), 0
            while not over.wait(max(0.0, began + number / KNOCKS_A_SECOND - time.monotonic())):
                pool.submit(knock, number)
                number += 1

    def as_publishers() -> None:
        while not over.wait(RTMP_EVERY_S):
            with publishing(ingest.url("camera-9", "wrong")) as stranger:
                counts["rtmp refused" if stranger.wait(20) else "let in"] += 1

    threads = [threading.Thread(target=work) for work in (steadily, as_publishers)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def killed(gateway: Gateway, times: int, chance: random.Random) -> dict[str, object]:
    """Kill the gateway while somebody registers, and look whether the ledger is whole and nothing that was admitted is lost."""
    sound = kept = confirmed_lost = 0
    back: list[float] = []
    for round_number in range(times):
        over, told = threading.Event(), list[str]()

        def register(over: threading.Event = over, told: list[str] = told, number: int = round_number) -> None:
            count = 0
            while not over.is_set():
                with suppress(HTTPError, URLError, OSError):
                    name = f"new-{number}-{count}"
                    gateway.register(name, f"{name}-camera")
                    told.append(name)
                count += 1

        thread = threading.Thread(target=register)
        thread.start()
        time.sleep(chance.uniform(0.2, 2.0))
        gateway.end(signal.SIGKILL)
        over.set()
        thread.join()
        sound += gateway.ledger().returncode == 0
        began = time.monotonic()
        gateway.start()
        back.append(time.monotonic() - began)
        kept += {str(stream["camera"]) for stream in gateway.streams()} == set(PUBLISHING)
        names = {publisher["name"] for publisher in gateway.publishers()}
        confirmed_lost += len(set(told) - names)
    return {
        "kills": times,
        "ledger_sound": sound,
        "all_streams_still_admitted": kept,
        "confirmed_registrations_lost": confirmed_lost,
        "back_after_s": [round(seconds, 1) for seconds in back],
    }


def switches(times: int, *, relayed: bool) -> dict[str, object]:
    """What :mod:`benchmarks.switches` says of a gateway of its own; nobody audits, who would cover the raw scene by himself."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        key, trust = box_key(folder) if relayed else (None, None)
        more = f'[proof]\ntrust = "{trust}"\npatience_s = 30\n[audit]\nof = "none"\n' if relayed else ""
        with platform(folder, more) as (gateway, ingest):
            boxes = Boxes(key, folder) if key is not None else None
            return {"machine": describe(), "relayed": relayed, **measured(gateway, ingest, times=times, boxes=boxes)}


def main(arguments: Sequence[str]) -> None:
    """Measure, and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="of each of the two phases")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--switches", type=int, default=0, metavar="N", help="measure the kill switch alone: N calls of each kind")
    parser.add_argument("--relayed", action="store_true", help="with --switches: streams that are sent on as proven")
    asked = parser.parse_args(arguments)
    if asked.switches:
        print(json.dumps(switches(asked.switches, relayed=asked.relayed), indent=1))
        return
    counts = {"refused": 0, "rtmp refused": 0, "let in": 0, "other": 0}
    with tempfile.TemporaryDirectory() as folder, platform(Path(folder)) as (gateway, ingest), ExitStack() as stack:
        token = gateway.register("acme", *(f"camera-{number}" for number in range(CAMERAS)))
        for name in PUBLISHING:
            stack.enter_context(publishing(ingest.url(name, token), CLIP))
        until(lambda: all(gateway.sent(name) > 50 for name in PUBLISHING), within_s=180, why=gateway.log.read_text)
        peace = watched(gateway, asked.seconds)
        with knocking(f"{gateway.url}/hooks/rtmp/publish", ingest, counts):
            knocked = watched(gateway, asked.seconds)
        ends = killed(gateway, asked.kills, random.Random(asked.seed))  # noqa: S311 - it chooses moments
        until(lambda: all(gateway.sent(name) > 0 for name in PUBLISHING), within_s=180, why=gateway.log.read_text)
        ends["streams_flow_again"] = True
    said = {
        "machine": describe(),
        "cameras": CAMERAS,
        "in_peace": peace,
        "while_knocked": knocked,
        "knocks": counts,
        "kill_9": ends,
    }
    print(json.dumps(said, indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
