"""What a process gave up, as the kernel tells it: in a child, since nothing of it can be had back."""

import os
import subprocess
import sys

import pytest

TELL = """
import ctypes, resource
from pathlib import Path
from proxy.confinement import confine, confine_camera
{call}()
status = dict(line.split(":\\t", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":\\t" in line)
print(status["NoNewPrivs"], ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), int(status["CapEff"], 16), int(status["CapBnd"], 16))
print(resource.getrlimit(resource.RLIMIT_CORE)[1], int(Path("/proc/self/coredump_filter").read_text(), 16))
print(Path("/proc/self/oom_score_adj").read_text())
"""
OVER_FILES = (1 << 1) | (1 << 3)


def told(call: str) -> list[int]:
    done = subprocess.run([sys.executable, "-c", TELL.format(call=call)], capture_output=True, text=True, check=True)
    return [int(word) for word in done.stdout.split()]


def test_a_process_gives_up_core_dumps_being_looked_into_and_new_privileges():
    no_new_privileges, dumpable, _, _, core, dumped, _ = told("confine")
    assert (no_new_privileges, dumpable, core, dumped) == (1, 0, 0, 0)


def test_a_cameras_process_also_gives_up_roots_powers_and_dies_first():
    no_new_privileges, dumpable, effective, _, core, _, dies = told("confine_camera")
    assert (no_new_privileges, dumpable, core) == (1, 0, 0)
    assert effective & ~OVER_FILES == 0
    assert dies > 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has what is given up")
def test_root_cannot_take_them_back():
    _, _, effective, bound, *_ = told("confine_camera")
    assert effective == OVER_FILES
    assert bound == OVER_FILES


def test_a_confined_process_still_reads_what_it_needs_of_itself():
    """OpenVINO and libav ask /proc about the processor and their own threads."""
    script = "from proxy.confinement import confine_camera; confine_camera(); import os; print(len(os.listdir('/proc/self/task')))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert int(done.stdout) >= 1
