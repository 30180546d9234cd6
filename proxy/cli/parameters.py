"""Options that several verbs share, and the tables that they become."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

import typer

from proxy.detectors.suite import Accuracy
from proxy.encoding.options import Preset
from proxy.encoding.packet import VideoCodec
from proxy.errors import ConfigError
from proxy.redactors.method import Method
from proxy.settings.service import Settings, compose
from proxy.voices.policy import AudioPolicy

Table = dict[str, object]

TargetsOption = Annotated[str | None, typer.Option("--targets", help="What is hidden: face, head, body, separated by commas.")]
MethodOption = Annotated[Method | None, typer.Option("--method", help="How it is hidden; mosaic and blur are weaker.")]
AccuracyOption = Annotated[Accuracy | None, typer.Option("--accuracy", help="How small a person is still found, against time.")]
LookbackOption = Annotated[
    int | None, typer.Option("--lookback-ms", help="How long a frame waits, to hide who is first seen after it.", metavar="MS")
]
PresetOption = Annotated[Preset | None, typer.Option("--encoder-preset", help="Work spent on compression: slower is smaller.")]
CodecOption = Annotated[VideoCodec | None, typer.Option("--codec", help="Video codec of the output.")]
AudioOption = Annotated[
    AudioPolicy | None, typer.Option("--audio", help="Sound: silent, without its speech, voices disguised, as it is, or none.")
]
SignOption = Annotated[
    Path | None, typer.Option("--sign-with", help="Sign every group of pictures with this device key.", metavar="FILE")
]
NoticeOption = Annotated[str | None, typer.Option("--notice", help="Words to write into the picture, bottom left.")]

FLAGS: Final = (
    ("cameras.0.source", "--source"),
    ("cameras.0.sinks", "--sink"),
    ("cameras.0.name", "--name"),
    ("cameras.0.signs.notice", "--notice"),
    ("cameras.0.privacy.targets", "--targets"),
    ("cameras.0.privacy.lookback_ms", "--lookback-ms"),
    ("control.token", "--token"),
    ("control", "--http"),
)
"""Where a setting's path begins → the option that sets it."""


def privacy(targets: str | None, method: Method | None, accuracy: Accuracy | None, lookback_ms: int | None) -> Table:
    """The ``privacy`` table; what was not given keeps its default."""
    listed = None if targets is None else [target.strip() for target in targets.split(",") if target.strip()]
    return given(targets=listed, method=method, accuracy=accuracy, lookback_ms=lookback_ms)


def given(**values: object) -> Table:
    """A table of those values that were given."""
    return {name: value for name, value in values.items() if value is not None}


def settings_of(tables: Mapping[str, object], *, renamed: Mapping[str, str] | None = None) -> Settings:
    """Settings from a command line's tables; problems name options in place of paths.

    Raises:
        ConfigError: something in them is wrong.
    """
    try:
        return compose(tables, origin="the command line")
    except ConfigError as error:
        problems = tuple(_in_flags(problem, renamed or {}) for problem in error.problems)
        raise ConfigError(error.message, problems=problems, hint="see --help for every option") from None


def _in_flags(problem: str, renamed: Mapping[str, str]) -> str:
    for path, flag in FLAGS:
        if problem.startswith(path):
            return f"{renamed.get(flag, flag)}: {problem.partition(': ')[2]}"
    return problem
