"""The systemd unit: what a service may do by it is little, and all that it needs."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

import pytest

UNIT = Path(__file__).parents[2] / "packaging" / "veilcast.service"
CLIP = Path(__file__).parents[2] / "sample_videos" / "cafe.mp4"
VEILCAST = str(Path(sys.executable).with_name("veilcast"))
EXPOSED = 2.0
"""What systemd calls OK ends at 4.9, and a unit without any restriction has 9.6."""

pytestmark = [
    pytest.mark.peer,
    pytest.mark.timeout(120),
    pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"),
]


def test_systemd_finds_little_that_it_may_do() -> None:
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(UNIT)]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60)
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", told.stdout)
    assert found, told.stderr
    assert float(found[1]) <= EXPOSED


def test_systemd_understands_every_line_of_it() -> None:
    told = subprocess.run(["systemd-analyze", "verify", str(UNIT)], capture_output=True, text=True, timeout=60)
    lines = [line for line in told.stderr.splitlines() if UNIT.name in line and "is not executable" not in line]
    assert lines == []


@cache
def calls(name: str) -> frozenset[str]:
    """The system calls that a name in ``SystemCallFilter`` stands for."""
    if not name.startswith("@"):
        return frozenset({name})
    told = subprocess.run(["systemd-analyze", "syscall-filter", name, "--no-pager"], capture_output=True, text=True, check=True)
    names = [line.strip() for line in told.stdout.splitlines()[1:] if line.strip() and not line.strip().startswith("#")]
    return frozenset().union(*(calls(inner) for inner in names))


def allowed() -> set[str]:
    found: set[str] = set()
    for line in UNIT.read_text().splitlines():
        if line.startswith("SystemCallFilter="):
            value = line.partition("=")[2]
            named = frozenset().union(*(calls(name) for name in value.lstrip("~").split()))
            found = found - named if value.startswith("~") else found | named
    return found


def test_a_service_uses_no_system_call_that_the_unit_forbids(tmp_path: Path) -> None:
    """As far as this machine's hardware leads; a graphics driver may need more."""
    log = tmp_path / "calls"
    command = ["strace", "-f", "-c", "-o", str(log), VEILCAST, "run", "--source", f"file://{CLIP}?loop=true&realtime=true"]
    command += ["--sink", f"{tmp_path}/out.mkv", "--sink", f"hls://{tmp_path}/hls", "--http", "127.0.0.1:0", "--accuracy", "light"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=os.environ | {"TMPDIR": str(tmp_path)}) as service:
        deadline = time.monotonic() + 60
        while not (tmp_path / "hls" / "index.m3u8").exists():
            assert time.monotonic() < deadline
            time.sleep(0.2)
        children = Path(f"/proc/{service.pid}/task/{service.pid}/children").read_text().split()
        os.kill(int(children[0]), signal.SIGTERM)
        service.communicate(timeout=30)
    used = {line.split()[-1] for line in log.read_text().splitlines() if re.match(r"\s*\d", line)} - {"total"}
    assert len(used) > 50
    assert used - allowed() == set()
