"""A finished job, summed up as one JSON document."""

from __future__ import annotations

import json
import platform
from collections import Counter
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from random import Random
from typing import Final

import av
import numpy as np

from proxy.detectors.weights import ModelUsed
from proxy.media.redact import redact
from proxy.media.time import ticks_to_ms
from proxy.telemetry.events import DamageSeen, EncoderOpened, Event, FramesDropped, FrameSent, PassFailed, Stage, StageTimed
from proxy.telemetry.wholefile import WholeFile
from proxy.vision.detections import Label

LIBRARIES: Final = ("veilcast", "av", "mediapipe", "numpy", "opencv-python", "openvino", "lapx")
QUANTILES: Final = (50, 95, 99)


@dataclass(slots=True)
class Sample:
    """A fair sample of at most ``limit`` numbers out of however many came (Vitter 1985, algorithm R)."""

    limit: int = 50_000
    seen: int = 0
    total: int = 0
    largest: int = 0
    values: list[int] = field(default_factory=list)
    _chance: Random = field(default_factory=lambda: Random(1985))  # noqa: S311 - a sample, not a secret

    def add(self, value: int) -> None:
        """Consider ``value``."""
        self.seen += 1
        self.total += value
        self.largest = max(self.largest, value)
        if len(self.values) < self.limit:
            self.values.append(value)
        elif (place := self._chance.randrange(self.seen)) < self.limit:
            self.values[place] = value


@dataclass(slots=True)
class Report:
    """Observes one offline job. Each stage is timed by one thread, so each sample has one writer."""

    source: str
    sink: str
    models: tuple[ModelUsed, ...] = ()
    settings: dict[str, object] = field(default_factory=dict)
    frames: int = 0
    dropped: int = 0
    damaged: int = 0
    encoder: str = ""
    first_pts: int | None = None
    last_pts: int = 0
    covered: Counter[str] = field(default_factory=Counter)
    regions: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    stages: dict[Stage, Sample] = field(default_factory=lambda: {stage: Sample() for stage in Stage})

    def observe(self, event: Event) -> None:
        """Count ``event``."""
        match event:
            case FrameSent():
                self._frame(event)
            case StageTimed():
                self.stages[event.stage].add(event.nanoseconds)
            case FramesDropped():
                self.dropped += event.count
            case DamageSeen():
                self.damaged += event.packets
            case PassFailed():
                self.failures[event.detector] += 1
            case EncoderOpened():
                self.encoder = f"{event.name} {event.width}x{event.height}"
            case _:
                pass

    @property
    def duration_s(self) -> float:
        """From the first picture to the last, seconds of the programme."""
        return 0.0 if self.first_pts is None else ticks_to_ms(self.last_pts - self.first_pts) / 1000

    def document(self, *, seconds: float) -> dict[str, object]:
        """The whole report, ready for JSON; the job took ``seconds``."""
        return {
            "input": redact(self.source),
            "output": redact(self.sink),
            "settings": self.settings,
            "frames": {"in": self.frames + self.dropped, "out": self.frames, "dropped": self.dropped},
            "covered_whole": {"frames": self.covered.total(), "by_reason": dict(sorted(self.covered.items()))},
            "regions": {label.name.lower(): self.regions[label.name.lower()] for label in Label},
            "damaged_packets": self.damaged,
            "failed_passes": dict(sorted(self.failures.items())),
            "duration_ms": round(self.duration_s * 1000, 3),
            "seconds": round(seconds, 3),
            "frames_per_second": round(self.frames / seconds, 2) if seconds > 0 else 0.0,
            "encoder": self.encoder,
            "stages_ms": {str(stage): _times(sample) for stage, sample in self.stages.items() if sample.seen},
            "models": [asdict(model) for model in self.models],
            "versions": versions(),
        }

    def write(self, path: Path, *, seconds: float) -> None:
        """Write the report to ``path``, whole or not at all.

        Raises:
            SinkUnwritable: the file cannot be written.
        """
        with WholeFile(path) as file:
            file.write(json.dumps(self.document(seconds=seconds), indent=2) + "\n")

    def _frame(self, frame: FrameSent) -> None:
        self.frames += 1
        self.last_pts = frame.pts
        if self.first_pts is None:
            self.first_pts = frame.pts
        if frame.cover is not None:
            self.covered[str(frame.cover)] += 1
        self.regions.update(Label(label).name.lower() for label in frame.regions.label.tolist())


def quantile(sample: Sample, at: float) -> float:
    """The ``at``-th percentile of a sample of nanoseconds that is not empty, in ms."""
    return float(np.percentile(sample.values, at)) / 1e6


def _times(sample: Sample) -> dict[str, float]:
    """Count, mean, percentiles and maximum, in ms."""
    return {
        "count": sample.seen,
        "mean": round(sample.total / sample.seen / 1e6, 3),
        **{f"p{at}": round(quantile(sample, at), 3) for at in QUANTILES},
        "max": round(sample.largest / 1e6, 3),
    }


def versions() -> dict[str, str]:
    """What ran: Python, the libraries that decide the result, and FFmpeg's parts."""
    found = {"python": platform.python_version()}
    for library in LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            continue
    return found | {name: ".".join(map(str, number)) for name, number in sorted(av.library_versions.items())}
