"""No packet to anywhere that the settings do not name: every connection of a whole job and its children, as the kernel saw it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

VEILCAST = str(Path(sys.executable).with_name("veilcast"))
CUTS = Path(__file__).parents[2] / "sample_videos" / "cuts.mp4"
WATCHED = "connect,sendto,sendmsg,sendmmsg,bind"
TRACE = ["strace", "-f", "--seccomp-bpf", "-qq", "-e", f"trace={WATCHED}", "-e", "signal=none"]

pytestmark = [pytest.mark.peer, pytest.mark.timeout(240)]


def addresses(command: list[str], log: Path) -> list[str]:
    """Every Internet address that a command or a child of it binds, connects or sends to; also DNS, which is one more."""
    subprocess.run([*TRACE, "-o", str(log), *command], check=True, capture_output=True, timeout=200, env=os.environ)
    return [line for line in log.read_text(errors="replace").splitlines() if re.search(r"AF_INET6?\b", line)]


def test_the_search_sees_a_packet(tmp_path):
    """The test can fail: a single datagram is found."""
    script = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))"
    assert len(addresses([sys.executable, "-c", script], tmp_path / "trace")) == 1


@pytest.mark.parametrize("accuracy", ["balanced", "max"])
def test_a_job_on_files_sends_nothing_and_asks_no_name_server(tmp_path, accuracy):
    command = [VEILCAST, "anonymise", str(CUTS), str(tmp_path / "out.mp4"), "--accuracy", accuracy]
    assert addresses(command, tmp_path / "trace") == []
    assert (tmp_path / "out.mp4").stat().st_size > 10_000
