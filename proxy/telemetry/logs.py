"""Log lines from events: one for each change of state, repeats summed and said about once a second.

1. Only this file writes log lines; stages emit events.
2. Every text in a line passes through ``redact``.
3. A line that cannot be written is lost: a full disk or a closed terminal stops no camera.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TextIO

import structlog
from structlog.typing import FilteringBoundLogger

from proxy.media.redact import redact
from proxy.telemetry.events import (
    Connection,
    DamageSeen,
    DecoderOpened,
    EncoderOpened,
    Event,
    FramesDropped,
    FrameSent,
    PassFailed,
    ProcessChanged,
    SinkChanged,
    SourceChanged,
    Tally,
)
from proxy.telemetry.strain import KeepsUp, Overloaded, Strain

Value = str | int | float | bool
_KEPT: Final = 256
"""The most kinds of line whose repeats are summed at a time."""
_ORDER: Final = ("time", "level", "event", "camera")


def silence_libraries() -> None:
    """Let aiohttp not print what it cannot read: a request's headers, tokens and all."""
    logging.getLogger("aiohttp.server").disabled = True


class Level(StrEnum):
    """A line's weight."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


_WEIGHT: Final = {Level.DEBUG: logging.DEBUG, Level.INFO: logging.INFO, Level.WARNING: logging.WARNING, Level.ERROR: logging.ERROR}
_OF_STATE: Final = {
    Connection.CONNECTING: Level.INFO,
    Connection.RUNNING: Level.INFO,
    Connection.WAITING: Level.WARNING,
    Connection.ENDED: Level.INFO,
    Connection.FAILED: Level.ERROR,
}


@dataclass(frozen=True, slots=True)
class Line:
    """What is to be said. Lines that differ only in ``count`` are repeats, and a repeat's count is the sum."""

    level: Level
    event: str
    fields: tuple[tuple[str, Value], ...] = ()
    count: int = 0


@dataclass(slots=True)
class _Repeats:
    said_at: float
    line: Line
    times: int = 0
    count: int = 0


@dataclass(slots=True)
class Log:
    """Writes lines to ``stream``.

    Args:
        level: the least weight that is said.
        json: one JSON object a line, in place of ``key=value``.
        stream: where lines go, standard error unless told.
        every_s: how long repeats are summed.
        clock: seconds that never go back.
    """

    level: Level = Level.INFO
    json: bool = False
    stream: TextIO = field(default_factory=lambda: sys.stderr)
    every_s: float = 1.0
    clock: Callable[[], float] = time.monotonic
    _lately: dict[Line, _Repeats] = field(default_factory=dict)
    _strains: dict[str, Strain] = field(default_factory=dict)
    _logger: FilteringBoundLogger = field(init=False)

    def __post_init__(self) -> None:
        renderer = (
            structlog.processors.JSONRenderer()
            if self.json
            else structlog.processors.LogfmtRenderer(key_order=_ORDER, drop_missing=True)
        )
        self._logger = structlog.wrap_logger(
            structlog.PrintLogger(self.stream),
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
                _redacted,
                renderer,
            ],
            wrapper_class=structlog.make_filtering_bound_logger(self.level),
        )

    def observe(self, event: Event) -> None:
        """Say what ``event`` is worth, and whatever repeats have waited long enough."""
        for line in lines_of(event):
            self.say(line)
        if isinstance(event, (Tally, FramesDropped)):
            self._say_strain(event)
        self._say_repeats()

    def say(self, line: Line) -> None:
        """Say ``line`` now, or let it wait and be summed when its like was said a moment ago."""
        if _WEIGHT[line.level] < _WEIGHT[self.level]:
            return
        key = Line(line.level, line.event, line.fields)
        lately = self._lately.get(key)
        if lately is not None:
            lately.times += 1
            lately.count += line.count
            return
        while len(self._lately) >= _KEPT:
            self._say_summed(self._lately.pop(next(iter(self._lately))))
        self._lately[key] = _Repeats(self.clock(), key)
        self._write(line, times=1)

    def flush(self) -> None:
        """Say every repeat that waits."""
        for repeats in self._lately.values():
            self._say_summed(repeats)
        self._lately.clear()

    def _say_strain(self, event: Tally | FramesDropped) -> None:
        strain = self._strains.setdefault(event.camera, Strain())
        match strain.step(event.dropped if isinstance(event, Tally) else event.count, now=self.clock()):
            case Overloaded():
                hint = "fewer or smaller pictures, accuracy = light, or a faster machine; coverage stays complete"
                detail = "more pictures come than can be looked at: the frame rate falls"
                self.say(Line(Level.WARNING, "overloaded", (("camera", event.camera), ("detail", detail), ("hint", hint))))
            case KeepsUp(dropped, seconds):
                self.say(
                    Line(
                        Level.INFO, "keeps up again", (("camera", event.camera), ("dropped", dropped), ("seconds", round(seconds)))
                    )
                )
            case None:
                return

    def _say_repeats(self) -> None:
        now = self.clock()
        for key, repeats in list(self._lately.items()):
            if now - repeats.said_at < self.every_s:
                continue
            if repeats.times:
                self._say_summed(repeats)
                self._lately[key] = _Repeats(now, key)
            else:
                del self._lately[key]

    def _say_summed(self, repeats: _Repeats) -> None:
        if repeats.times:
            self._write(Line(repeats.line.level, repeats.line.event, repeats.line.fields, repeats.count), times=repeats.times)

    def _write(self, line: Line, *, times: int) -> None:
        fields: dict[str, Value] = dict(line.fields)
        if line.count:
            fields["count"] = line.count
        elif times > 1:
            fields["times"] = times
        try:
            self._logger.log(_WEIGHT[line.level], line.event, **fields)
        except (OSError, ValueError):
            return


def lines_of(event: Event) -> Iterator[Line]:
    """What ``event`` is worth saying; nothing for most frames."""
    camera = (("camera", event.camera),)
    match event:
        case SourceChanged() | SinkChanged() | ProcessChanged():
            yield _state_line(event)
        case DecoderOpened():
            yield Line(Level.INFO, "decoder opened", (*camera, ("decoder", event.decoder)))
        case EncoderOpened():
            size = f"{event.width}x{event.height}"
            yield Line(
                Level.INFO, "encoder opened", (*camera, ("encoder", event.name), ("hardware", event.hardware), ("size", size))
            )
        case PassFailed():
            yield Line(Level.WARNING, "detector failed", (*camera, ("detector", event.detector), ("error", event.error)))
        case DamageSeen():
            yield Line(Level.WARNING, "input damaged", (*camera, ("detail", event.detail)), count=event.packets)
        case FramesDropped():
            yield Line(Level.DEBUG, "frames dropped", camera, count=event.count)
        case FrameSent() if event.cover is not None:
            yield Line(Level.WARNING, "frames covered whole", (*camera, ("reason", str(event.cover))), count=1)
        case Tally():
            yield from _tally_lines(event)
        case _:
            return


def _state_line(event: SourceChanged | SinkChanged | ProcessChanged) -> Line:
    match event:
        case SourceChanged():
            what, fields = "source", [("camera", event.camera)]
        case SinkChanged():
            what, fields = "sink", [("camera", event.camera), ("sink", event.sink)]
        case ProcessChanged():
            what, fields = "process", [("camera", event.camera)]
    told: list[tuple[str, Value]] = [*fields]
    told += [(name, text) for name, text in (("detail", event.detail), ("hint", event.hint)) if text]
    if event.retry_s:
        told.append(("retry_s", round(event.retry_s, 1)))
    return Line(_OF_STATE[event.state], f"{what} {event.state}", tuple(told))


def _tally_lines(tally: Tally) -> Iterator[Line]:
    camera = (("camera", tally.camera),)
    if tally.dropped:
        yield Line(Level.DEBUG, "frames dropped", camera, count=tally.dropped)
    for reason, count in tally.covered.items():
        yield Line(Level.WARNING, "frames covered whole", (*camera, ("reason", reason)), count=count)
    if tally.sent:
        yield Line(Level.DEBUG, "frames sent", (*camera, ("people", tally.people)), count=tally.sent)


def _redacted(_logger: object, _method: str, fields: MutableMapping[str, object]) -> Mapping[str, object]:
    return {name: redact(value) if isinstance(value, str) else value for name, value in fields.items()}
