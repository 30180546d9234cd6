"""What the page is told of each camera."""

from __future__ import annotations

from dataclasses import asdict

from proxy.control.sentences import sentence
from proxy.telemetry.status import CameraStatus


def row(camera: CameraStatus, *, covered: bool, whep: bool, internal: frozenset[str] = frozenset()) -> dict[str, object]:
    """``camera`` as JSON: its status, its sentence in both languages, and how its picture can be watched.

    Args:
        covered: whether an operator covers it.
        whep: whether viewers can be met over WebRTC.
        internal: names of sinks that are there for the page alone.
    """
    said = sentence(camera, covered=covered)
    sinks = {name: asdict(sink) for name, sink in camera.sinks.items() if name not in internal}
    return asdict(camera) | {"sinks": sinks, "whep": whep, "covered_by_operator": covered, "sentence": asdict(said)}
