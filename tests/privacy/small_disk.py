"""A service that records to a disk which becomes full and is emptied again: ``unshare --mount python -m … FOLDER``.

``FOLDER/disk`` becomes a file system of its own, in memory and of 24 MB, of which ballast takes all but 2. On it are a recording
and a playlist; another recording, the camera and the page are elsewhere. Prints, as JSON, what was seen before, while and after.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Final

import av

from tests.peers.process import free_port

VEILCAST: Final = str(Path(sys.executable).with_name("veilcast"))
STREET: Final = Path(__file__).parents[2] / "sample_videos" / "street.mp4"
SIZE_MB, FREE_MB = 24, 2
TRIES_S: Final = 8.0
"""A sink that fails is tried again after 2 s, and then after twice as long each time."""


def mount(disk: Path) -> Path:
    """Mount the disk, with the ballast that is returned."""
    disk.mkdir()
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "none", str(disk)], check=True)
    ballast = disk / "ballast"
    ballast.write_bytes(bytes((SIZE_MB - FREE_MB) << 20))
    return ballast


class Watched:
    """A service, and what it says of its camera."""

    def __init__(self, folder: Path) -> None:
        disk, port = folder / "disk", free_port()
        self.names = {"full": f"file:{disk / 'out.mkv'}", "hls": "hls:hls", "kept": f"file:{folder / 'kept.mkv'}"}
        self._url, config = f"http://127.0.0.1:{port}/api/cameras", folder / "veilcast.toml"
        config.write_text(
            f'[[camera]]\nname = "door"\nsource = "file://{STREET}?loop=true&realtime=true"\n'
            f'sinks = ["{disk}/out.mkv", {{ type = "hls", path = "{disk}/hls", segment_s = 0.5 }}, "{folder}/kept.mkv"]\n'
            f'[camera.privacy]\naccuracy = "light"\n[camera.encoding]\nbitrate_kbps = 3000\ngop_s = 0.5\n[control]\nport = {port}\n'
        )
        environment = os.environ | {"TMPDIR": str(folder)}
        self.log = folder / "log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([VEILCAST, "run", "-c", str(config)], stderr=log, env=environment)

    def look(self) -> dict[str, object]:
        """State of the process and of each sink, and the pictures sent so far; empty while nothing answers."""
        try:
            (camera,) = json.load(urllib.request.urlopen(self._url, timeout=5))["cameras"]
        except (urllib.error.URLError, OSError, ValueError):
            return {}
        sinks = {name: camera["sinks"].get(sink, {}) for name, sink in self.names.items()}
        told: dict[str, object] = {name: sink.get("state") for name, sink in sinks.items()}
        told |= {f"{name}_detail": sink.get("detail", "") for name, sink in sinks.items()}
        return told | {
            "process": camera["process"],
            "source": camera["source"]["state"],
            "sent": camera["frames_sent"],
        }

    def until(self, holds: Callable[[dict[str, object]], object], *, within_s: float) -> dict[str, object]:
        """What it says when that holds for the first time, or at the end of the time."""
        deadline = time.monotonic() + within_s
        while True:
            seen = self.look()
            if (seen and holds(seen)) or time.monotonic() > deadline:
                return seen
            time.sleep(0.2)


def waiting(seen: dict[str, object], waited: dict[str, str]) -> bool:
    """Whether both that write to the disk have been seen to wait; why goes into ``waited``. They need not wait at the same time."""
    waited |= {name: str(seen[f"{name}_detail"]) for name in ("full", "hls") if seen[name] == "waiting"}
    return len(waited) == 2


def holds_nothing(path: Path) -> bool:
    """Whether the file is there and empty."""
    try:
        return path.stat().st_size == 0
    except FileNotFoundError:
        return False


def litter(disk: Path) -> list[str]:
    """Names of recordings that hold nothing however often one looks, once there was time for some tries.

    A try that is running holds nothing at first: its file is found empty now and then, and is gone when the try has failed.
    """
    time.sleep(TRIES_S)
    looks = []
    for _ in range(20):
        looks.append({path.name for path in disk.glob("out*") if holds_nothing(path)})
        time.sleep(0.2)
    return sorted(set.intersection(*looks))


def pictures(path: Path) -> int:
    """How many can be decoded."""
    try:
        with av.open(str(path)) as container:
            return sum(1 for _ in container.decode(video=0))
    except av.FFmpegError:
        return 0


def main() -> None:
    folder = Path(sys.argv[1])
    disk = folder / "disk"
    ballast = mount(disk)
    service = Watched(folder)
    try:
        before = service.until(lambda seen: {seen["full"], seen["hls"], seen["kept"]} == {"running"}, within_s=60)
        waited: dict[str, str] = {}
        full = service.until(lambda seen: waiting(seen, waited), within_s=60)
        sent = int(str(full.get("sent", 0)))
        later = service.until(lambda seen: int(str(seen["sent"])) > sent + 50 and "full" in seen, within_s=60)
        recorded = (disk / "out.mkv").stat().st_size
        littered = litter(disk)
        ballast.unlink()
        again = service.until(lambda seen: seen["full"] == seen["hls"] == "running", within_s=75)
        sent = int(str(again.get("sent", 0)))
        service.until(lambda seen: int(str(seen["sent"])) > sent + 50, within_s=60)
    finally:
        service.process.send_signal(signal.SIGTERM)
        code = service.process.wait(30)
    order = sorted(disk.glob("out*.mkv"), key=lambda path: path.stat().st_mtime)
    recordings = {path.name: pictures(path) for path in (*order, folder / "kept.mkv")}
    playlist = (disk / "hls" / "index.m3u8").read_text()
    left = sorted(path.name for path in (disk / "hls").iterdir())
    told = {
        "before": before,
        "full": full,
        "waited": waited,
        "later": later,
        "again": again,
        "code": code,
        "recorded": recorded,
        "littered": littered,
        "left": left,
        "order": [path.name for path in order],
    }
    sys.stdout.write(json.dumps(told | {"recordings": recordings, "playlist": playlist, "log": service.log.read_text()}))


if __name__ == "__main__":
    main()
