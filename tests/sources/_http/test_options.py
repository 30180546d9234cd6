"""Sources over HTTP are named by a URL, and wait as long as they are told to."""

from __future__ import annotations

from pathlib import Path

import pytest

from proxy.errors import ConfigError
from proxy.sources._http.options import HttpOptions


def test_the_place_has_everything_that_was_said() -> None:
    said = {"url": "https://u:p@host/a", "ca_file": "/ca.pem", "open_timeout_s": 3, "read_timeout_s": 7}
    place = HttpOptions.model_validate(said).place()
    assert (place.url, place.user, place.password) == ("https://host/a", "u", "p")
    assert (place.ca_file, place.open_s, place.silence_s) == (Path("/ca.pem"), 3, 7)


@pytest.mark.parametrize("url", ["http://", "hls://host/x", "host"])
def test_what_names_no_host_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(ConfigError, match="names no host") as caught:
        HttpOptions.from_url(url)
    assert "…" in caught.value.hint
