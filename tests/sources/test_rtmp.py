"""What is published at a real RTMP server is read for as long as it is published."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from proxy.errors import ConfigError, SourceUnreachable
from proxy.sources.rtmp import Options, RtmpSource
from tests.peers.platform import Platform
from tests.sources.peering import frames, read

STREET = Path(__file__).parents[2] / "sample_videos" / "street.mp4"


@pytest.mark.parametrize("url", ["rtmp://", "rtmp://host", "rtmp://host/app", "rtmp://host:port/app/name", "rtmp://host:0/a/b"])
def test_a_url_that_names_no_stream_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="names no host"):
        Options.from_url(url)


def test_neither_name_nor_options_nor_input_show_the_stream(tmp_path: Path) -> None:
    options = Options.from_url("rtmp://host/app/s3cret?token=s3cret")
    said = f"{RtmpSource(options).name} {options!r} {options.input()!r}"
    assert "s3cret" not in said
    assert "host/app" in said
    assert RtmpSource(options).live


@contextmanager
def publishing(url: str) -> Iterator[None]:
    """ffmpeg publishes a clip, again and again, for as long as this lasts."""
    command = ["ffmpeg", "-v", "error", "-re", "-stream_loop", "-1", "-i", str(STREET), "-c", "copy", "-f", "flv", url]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as publisher:
        try:
            yield
        finally:
            publisher.kill()


@pytest.mark.peer
@pytest.mark.timeout(60)
async def test_what_is_published_is_read_and_its_end_is_told(tmp_path: Path) -> None:
    with Platform(tmp_path, keys={"name"}) as platform:
        source = RtmpSource(Options.model_validate({"url": platform.url("name"), "read_timeout_s": 2}))
        with publishing(platform.url("name")):
            got = frames(await read(source, pictures=20))
        assert (got[0].pts, len(got)) == (0, 20)
        with pytest.raises(SourceUnreachable):
            await read(source, limit_s=30)
