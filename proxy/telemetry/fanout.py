"""One observer that is many."""

from __future__ import annotations

from proxy.telemetry.events import Event, Observer


def fan_out(*observers: Observer) -> Observer:
    """An observer that hands each event to all of ``observers``, in order."""

    def observe(event: Event) -> None:
        for observer in observers:
            observer(event)

    return observe
