"""Problems, in words: each named by its path."""

from __future__ import annotations

from tests.settings.composed import problems


def test_every_problem_is_named_by_its_path() -> None:
    found = problems(
        {
            "colour": 1,
            "camera": [
                {"name": "A b", "source": {"url": "env:VEILCAST_TEST_UNSET"}, "privacy": {"method": "paint"}},
                {"source": {"type": "file"}, "sinks": ["nowhere://x", {"type": "fax"}, 3, {}, {"url": "x.mp4", "speed": 2}]},
            ],
            "control": {"host": "192.168.1.5"},
        }
    )
    assert {problem.partition(": ")[0] for problem in found} == {
        "colour",
        "cameras.0.name",
        "cameras.0.source.url",
        "cameras.0.privacy.method",
        "cameras.1.source.path",
        "cameras.1.sinks.0",
        "cameras.1.sinks.1.type",
        "cameras.1.sinks.2",
        "cameras.1.sinks.3",
        "cameras.1.sinks.4.speed",
        "control.token",
    }
