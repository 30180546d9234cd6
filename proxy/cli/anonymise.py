"""``veilcast anonymise``: a file in, the same file with nobody recognisable out."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer

from proxy import app as application
from proxy.cli.console import say, warn
from proxy.cli.parameters import (
    AccuracyOption,
    AudioOption,
    CodecOption,
    LookbackOption,
    MethodOption,
    NoticeOption,
    PresetOption,
    SignOption,
    Table,
    TargetsOption,
    given,
    privacy,
    settings_of,
)
from proxy.cli.progress import Walked, duration_of, watched
from proxy.detectors.suite import models_of
from proxy.errors import ConfigError, SinkUnwritable
from proxy.settings.camera import CameraSettings
from proxy.settings.weaknesses import warnings
from proxy.telemetry.fanout import fan_out
from proxy.telemetry.journal import Journal
from proxy.telemetry.report import Report

EPILOG = "\n\n".join(
    (
        "**Examples**",
        "`veilcast anonymise in.mp4 out.mp4`",
        "`veilcast anonymise in.mkv out.mp4 --targets face,head --accuracy max --encoder-preset medium`",
        "`veilcast anonymise in.mp4 out.mp4 --masks masks.jsonl --report report.json -y`",
    )
)


@dataclass(frozen=True, slots=True)
class Places:
    """Where the job reads and writes."""

    source: Path
    sink: Path
    masks: Path | None
    report: Path | None

    @property
    def outputs(self) -> tuple[Path, ...]:
        """Every file that the job makes."""
        return tuple(path for path in (self.sink, self.masks, self.report) if path is not None)


def register(app: typer.Typer) -> None:
    """Add the verb to ``app``."""
    app.command("anonymise", epilog=EPILOG)(anonymise)


def anonymise(
    source: Annotated[Path, typer.Argument(metavar="IN", help="The file to read.", show_default=False)],
    sink: Annotated[Path, typer.Argument(metavar="OUT", help="The file to write: .mp4, .mov or .mkv.", show_default=False)],
    masks: Annotated[
        Path | None,
        typer.Option("--masks", help="Write the boxes that were painted, one JSON line a frame (soft edges reach beyond)."),
    ] = None,
    report: Annotated[Path | None, typer.Option("--report", help="Write a summary: counts, times, versions, models.")] = None,
    targets: TargetsOption = None,
    method: MethodOption = None,
    accuracy: AccuracyOption = None,
    encoder_preset: PresetOption = None,
    lookback_ms: LookbackOption = None,
    codec: CodecOption = None,
    audio: AudioOption = None,
    sign_with: SignOption = None,
    name: Annotated[str, typer.Option("--name", help="The camera's name in what is signed.")] = "anonymise",
    notice: NoticeOption = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", "-y", help="Replace outputs that exist.")] = False,
) -> None:
    """Anonymise a file at full speed: every frame, timestamps and sound's place kept."""
    places = Places(source, sink, masks, report)
    check_places(places, overwrite=overwrite)
    camera: Table = {
        "name": name,
        "source": {"type": "file", "path": str(source)},
        "sinks": [{"url": str(sink.absolute()), "atomic": True}],
        "privacy": privacy(targets, method, accuracy, lookback_ms),
        "encoding": given(preset=encoder_preset, codec=codec),
        "attestation": given(key=sign_with),
        "signs": given(notice=notice),
        **given(audio=audio),
    }
    settings = settings_of({"camera": [camera]}, renamed={"--source": "IN", "--sink": "OUT"})
    warn(warnings(settings))
    with _terminated_is_interrupted():
        walked = _walk(settings.cameras[0], places)
    say(f"{walked.summary()}: {sink}")
    if walked.pieces > 1:
        last = sink.with_stem(f"{sink.stem}-{walked.pieces}")
        say(f"the picture's size or colours change in the input, so the output is {walked.pieces} files, up to {last}")


def check_places(places: Places, *, overwrite: bool) -> None:
    """Refuse to begin where an output would destroy something, or cannot come to be.

    Raises:
        ConfigError: two of the files are the same.
        SinkUnwritable: an output exists and may not be replaced, or its folder does not exist.
    """
    seen = {places.source.resolve()}
    for path in places.outputs:
        if path.resolve() in seen or (path.exists() and places.source.exists() and path.samefile(places.source)):
            raise ConfigError(f"{path} is named twice", hint="input and outputs must be different files")
        seen.add(path.resolve())
        if path.is_dir():
            raise SinkUnwritable(f"{path} is a folder", hint="name a file in it")
        if not path.parent.is_dir():
            raise SinkUnwritable(f"the folder {path.parent} does not exist", hint="make it first, or write elsewhere")
        if path.is_file() and not overwrite:
            raise SinkUnwritable(f"{path} exists", hint="add -y to replace it")


def _walk(camera: CameraSettings, places: Places) -> Walked:
    report = Report(str(places.source), str(places.sink), models_of(camera.privacy.accuracy), _chosen(camera))
    with ExitStack() as stack:
        walked = stack.enter_context(watched(places.source.name, duration_of(places.source)))
        observers = [walked.observe]
        if places.masks:
            observers.append(stack.enter_context(Journal.open(places.masks)).observe)
        if places.report:
            observers.append(report.observe)
        application.anonymise(camera, observer=fan_out(*observers))
        if places.report:
            report.write(places.report, seconds=walked.seconds)
    return walked


def _chosen(camera: CameraSettings) -> dict[str, object]:
    """The settings that decide the result, as the report names them."""
    hidden, encoding = camera.privacy.model_dump(mode="json"), camera.encoding.model_dump(mode="json")
    return {"privacy": hidden, "encoding": encoding, "audio": str(camera.audio), "device": str(camera.device)}


@contextmanager
def _terminated_is_interrupted() -> Iterator[None]:
    """Let SIGTERM end the job as Ctrl-C does, so that nothing half-written stays behind."""

    def interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
