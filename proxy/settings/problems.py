"""What is wrong with settings, in words that name the place and never what was typed."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from proxy.errors import ConfigError
from proxy.media.redact import redact
from proxy.settings.plugins import SINKS, SOURCES


def refusal(message: str, *, field: str = "") -> PydanticCustomError:
    """A problem found in a validator; ``field`` is the key below the validated value that it concerns."""
    return PydanticCustomError("refused", "{message}", {"message": message, "field": field})


def told(error: ConfigError) -> str:
    """``error`` and its hint, as part of a problem."""
    return f"{error.message} ({error.hint})" if error.hint else error.message


def problems_of(error: ValidationError) -> list[str]:
    """Each problem as ``cameras.0.source.url: what is wrong``, without what was typed."""
    found = error.errors(include_input=False, include_url=False)
    places = [problem["loc"] for problem in found]

    def follows(problem: ErrorDetails) -> bool:
        """Whether a list is too short only because what stands in it is wrong."""
        place = problem["loc"]
        return problem["type"] == "too_short" and any(len(other) > len(place) and other[: len(place)] == place for other in places)

    return [_line(problem) for problem in found if not follows(problem)]


def _line(problem: ErrorDetails) -> str:
    path = [str(step) for step in _without_tags(problem["loc"])]
    context = problem.get("ctx", {})
    if context.get("field"):
        path.append(str(context["field"]))
    message = "unknown setting" if problem["type"] == "extra_forbidden" else problem["msg"].removeprefix("Value error, ")
    return redact(": ".join(part for part in (".".join(path), message[:1].lower() + message[1:]) if part)).replace("\n", " ")


def _without_tags(steps: Iterable[str | int]) -> list[str | int]:
    """``steps`` without the plugin types that pydantic puts behind ``source`` and behind each sink's number."""
    kept: list[str | int] = []
    for step in steps:
        behind_source = kept[-1:] == ["source"]
        behind_sink = len(kept) > 1 and kept[-2] == "sinks" and isinstance(kept[-1], int)
        if not (isinstance(step, str) and (behind_source or behind_sink) and step in {*SOURCES, *SINKS}):
            kept.append(step)
    return kept
