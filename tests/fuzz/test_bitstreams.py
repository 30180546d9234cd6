"""Damaged films and cameras that talk nonsense: no hang, nobody seen; a crash in native code costs one process, and is reported."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.fuzz.mutants import SECONDS, SEED
from tests.privacy.test_inputs import clip

HANGS_S = 60.0
CRASHES = 5

pytestmark = [pytest.mark.peer, pytest.mark.timeout(int(SECONDS * 4) + 200)]


def seeds(folder: Path) -> None:
    often = {"preset": "ultrafast", "g": "5", "x265-params": "log-level=none"}
    clip(folder / "seed.mkv", codec="libx264", options=often)
    clip(folder / "seed.mp4", codec="libx264", options=often)
    clip(folder / "seed.ts", codec="libx265", options=often)
    clip(folder / "seed.avi", codec="mjpeg", pix_fmt="yuvj420p")
    clip(folder / "seed.h264", codec="libx264", options=often)


def test_damaged_films(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seeds(tmp_path)
    tried(capsys, "tests.fuzz.bitstreams", str(tmp_path))


def test_cameras_that_answer_almost_as_they_should(capsys: pytest.CaptureFixture[str]) -> None:
    tried(capsys, "tests.fuzz.sessions")


def tried(capsys: pytest.CaptureFixture[str], module: str, *arguments: str) -> None:
    """Run ``module`` for as long as there is time, again where it crashed."""
    number, seconds = 0, max(SECONDS * 2, 4.0)
    for _ in range(CRASHES):
        command = [sys.executable, "-W", "ignore", "-m", module, *arguments, str(number), str(seconds)]
        environment = os.environ | {"FUZZ_SEED": str(SEED)}
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as process:
            last, lines = "", said_by(process)
            while (line := next_of(lines, process, f"FUZZ_SEED={SEED} {last}")) not in ("done", None):
                assert line != "seen", f"the canary was sent: FUZZ_SEED={SEED} {last}"
                last = line if line != "ended" else last
            assert process.stderr is not None
            errors = process.stderr.read()
        assert last, errors
        if line == "done":
            return
        assert process.returncode < 0, f"FUZZ_SEED={SEED} {last}: {errors[-3000:]}"
        with capsys.disabled():
            sys.stderr.write(f"\n{module} ended with {process.returncode}: FUZZ_SEED={SEED} {last}\n")
        number, seconds = int(last.split()[0]) + 8, seconds / 2
    raise AssertionError(f"{CRASHES} crashes in native code: FUZZ_SEED={SEED}")


def said_by(process: subprocess.Popen[str]) -> queue.Queue[str | None]:
    lines: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.put(line.strip())
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    return lines


def next_of(lines: queue.Queue[str | None], process: subprocess.Popen[str], what: str) -> str | None:
    try:
        return lines.get(timeout=HANGS_S)
    except queue.Empty:
        process.kill()
        raise AssertionError(f"hangs: {what}") from None
