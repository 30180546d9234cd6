"""A disk that is really full (the kernel's own ENOSPC, on a small file system) costs what is written to it, and no more."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any, Final

import pytest

MOUNTS: Final = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]


def possible() -> bool:
    """Whether this machine lets a file system be mounted where nobody else sees it."""
    try:
        return subprocess.run([*MOUNTS, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True).returncode == 0
    except OSError:
        return False


pytestmark = [
    pytest.mark.peer,
    pytest.mark.timeout(400),
    pytest.mark.skipif(
        not possible(), reason="mounting a small disk needs root or user namespaces, and a kernel that lets them mount"
    ),
]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What a service went through."""
    folder = tmp_path_factory.mktemp("disk")
    command = [*MOUNTS, sys.executable, "-m", "tests.privacy.small_disk", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=380)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_full_disk_costs_what_is_written_to_it_and_nothing_else(told: Any) -> None:
    assert {told["before"][name] for name in ("full", "hls", "kept")} == {"running"}, told["log"]
    full, later = told["full"], told["later"]
    for name in ("full", "hls"):
        assert "No space left on device" in told["waited"].get(name, ""), told["log"]
    assert (later["kept"], later["source"], later["process"]) == ("running", "running", "running")
    assert later["sent"] > full["sent"] + 50


def test_trying_again_litters_nothing(told: Any) -> None:
    assert told["recorded"] > 100_000
    assert not told["littered"], "no empty file for each try"
    assert not [name for name in told["left"] if name.endswith(".part")]


def test_when_there_is_space_again_both_are_taken_up_by_themselves(told: Any) -> None:
    assert (told["again"]["full"], told["again"]["hls"]) == ("running", "running"), told["log"]
    first, *_, newest, kept = (told["recordings"][name] for name in (*told["order"], "kept.mkv"))
    assert first > 20, "what was recorded before plays"
    assert newest > 20
    assert kept > first + newest
    assert told["code"] == 0
    assert "#EXT-X-ENDLIST" in told["playlist"]
    for line in told["playlist"].splitlines():
        assert line.startswith("#") or line in told["left"]
