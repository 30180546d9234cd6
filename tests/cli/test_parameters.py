"""Options become tables, and problems name options."""

from __future__ import annotations

import pytest

from proxy.cli.parameters import given, privacy, settings_of
from proxy.errors import ConfigError


def test_what_was_not_given_keeps_its_default() -> None:
    assert given(a=None, b=0, c="x") == {"b": 0, "c": "x"}
    assert privacy(None, None, None, None) == {}


def test_targets_are_separated_by_commas() -> None:
    assert privacy("face, head,", None, None, None) == {"targets": ["face", "head"]}


def test_problems_name_the_option_that_is_wrong() -> None:
    with pytest.raises(ConfigError) as caught:
        settings_of({"camera": [{"source": "x://y", "sinks": ["z://y"], "privacy": {"targets": ["hat"], "lookback_ms": 1}}]})
    flags = [problem.partition(": ")[0] for problem in caught.value.problems]
    assert flags == ["--source", "--sink", "--targets", "--lookback-ms"]


def test_arguments_go_by_their_own_names() -> None:
    with pytest.raises(ConfigError) as caught:
        settings_of({"camera": [{"source": "x://y"}]}, renamed={"--source": "IN"})
    assert caught.value.problems[0].startswith("IN: ")
