"""libsrt is found where Debian puts it, and its absence is told with what to do."""

from __future__ import annotations

import ctypes

import pytest

from proxy.srt import library
from proxy.srt.failures import SrtMissing


def test_a_machine_without_libsrt_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise OSError(name)

    monkeypatch.setattr(ctypes, "CDLL", absent)
    with pytest.raises(SrtMissing) as missing:
        library.srt.__wrapped__()
    assert "apt-get install libsrt" in missing.value.hint


@pytest.mark.peer
def test_the_library_starts_and_has_no_failure_yet() -> None:
    assert library.srt().srt_getversion() >= 0x010400
    library.srt().srt_clearlasterror()
    assert library.last_error()[0] == 0
