"""ruff goes red for every planted call that goes round the gate or the event loop's rules."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
GATE: Final = "from proxy.anonymiser import AnonymisedFrame, ReleasedAudio\n"

PLANTED: Final = [
    ("proxy/encoding/planted.py", GATE + "AnonymisedFrame._create()", "SLF001"),
    ("proxy/pipeline/planted.py", GATE + "AnonymisedFrame._create()", "SLF001"),
    ("proxy/sources/planted.py", GATE + "ReleasedAudio._create()", "SLF001"),
    ("proxy/redactors/planted.py", GATE + "AnonymisedFrame._create()", "SLF001"),
    ("proxy/sinks/planted.py", "from proxy.encoding.packet import EncodedPacket\nEncodedPacket._create()", "SLF001"),
    ("proxy/sinks/planted.py", "from proxy.encoding.packet import make_packet", "TID251"),
    ("proxy/pipeline/planted.py", "from proxy.encoding import packet\npacket.make_packet()", "TID251"),
    ("proxy/pipeline/planted.py", "import asyncio\nasyncio.create_task(x())", "TID251"),
    ("proxy/sinks/planted.py", "from asyncio import ensure_future", "TID251"),
    ("proxy/sources/planted.py", "import asyncio\nasyncio.run_coroutine_threadsafe(x(), y)", "TID251"),
    ("proxy/detectors/planted.py", "import openvino", "TID251"),
    ("proxy/cli/planted.py", "from openvino import Core", "TID251"),
    ("proxy/sources/planted.py", "import av\nav.VideoFrame.reformat(x)", "TID251"),
]
"""Where, what, and the rule that must speak."""


def rules(place: str, text: str) -> set[str]:
    """The rules that ruff, as configured, finds broken by ``text`` at ``place``."""
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format", "concise", "--stdin-filename", place, "-"]
    answer = subprocess.run(command, cwd=ROOT, input=text + "\n", capture_output=True, text=True, timeout=60, check=False)
    lines = (line.split() for line in answer.stdout.splitlines() if line.startswith(place))
    return {words[1] for words in lines}


@pytest.mark.parametrize(("place", "text", "rule"), PLANTED)
def test_a_planted_call_is_red(place: str, text: str, rule: str) -> None:
    assert rule in rules(place, text)


def test_the_owners_themselves_are_green() -> None:
    for place in ("proxy/anonymiser.py", "proxy/encoding/packet.py"):
        assert not {"SLF001", "TID251"} & rules(place, (ROOT / place).read_text(encoding="utf-8"))
