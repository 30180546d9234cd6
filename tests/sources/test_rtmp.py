"""What is published at a real RTMP server is read for as long as it is published."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from proxy.errors import ConfigError, SourceRejected, SourceUnreachable
from proxy.sources.rtmp import Options, RtmpSource
from tests.peers.certificates import OUT_OF_DATE, authority
from tests.peers.ffmpeg import publishing_rtmp
from tests.peers.platform import MODULE, Platform
from tests.peers.process import HOST, PeerProcess, free_port
from tests.peers.tls import tls_in_front_of
from tests.sources.peering import frames, read

STREET = Path(__file__).parents[2] / "sample_videos" / "street.mp4"
PAGE = Path(__file__).parents[2] / "docs" / "protocols.md"


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


@pytest.mark.peer
@pytest.mark.timeout(60)
async def test_what_is_published_is_read_and_its_end_is_told(tmp_path: Path) -> None:
    with Platform(tmp_path, keys={"name"}) as platform:
        source = RtmpSource(Options.model_validate({"url": platform.url("name"), "read_timeout_s": 2}))
        with publishing_rtmp(platform.url("name"), STREET):
            got = frames(await read(source, pictures=20))
        assert (got[0].pts, len(got)) == (0, 20)
        with pytest.raises(SourceUnreachable):
            await read(source, limit_s=30)


@contextmanager
def documented(folder: Path) -> Iterator[int]:
    """nginx as docs/protocols.md writes it down, at the port that this gives."""
    port, hook = free_port(), free_port()
    (block,) = re.findall(r"```nginx\n(.*?)```", PAGE.read_text(), re.DOTALL)
    written = block.replace("listen 1935", f"listen {HOST}:{port}").replace("127.0.0.1:8091", f"{HOST}:{hook}")
    assert written.count(str(port)) == 1
    assert written.count(str(hook)) == 2
    folders = " ".join(f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    user = "user root;" if os.geteuid() == 0 else ""
    config = folder / "nginx.conf"
    config.write_text(
        f"load_module {MODULE}; {user} daemon off; pid {folder}/nginx.pid; error_log stderr info;\n"
        f"events {{}}\n{written.replace('http {', f'http {{ access_log off; {folders}')}"
    )
    server = PeerProcess(["nginx", "-p", str(folder), "-c", str(config)], port=port, log=folder / "nginx.log")
    server.start()
    try:
        yield port
    finally:
        server.kill()


@pytest.mark.peer
@pytest.mark.timeout(60)
async def test_a_camera_that_pushes_is_let_in_by_the_documented_server_with_its_token_only(tmp_path: Path) -> None:
    with documented(tmp_path) as port:
        place = f"rtmp://{HOST}:{port}/cameras"
        for query in ("", "?token=wrong", "?token="):
            with publishing_rtmp(f"{place}/gate{query}", STREET) as refused:
                assert refused.wait(20) != 0
        with publishing_rtmp(f"{place}/gate?token=LONG-RANDOM-TOKEN", STREET):
            assert len(frames(await read(RtmpSource(Options.from_url(f"{place}/gate")), pictures=20))) == 20


@pytest.mark.peer
@pytest.mark.timeout(90)
async def test_over_tls_a_server_is_read_only_when_its_certificate_is_to_be_trusted(tmp_path: Path) -> None:
    trusted, server_pem = authority(tmp_path, "localhost")
    (tmp_path / "old").mkdir()
    expired, expired_pem = authority(tmp_path / "old", "localhost", age=OUT_OF_DATE)
    with Platform(tmp_path, keys={"name"}) as platform, publishing_rtmp(platform.url("name"), STREET):
        async with tls_in_front_of(platform.port, server_pem) as port:
            url = f"rtmps://localhost:{port}/live/name"
            assert len(frames(await read(source_of(url, ca_file=trusted), pictures=5))) == 5
            assert len(frames(await read(source_of(url, verify=False), pictures=5))) == 5
            with pytest.raises(SourceRejected, match="certificate not trusted: unable to get local issuer"):
                await read(source_of(url))
            with pytest.raises(SourceRejected, match="certificate not trusted: IP address mismatch"):
                await read(source_of(url.replace("localhost", HOST), ca_file=trusted))
        async with tls_in_front_of(platform.port, expired_pem) as port:
            with pytest.raises(SourceRejected, match="certificate not trusted: certificate has expired"):
                await read(source_of(f"rtmps://localhost:{port}/live/name", ca_file=expired))


def source_of(url: str, **more: object) -> RtmpSource:
    return RtmpSource(Options.model_validate({"url": url, **more}))
