"""What every test runs under."""

from __future__ import annotations

import pytest
from hypothesis import settings

settings.register_profile("default", deadline=None)
settings.register_profile("fuzz", deadline=None, max_examples=5_000)
settings.load_profile("default")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests against real peers come last: what is wrong is mostly told by the fast ones."""
    items.sort(key=lambda item: item.get_closest_marker("peer") is not None)
