"""Every output frame's masks, one line of JSON each: exactly what was painted, in output pixels."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from proxy.media.time import ticks_to_ms
from proxy.telemetry.events import Event, FrameSent
from proxy.telemetry.wholefile import WholeFile
from proxy.vision.detections import Label


@dataclass(frozen=True, slots=True)
class Journal:
    """Observes one camera and writes a line for each frame that was sent."""

    file: WholeFile

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator[Journal]:
        """A journal that appears at ``path`` when the block ends well.

        Raises:
            SinkUnwritable: the file cannot be written, now or later.
        """
        with WholeFile(path) as file:
            yield cls(file)

    def observe(self, event: Event) -> None:
        """Write ``event`` down where it is a frame."""
        if isinstance(event, FrameSent):
            self.file.write(line_of(event))


def line_of(frame: FrameSent) -> str:
    """One line of JSON, newline included: frame number, time in ms, why it is covered whole or null, and what was painted.

    A region's ``track`` is -1 where no track stands behind it.
    """
    rows = zip(frame.regions.xyxy.tolist(), frame.regions.label.tolist(), frame.regions.track.tolist(), strict=True)
    record = {
        "frame": frame.index,
        "pts_ms": round(ticks_to_ms(frame.pts), 3),
        "cover": None if frame.cover is None else str(frame.cover),
        "regions": [{"xyxy": xyxy, "label": Label(label).name.lower(), "track": track} for xyxy, label, track in rows],
    }
    return json.dumps(record, separators=(", ", ": ")) + "\n"
