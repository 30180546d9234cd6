"""The latest claims of each camera, for whoever asks over HTTP."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final

from proxy.telemetry.events import ClaimMade, Event

KEPT: Final = 256
"""Claims kept of each camera: some minutes' worth."""


class ClaimBook:
    """Claims as they were signed, kept up by :meth:`observe`; the oldest go first."""

    def __init__(self, cameras: Iterable[str]) -> None:
        self._claims: dict[str, deque[ClaimMade]] = {camera: deque(maxlen=KEPT) for camera in cameras}

    def add(self, camera: str) -> None:
        """``camera`` begins, or begins anew."""
        self._claims[camera] = deque(maxlen=KEPT)

    def remove(self, camera: str) -> None:
        """``camera`` is no more."""
        self._claims.pop(camera, None)

    def observe(self, event: Event) -> None:
        """Take note of ``event`` where it is a claim of a camera that is known."""
        if isinstance(event, ClaimMade) and event.camera in self._claims:
            self._claims[event.camera].append(event)

    def last(self, camera: str) -> int | None:
        """The sequence of the last claim of ``camera``; ``None`` where there is none."""
        kept = self._claims.get(camera)
        return kept[-1].sequence if kept else None

    def of(self, camera: str, *, since: int = 0) -> list[ClaimMade] | None:
        """The claims of ``camera`` in order, from sequence ``since`` on; ``None`` where there is no such camera."""
        kept = self._claims.get(camera)
        return None if kept is None else [claim for claim in kept if claim.sequence >= since]
