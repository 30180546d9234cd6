"""A whole service with a real camera and a real platform, in whatever network it is started: ``python -m … FOLDER``.

Prints, as JSON, the ports that the settings name and how much the platform got.
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
from pathlib import Path

from tests.peers.camera import Camera
from tests.peers.platform import Platform
from tests.peers.process import free_port

VEILCAST = str(Path(sys.executable).with_name("veilcast"))


def main() -> None:
    folder = Path(sys.argv[1])
    http = free_port()
    with (
        Camera(folder, user="admin", password="p4ss") as camera,
        Platform(folder, keys={"k3y"}) as platform,
    ):
        environment = os.environ | {"CAMERA": camera.url, "SINK": platform.url("k3y"), "TMPDIR": str(folder)}
        command = [
            VEILCAST,
            "run",
            "--source",
            "env:CAMERA",
            "--sink",
            "env:SINK",
            "--sink",
            f"hls://{folder}/out",
            "--accuracy",
            "max",
        ]
        command += ["--http", f"127.0.0.1:{http}"]
        with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as service:
            deadline = time.monotonic() + 60
            while received(platform) < 20_000 and time.monotonic() < deadline and service.poll() is None:
                for path in ("/", "/api/cameras", "/metrics", "/live/camera/index.m3u8"):
                    fetch(f"http://127.0.0.1:{http}{path}")
                time.sleep(0.5)
            got = received(platform)
            service.send_signal(signal.SIGTERM)
            _, log = service.communicate(timeout=20)
        ports = [camera.port, platform.port, platform._hook.server_port, http]
    sys.stdout.write(json.dumps({"ports": ports, "got": got, "log": log}))


def received(platform: Platform) -> int:
    return sum(path.stat().st_size for path in platform.recordings("k3y"))


def fetch(url: str) -> None:
    try:
        urllib.request.urlopen(url, timeout=5).read()
    except (urllib.error.URLError, OSError):
        return


if __name__ == "__main__":
    main()
