"""One observer that is many."""

from __future__ import annotations

from proxy.telemetry.events import Event, FramesDropped
from proxy.telemetry.fanout import fan_out


def test_every_observer_gets_every_event_in_order() -> None:
    seen: list[tuple[str, Event]] = []
    observe = fan_out(lambda event: seen.append(("a", event)), lambda event: seen.append(("b", event)))
    first, second = FramesDropped("x", 1), FramesDropped("x", 2)
    observe(first)
    observe(second)
    assert seen == [("a", first), ("b", first), ("a", second), ("b", second)]
