"""A gate with a database of its own, and a runner that only writes down what it is told."""

from __future__ import annotations

from pathlib import Path

from proxy.attestation.keys import DeviceKey
from proxy.gateway.admission import Admission, Way
from proxy.gateway.database import opened
from proxy.gateway.gate import Gate

KEY = DeviceKey.new()
NOON_MS = 1_790_000_000_000


class Told:
    """A runner made up: ``running`` says for each camera whether it is covered."""

    def __init__(self) -> None:
        self.running: dict[str, bool] = {}
        self.verified: dict[str, bool] = {}
        self.ways: dict[str, tuple[Way, str | None]] = {}
        self.settlings = 0

    def start(self, camera: str, way: Way, address: str | None, *, verified: bool, covered: bool) -> None:
        self.running.setdefault(camera, covered)
        self.verified[camera] = verified
        self.ways[camera] = way, address

    def stop(self, camera: str) -> None:
        self.running.pop(camera, None)

    def cover(self, camera: str, *, covered: bool) -> None:
        self.running[camera] = covered

    async def settled(self) -> None:
        self.settlings += 1


class Clock:
    """A wall clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now_ms = NOON_MS

    def __call__(self) -> int:
        return self.now_ms


def gate(folder: Path, *, default: Admission = Admission.ANONYMISE) -> tuple[Gate, Told, Clock]:
    runner, clock = Told(), Clock()
    return Gate(opened(folder), KEY, runner, default=default, now_ms=clock), runner, clock


def registered(made: Gate, *cameras: str, publisher: str = "acme", expires_ms: int | None = None, max_streams: int = 4) -> str:
    """The token of a publisher with these cameras."""
    made.put_publisher(publisher, admission=None, max_streams=max_streams, cameras=cameras, actor="admin")
    return made.new_token(publisher, expires_ms=expires_ms, actor="admin")[1]
