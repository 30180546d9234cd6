"""What people and peers write, almost right: ended by a known error or taken, and never repeated."""

from __future__ import annotations

import contextlib
import ipaddress
import tomllib
from pathlib import Path

import pytest
from aiortc.sdp import SessionDescription

from proxy.errors import ConfigError, VeilcastError
from proxy.settings.camera import parse_camera
from proxy.settings.service import compose, load
from proxy.sinks._rtmp.session import Refused, Violation
from proxy.webrtc.sdp import kinds_of, named_by_address, parse_fragment
from tests.fuzz.mutants import SECONDS, mutants
from tests.sinks._rtmp.test_session import GREETING, Peer, command, said, status

pytestmark = pytest.mark.timeout(int(SECONDS * 3) + 60)

SETTINGS = b"""
[[camera]]
name = "entrance"
source = "rtsp://user:hunter2@192.168.1.10/stream"
sinks = ["hls:///var/lib/veilcast/entrance", { url = "rtmps://live.example.org/app", key = "hunter2" }, "whep:"]
[camera.privacy]
targets = ["face", "head", "body"]
lookback_ms = 400
[[camera]]
name = "yard"
source = { url = "rtsp://192.168.1.11/stream", transport = "udp" }
sinks = [{ url = "/var/lib/veilcast/yard.mkv" }]
[control]
host = "127.0.0.1"
port = 8080
token = "hunter2"
"""
CAMERA = b'{"name":"door","source":{"type":"file","path":"clip.mkv","realtime":true},"sinks":[{"type":"null"}]}'
ENDS = (b"\r", b"\n", b"\x0b", b"\x0c", b"\x1c", b"\xc2\x85", b"\xe2\x80\xa8")
"""Everything at which some reader of text begins a new line."""
OFFER = b"""v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n\
c=IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdef01234567\r\na=mid:0\r\na=sendonly\r\na=rtpmap:96 H264/90000\r\n\
a=candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host\r\n\
a=candidate:2 1 udp 1 name.local 5001 typ host\r\na=end-of-candidates\r\n"""


def test_settings_files(tmp_path: Path) -> None:
    path = tmp_path / "veilcast.toml"
    for name, data in mutants([SETTINGS]):
        path.write_bytes(data)
        try:
            load(path)
        except ConfigError as error:
            told = f"{error} {error.hint} {error.problems}"
            assert "hunter2" not in told, name
        except Exception as error:
            raise AssertionError(f"{name}: {type(error).__name__}: {error}") from error


def test_tables_of_the_wrong_kinds() -> None:
    for name, data in mutants([SETTINGS]):
        try:
            tables = tomllib.loads(data.decode())
        except ValueError:
            continue
        try:
            compose(tables, origin="fuzz")
        except ConfigError:
            continue
        except Exception as error:
            raise AssertionError(f"{name}: {type(error).__name__}: {error}") from error


def test_what_a_process_is_told_of_its_camera() -> None:
    for name, data in mutants([CAMERA]):
        try:
            parse_camera(data.decode(errors="replace"))
        except VeilcastError:
            continue
        except Exception as error:
            raise AssertionError(f"{name}: {type(error).__name__}: {error}") from error


def test_what_an_ingest_answers() -> None:
    talk = [
        command("_result", 1, {}, {}),
        command("_result", 4, None, 1),
        status("NetStream.Publish.Start"),
        status("NetStream.Publish.BadName", "error", "already publishing"),
        said(1, b"\x00\x00\x10\x00", channel=2),
        said(4, b"\x00\x06\x00\x00\x12\x34", channel=2),
        said(5, b"\x00\x00\x00\x64", channel=2),
    ]
    for name, data in mutants([GREETING + b"".join(talk), GREETING + b"".join(talk[:3]), *(GREETING + word for word in talk)]):
        session = Peer().session
        try:
            with contextlib.suppress(Refused, Violation):
                for at in range(0, len(data), 1000):
                    session.receive_data(data[at : at + 1000])
            assert len(session.data_to_send()) < 1 << 20, name
        except Exception as error:
            raise AssertionError(f"{name}: {type(error).__name__}: {error}") from error


def test_no_session_description_makes_anybody_look_up_a_name() -> None:
    """As aiortc reads it: no candidate that is left is a name."""
    smuggled = [
        OFFER.replace(b"a=sendonly\r\n", b"a=x" + end + b"a=candidate:3 1 udp 1 name.example 5002 typ host\r\n") for end in ENDS
    ]
    for _, data in mutants([OFFER, *smuggled]):
        text = data.decode(errors="replace")
        kinds_of(text)
        try:
            read = SessionDescription.parse(named_by_address(text))
        except Exception:  # noqa: BLE001, S112 - what aiortc cannot read is refused
            continue
        for media in read.media:
            for candidate in media.ice_candidates:
                ipaddress.ip_address(candidate.ip)


def test_fragments_that_trickle_in() -> None:
    for name, data in mutants([OFFER]):
        try:
            fragment = parse_fragment(data.decode(errors="replace"))
        except ValueError:
            continue
        except Exception as error:
            raise AssertionError(f"{name}: {type(error).__name__}: {error}") from error
        for candidate in fragment.candidates:
            ipaddress.ip_address(candidate.ip)
