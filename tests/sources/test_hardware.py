"""Hardware decodes where it opens, and nothing is lost where it does not."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from proxy.sources import hardware
from proxy.sources.file import FileSource, Options
from proxy.sources.hardware import HardwareDecoding, accelerator
from tests.sources.clips import write
from tests.sources.peering import frames, read


def test_software_needs_no_device() -> None:
    assert accelerator(HardwareDecoding.NONE) is None


def test_auto_takes_the_first_device_that_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    class Device:
        def __init__(self, name: str, *, allow_software_fallback: bool = False) -> None:
            self.name = name

        def create(self, _codec: av.Codec) -> None:
            tried.append(self.name)
            if self.name != "qsv":
                raise NotImplementedError

    monkeypatch.setattr(hardware, "HWAccel", Device)
    chosen = accelerator(HardwareDecoding.AUTO)
    assert chosen is not None
    assert chosen[0] == "qsv"
    assert tried == ["cuda", "vaapi", "qsv"]
    assert accelerator(HardwareDecoding.CUDA) is None


@pytest.mark.parametrize("choice", list(HardwareDecoding))
async def test_whatever_is_asked_for_every_picture_comes_and_the_decoder_is_named(choice: HardwareDecoding, tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4", codec="libx264", width=256, height=256)
    source = FileSource(Options(path=path, hardware=choice))
    assert len(frames(await read(source))) == 5
    assert source.decoder.startswith("h264 (")
