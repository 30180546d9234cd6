"""How far an offline job is: a bar on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

import av
from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.text import Text

from proxy.cli.console import say
from proxy.media.time import TICKS_PER_SECOND
from proxy.redactors.regions import people_in
from proxy.telemetry.events import DamageSeen, EncoderOpened, Event, FrameSent

LINE_EVERY_S: Final = 5.0


class Display(Protocol):
    """Shows how far the job is."""

    def show(self, walked: Walked) -> None:
        """Show the latest state."""
        ...


@dataclass(slots=True)
class Walked:
    """What was done so far, observed from events; ``duration_s`` is the input's, or ``None`` where it does not say."""

    duration_s: float | None
    display: Display | None = None
    clock: Callable[[], float] = time.monotonic
    frames: int = 0
    people: int = 0
    covered: int = 0
    damaged: int = 0
    pieces: int = 0
    _first_pts: int | None = None
    _last_pts: int = 0
    _began: float = field(init=False)

    def __post_init__(self) -> None:
        self._began = self.clock()

    def observe(self, event: Event) -> None:
        """Count what ``event`` tells of frames, damage and pieces of the output."""
        match event:
            case FrameSent():
                self._count(event)
            case DamageSeen():
                self.damaged += event.packets
            case EncoderOpened():
                self.pieces += 1
            case _:
                pass

    def _count(self, event: FrameSent) -> None:
        self.frames += 1
        self.people = people_in(event.regions)
        self.covered += event.cover is not None
        if self._first_pts is None:
            self._first_pts = event.pts
        self._last_pts = max(self._last_pts, event.pts)
        if self.display:
            self.display.show(self)

    @property
    def seconds(self) -> float:
        """How long it has taken."""
        return self.clock() - self._began

    @property
    def frames_per_second(self) -> float:
        """Speed, over the whole time."""
        return self.frames / self.seconds if self.seconds > 0 else 0.0

    @property
    def position_s(self) -> float:
        """How far into the input the latest frame is."""
        return (self._last_pts - (self._first_pts or 0)) / TICKS_PER_SECOND

    @property
    def share(self) -> float | None:
        """The part that is done, 0..1, or ``None`` where the input's length is unknown."""
        return min(1.0, self.position_s / self.duration_s) if self.duration_s else None

    def summary(self) -> str:
        """One line for the end."""
        said = f"{self.frames} frames in {self.seconds:.1f} s ({self.frames_per_second:.1f} frames/s)"
        if self.covered:
            said += f", {self.covered} covered whole"
        if self.damaged:
            said += f", {self.damaged} damaged packets in the input"
        return said


@dataclass(slots=True)
class Lines:
    """A plain line every few seconds."""

    said_at: float | None = None

    def show(self, walked: Walked) -> None:
        """Say a line when the last one is long enough ago."""
        if walked.seconds - (self.said_at or 0.0) < LINE_EVERY_S:
            return
        self.said_at = walked.seconds
        done = "" if walked.share is None else f", {walked.share:.0%}"
        left = "" if not walked.share else f", {walked.seconds / walked.share - walked.seconds:.0f} s left"
        say(f"{walked.frames} frames, {walked.frames_per_second:.1f} frames/s, people hidden {walked.people}{done}{left}")


def duration_of(path: Path) -> float | None:
    """How long the file says it is, in seconds; ``None`` where it does not say or cannot be read."""
    try:
        with av.open(str(path), timeout=5.0) as container:
            return container.duration / av.time_base if container.duration else None
    except (av.FFmpegError, OSError, ValueError):
        return None


class Numbers(ProgressColumn):
    """Frames, speed and people hidden."""

    def render(self, task: Task) -> Text:
        """The column's text."""
        return Text(str(task.fields.get("numbers", "")))


@dataclass(slots=True)
class Bar:
    """A bar on a terminal."""

    progress: Progress
    task: TaskID

    def show(self, walked: Walked) -> None:
        """Move the bar."""
        numbers = f"{walked.frames} frames · {walked.frames_per_second:.1f} frames/s · {walked.people} people hidden"
        self.progress.update(self.task, completed=walked.position_s, numbers=numbers)


@contextmanager
def watched(name: str, duration_s: float | None) -> Iterator[Walked]:
    """A :class:`Walked` that is displayed while the block runs."""
    walked = Walked(duration_s)
    console = Console(stderr=True)
    if not sys.stderr.isatty():
        walked.display = Lines()
        yield walked
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), Numbers(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        walked.display = Bar(progress, progress.add_task(name, total=duration_s, numbers="0 frames"))
        yield walked
