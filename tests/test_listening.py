"""The proxy's own HTTP on its address."""

import asyncio
import contextlib
import io
import re
import socket
import ssl
import sys
from pathlib import Path

import pytest

from proxy.control.server import Control
from proxy.errors import ConfigError
from proxy.listening import listening
from proxy.settings.control import ControlSettings
from proxy.telemetry.logs import Log
from proxy.telemetry.status import StatusBoard
from tests.peers.certificates import self_signed

STREET = Path(__file__).parents[1] / "sample_videos" / "street.mp4"
VEILCAST = str(Path(sys.executable).with_name("veilcast"))


async def test_with_a_certificate_it_speaks_tls_and_nothing_else(tmp_path):
    cert = self_signed(tmp_path, host="localhost")
    control = ControlSettings.model_validate({"port": 0, "token": "x" * 20, "tls_cert": cert, "tls_key": cert})
    said = io.StringIO()
    shown = Control(StatusBoard(("door",)), {}, lambda: b"", "x" * 20)
    async with listening(control, shown, Log(stream=said)):
        port = int(re.search(r"https://127.0.0.1:(\d+)/", said.getvalue())[1])
        trusting = ssl.create_default_context(cafile=cert)
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trusting, server_hostname="localhost")
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"200" in await asyncio.wait_for(reader.readline(), 5)
        writer.close()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            assert b"HTTP" not in await asyncio.wait_for(reader.read(100), 5)
        writer.close()


async def test_a_certificate_that_is_none_is_a_clear_error(tmp_path):
    (tmp_path / "cert.pem").write_text("no certificate")
    for cert in (tmp_path / "cert.pem", tmp_path / "missing.pem"):
        control = ControlSettings.model_validate({"port": 0, "tls_cert": cert, "tls_key": cert})
        with pytest.raises(ConfigError, match="tls_cert and tls_key cannot be used"):
            async with listening(control, Control(StatusBoard(()), {}, lambda: b""), Log(stream=io.StringIO())):
                raise AssertionError("it must not listen")


@pytest.mark.peer
@pytest.mark.timeout(60)
def test_a_port_in_use_is_a_clear_error(tmp_path):
    async def occupied() -> tuple[int, str]:
        server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        command = [VEILCAST, "run", "--http", f"127.0.0.1:{port}", "--source", str(tmp_path / "x.mp4")]
        process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
        _, log = await process.communicate()
        server.close()
        return process.returncode or 0, log.decode()

    code, log = asyncio.run(occupied())
    assert code == 2
    assert "cannot listen" in log
    assert "Traceback" not in log


@pytest.mark.peer
@pytest.mark.timeout(60)
async def test_a_request_that_cannot_be_read_prints_no_token(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        VEILCAST,
        "run",
        "--http",
        f"127.0.0.1:{port}",
        "--token",
        "x" * 20,
        "--source",
        f"file://{STREET}?loop=true&realtime=true",
    ]
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    for _ in range(300):
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            break
        await asyncio.sleep(0.1)
    writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer pl4nted-t0ken\x01\xff\r\n\r\n")
    assert b"400" in await asyncio.wait_for(reader.readline(), 10)
    writer.close()
    process.terminate()
    _, log = await process.communicate()
    assert b"anonymised picture" in log
    assert b"pl4nted" not in log
