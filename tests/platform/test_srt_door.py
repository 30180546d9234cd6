"""Who calls by SRT is asked who it is before it is taken, is told why not in SRT's words, and is a publisher like any other."""

from __future__ import annotations

import io
import json
import subprocess
import threading
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.cli import entry
from proxy.errors import ConfigError, SourceUnreachable
from proxy.platform import srt_door as module
from proxy.platform.srt_door import REASONS, UNAVAILABLE, UNREADABLE, Asked, Door, Order, asked, sent_on
from proxy.sinks.file import FileSink, Options
from proxy.srt.address import Address
from proxy.srt.connection import Connection
from proxy.srt.failures import SrtRejected, SrtUnreachable
from tests.attestation.signing import GOP, KEY, signed
from tests.peers.process import free_port
from tests.peers.srt import sending
from tests.platform.running import CAFE, faces_in, platform, rows, until
from tests.programmes import stream

PASSPHRASE = "correct horse battery"


def order(port: int = 9000) -> Order:
    listen = f"srt://127.0.0.1:{port}?mode=listener"
    return Order(listen=listen, passphrase="", hook="http://127.0.0.1:1/hooks/srt/may", ingest="rtmp://127.0.0.1:1/ingest")


@pytest.mark.parametrize(
    ("streamid", "wants"),
    [
        ("publish:door:vct_x", Asked("door", "vct_x")),
        ("#!::r=door,u=vct_x", Asked("door", "vct_x")),
        ("#!::m=publish,u=vct_x,r=door,h=platform", Asked("door", "vct_x")),
        ("#!::m=request,r=door,u=vct_x", None),
        ("#!::r=door", None),
        ("read:door:vct_x", None),
        ("publish:door", None),
        ("publish::vct_x", None),
        ("", None),
    ],
)
def test_a_stream_id_names_the_camera_and_shows_the_token(streamid, wants):
    assert asked(streamid) == wants


@given(st.text(max_size=512))
def test_any_other_text_asks_for_nothing_or_for_something_that_is_named(streamid):
    wants = asked(streamid)
    assert wants is None or (wants.camera and wants.token)


def test_a_gateway_that_does_not_answer_lets_nobody_in():
    door = Door(order(), threading.Event())
    assert door.decided("publish:door:vct_x") == UNAVAILABLE
    assert door.decided("hello") == UNREADABLE
    assert all(1400 <= reason < 1500 for reason in REASONS.values())


def test_what_is_no_address_to_listen_at_is_refused():
    with pytest.raises(ConfigError, match=r"srt\.listen"):
        Order(listen="rtmp://h:1", passphrase="", hook="", ingest="").address()


async def test_the_proof_survives_the_way_to_the_ingest(tmp_path, capsys):
    """A file takes the ingest's place; who calls has sound beside the picture, and so has a stream of its own to be left out."""
    trust = tmp_path / "keys.json"
    trust.write_text(json.dumps(KEY.public.jwk()))
    packets, _ = signed(8 * GOP - 2)
    await FileSink(Options(path=tmp_path / "sent.mkv")).run(stream(packets))
    tone = ["-f", "lavfi", "-i", "sine=frequency=440", "-shortest", "-c:v", "copy", "-c:a", "mp2"]
    command = ["ffmpeg", "-v", "error", "-i", str(tmp_path / "sent.mkv"), *tone, str(tmp_path / "sent.ts")]
    subprocess.run(command, check=True, timeout=15)  # noqa: ASYNC221
    with (tmp_path / "sent.ts").open("rb") as caller:
        sent_on(caller, str(tmp_path / "ingest.flv"))
    assert entry.execute(["verify", str(tmp_path / "ingest.flv"), "--trust", str(trust)]) == 0
    assert f"{len(packets)} of {len(packets)} pictures are proven" in capsys.readouterr().out


def test_what_is_no_transport_stream_or_has_no_picture_goes_nowhere(tmp_path):
    for content in (b"", b"hello" * 5000):
        with pytest.raises((av.FFmpegError, SourceUnreachable)):
            sent_on(io.BytesIO(content), str(tmp_path / "ingest.flv"))
    assert not (tmp_path / "ingest.flv").exists()


def test_an_ingest_that_takes_nothing_is_noticed(monkeypatch):
    """The ingest is made up: whoever sends to it waits for an hour."""
    door = Door(order(), threading.Event())
    asked_for, over = [], threading.Event()

    def waits(source, to, writing):
        writing(True)
        asked_for.append(to)
        over.wait(30)

    monkeypatch.setattr(module, "sent_on", waits)
    monkeypatch.setattr(module, "STUCK_S", 0.05)
    door._room.acquire()
    thread = threading.Thread(target=door._serve, args=(Caller(),))
    thread.start()
    until(lambda: door.stuck, within_s=5, why=lambda: str(asked_for))
    over.set()
    thread.join()
    assert not door.stuck
    assert asked_for == ["rtmp://127.0.0.1:1/ingest/door?token=vct_x"]


class Caller:
    """A connection, as far as it is asked who it is."""

    streamid = "publish:door:vct_x"

    def close(self):
        """It has nothing to let go."""


def refused(port: int, streamid: str, *, passphrase: str = PASSPHRASE) -> str:
    with pytest.raises(SrtRejected) as refusal:
        Connection.call(Address.parse(f"srt://127.0.0.1:{port}", streamid=streamid, passphrase=passphrase), timeout_s=10).close()
    return str(refusal.value)


def answers(port: int) -> bool:
    """Whether the door's process listens already."""
    try:
        refused(port, "hello")
    except SrtUnreachable:
        return False
    return True


@pytest.mark.peer
@pytest.mark.timeout(300)
async def test_ffmpeg_publishes_by_srt_strangers_are_told_why_not_and_viewers_see_nobody(tmp_path: Path):
    port = free_port()
    more = f'[srt]\nlisten = "srt://127.0.0.1:{port}?mode=listener"\npassphrase = "{PASSPHRASE}"\n'
    with platform(tmp_path, more) as (gateway, ingest):
        token = gateway.register("acme", "door")
        url = f"srt://127.0.0.1:{port}?mode=caller&passphrase={PASSPHRASE}&streamid=publish:door:{token}"
        until(lambda: answers(port), within_s=60, why=gateway.log.read_text)
        assert "passphrase" in refused(port, f"publish:door:{token}", passphrase="battery staple horse")
        with sending(url, tmp_path / "ffmpeg.log", clip=CAFE):
            until(lambda: gateway.sent("door") > 60, within_s=120, why=gateway.log.read_text)
            for streamid, words in (
                ("publish:door:wrong", "another stream id or password"),
                (f"publish:window:{token}", "no such stream"),
                (f"publish:door:{token}", "somebody else uses"),
                ("hello", "does not understand the stream id"),
            ):
                assert words in refused(port, streamid)
        until(lambda: not gateway.streams(), within_s=30, why=gateway.log.read_text)
        (recording, *_) = [path for path in ingest.recordings("door") if path.stat().st_size > 10_000]
        assert await faces_in(recording) == 0
        assert gateway.end() == 0
        assert len(rows(tmp_path, "admitted")) == 1
        assert sum(f"{reason}" in " ".join(rows(tmp_path, "refused")) for reason in ("unknown-token", "unknown-camera")) == 2
        assert token not in gateway.log.read_text()
