"""What the page is told of each camera."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final

from proxy.control.aim import Frame, words
from proxy.control.sentences import sentence
from proxy.telemetry.status import CameraStatus

UNPROVEN: Final = frozenset({"mjpeg", "null"})
"""Sinks whose output cannot carry claims, or that have none."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the settings say of a camera that its events do not.

    Attributes:
        internal: names of sinks that are there for the page alone.
        signed: whether what leaves carries signed claims.
        method: how people are hidden, and ``reversible`` whether published attacks undo that.
        least: the least height of a person that is found well, as a share of the picture's longer side.
        key: the id of the key that signs; empty for none.
    """

    internal: frozenset[str] = frozenset()
    signed: bool = False
    method: str = ""
    reversible: bool = False
    least: float = 0.0
    key: str = ""


def row(camera: CameraStatus, *, covered: bool, whep: bool, facts: Facts = Facts(), claim: int | None = None) -> dict[str, object]:
    """``camera`` as JSON: its status, its sentence in both languages, and how its picture can be watched.

    Args:
        covered: whether an operator covers it.
        whep: whether viewers can be met over WebRTC.
        facts: what the settings say of it.
        claim: the sequence of the last claim that was signed, if one was.
    """
    said = sentence(camera, covered=covered)
    sinks = {
        name: asdict(sink) | {"proof": _proof(name, facts)} for name, sink in camera.sinks.items() if name not in facts.internal
    }
    aim = [asdict(text) for text in words(camera.aim, Frame(camera.width, camera.height, facts.least))]
    told: dict[str, object] = {
        "proof": {"key": facts.key or None, "sequence": claim},
        "sinks": sinks,
        "aim": aim,
        "whep": whep,
        "covered_by_operator": covered,
        "sentence": asdict(said),
    }
    return asdict(camera) | told | {"method": facts.method, "reversible": facts.reversible}


def _proof(sink: str, facts: Facts) -> str:
    """Whether what leaves by ``sink`` carries signed claims: ``signed``, ``unsigned``, or ``none`` where it cannot."""
    if sink in UNPROVEN:
        return "none"
    return "signed" if facts.signed else "unsigned"
