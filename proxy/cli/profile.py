"""``veilcast profile``: where each millisecond goes, on a file of yours and this machine."""

from __future__ import annotations

import resource
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table as RichTable

from proxy import app as application
from proxy.cli.parameters import (
    AccuracyOption,
    LookbackOption,
    MethodOption,
    PresetOption,
    TargetsOption,
    given,
    privacy,
    settings_of,
)
from proxy.cli.progress import duration_of, watched
from proxy.telemetry.events import Stage
from proxy.telemetry.fanout import fan_out
from proxy.telemetry.report import Report, Sample, quantile

EPILOG = "**Examples**\n\n`veilcast profile in.mp4`\n\n`veilcast profile in.mp4 --accuracy light --encoder-preset veryfast`"

KEPT_UP = "this machine hides people in {cameras:.1f} such cameras at {rate:g} frames/s"


def register(app: typer.Typer) -> None:
    """Add the verb to ``app``."""
    app.command("profile", epilog=EPILOG)(profile)


def profile(
    source: Annotated[Path, typer.Argument(metavar="IN", help="The file to read; nothing is written.", show_default=False)],
    targets: TargetsOption = None,
    method: MethodOption = None,
    accuracy: AccuracyOption = None,
    encoder_preset: PresetOption = None,
    lookback_ms: LookbackOption = None,
) -> None:
    """Anonymise a file into nothing, and say how long each stage took and how many such cameras the machine carries."""
    camera = {
        "name": "profile",
        "source": {"type": "file", "path": str(source)},
        "sinks": ["null"],
        "privacy": privacy(targets, method, accuracy, lookback_ms),
        "encoding": given(preset=encoder_preset),
    }
    (settings,) = settings_of({"camera": [camera]}, renamed={"--source": "IN"}).cameras
    report = Report(str(source), "null")
    before = _processor_s()
    with watched(source.name, duration_of(source)) as walked:
        application.anonymise(settings, observer=fan_out(walked.observe, report.observe))
    console = Console(file=sys.stdout)
    console.print(table(report.stages, frames=report.frames))
    for line in conclusions(report, seconds=walked.seconds, processor_s=_processor_s() - before):
        console.print(line, highlight=False)


def table(stages: dict[Stage, Sample], *, frames: int) -> RichTable:
    """A row for each stage that ran: how often, how long each time, and what that comes to per frame."""
    drawn = RichTable("stage", title="wall time, ms; stages of different threads overlap")
    for column in ("runs", "p50", "p99", "each", "per frame"):
        drawn.add_column(column, justify="right")
    for stage, sample in stages.items():
        if sample.seen:
            each, total = sample.total / sample.seen / 1e6, sample.total / 1e6
            numbers = (quantile(sample, 50), quantile(sample, 99), each, total / max(frames, 1))
            drawn.add_row(str(stage), str(sample.seen), *(f"{number:.2f}" for number in numbers))
    return drawn


def conclusions(report: Report, *, seconds: float, processor_s: float) -> list[str]:
    """What the whole job came to, in words."""
    frames, media_s = max(report.frames, 1), report.duration_s
    said = [
        f"{report.frames} frames in {seconds:.1f} s: {report.frames / seconds:.1f} frames/s, models loaded in that time too",
        f"processor time {processor_s / frames * 1e3:.1f} ms per frame, all threads together",
        f"memory at its peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB",
    ]
    if media_s > 0:
        said.append(KEPT_UP.format(cameras=media_s / seconds, rate=round(report.frames / media_s, 1)))
    return said


def _processor_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
