"""No packet to anywhere that the settings do not name: a whole service in a network namespace whose way out is listened to."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

HERE: Final = Path(__file__).parent
ASK: Final = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 9)); "
LOOK_UP: Final = "exec('try: socket.getaddrinfo(\"veilcast.example\", 80)\\nexcept OSError: pass')"


def possible() -> bool:
    """Whether this machine lets a namespace be made, which takes root."""
    try:
        return subprocess.run(["unshare", "--net", "--mount", "true"], capture_output=True).returncode == 0
    except OSError:
        return False


pytestmark = [
    pytest.mark.peer,
    pytest.mark.timeout(150),
    pytest.mark.skipif(not possible(), reason="network namespaces need root, and a system that has them"),
]


def packets(command: list[str], log: Path) -> tuple[list[str], str]:
    """Every packet that left while a command ran, and what it printed."""
    done = subprocess.run(
        [sys.executable, str(HERE / "namespaced.py"), str(log), *command], check=True, capture_output=True, text=True, timeout=140
    )
    return log.read_text().splitlines(), done.stdout


def test_the_search_sees_a_packet_and_a_question_to_a_name_server(tmp_path: Path) -> None:
    """The test can fail."""
    seen, _ = packets([sys.executable, "-c", ASK + LOOK_UP], tmp_path / "packets")
    assert any(line.startswith("wire udp 192.0.2.1 ") and line.endswith(" 9") for line in seen)
    assert any(line.startswith("wire udp 10.77.0.1 ") and line.endswith(" 53") for line in seen)


def test_a_service_talks_to_its_camera_its_platform_and_its_visitors_and_to_nobody_else(tmp_path: Path) -> None:
    seen, printed = packets([sys.executable, "-m", "tests.privacy.named_peers", str(tmp_path)], tmp_path / "packets")
    told = json.loads(printed)
    assert told["got"] > 20_000, told["log"]
    assert [line for line in seen if line.startswith("wire ")] == []
    named = {str(port) for port in told["ports"]}
    strangers = [line for line in seen if not named & set(line.split()[3:])]
    assert strangers == []
    assert len(seen) > 100
