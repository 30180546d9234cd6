"""What the page is told of each camera."""

from __future__ import annotations

from dataclasses import asdict

from proxy.control.sentences import sentence
from proxy.telemetry.status import CameraStatus


def row(camera: CameraStatus, *, covered: bool, whep: bool) -> dict[str, object]:
    """``camera`` as JSON: its status, its sentence in both languages, and how its picture can be watched.

    Args:
        covered: whether an operator covers it.
        whep: whether viewers can be met over WebRTC.
    """
    said = sentence(camera, covered=covered)
    return asdict(camera) | {"whep": whep, "covered_by_operator": covered, "sentence": asdict(said)}
