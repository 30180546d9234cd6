"""A publishing session, played against a script of what a platform says."""

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.sinks._rtmp import amf
from proxy.sinks._rtmp.address import Address
from proxy.sinks._rtmp.chunks import ChunkReader, Message, chunked
from proxy.sinks._rtmp.session import AUDIO, DATA, VIDEO, PublishSession, Refused, State, Violation

ADDRESS = Address.parse("rtmp://host/live/secret?token=hush")
GREETING = b"\x03" + bytes(range(256)) * 6 + bytes(1536)


def said(kind, body, *, channel=3):
    return chunked(Message(kind, 0, 0, body), channel=channel, chunk_size=128)


def command(*values):
    return said(20, amf.encode(*values))


def status(code, level="status", description=""):
    return command("onStatus", 0, None, {"level": level, "code": code, "description": description})


class Peer:
    """Reads what the session sends."""

    def __init__(self):
        self.session = PublishSession(ADDRESS, nonce=b"n" * 1528)
        self.reader = ChunkReader()
        self.hello = self.session.data_to_send()

    def says(self, data):
        self.session.receive_data(data)
        return self.heard()

    def heard(self):
        return self.reader.feed(self.session.data_to_send())


def commands(messages):
    return [amf.decode(message.body) for message in messages if message.kind == 20]


def live():
    peer = Peer()
    peer.session.receive_data(GREETING)
    peer.reader.feed(peer.session.data_to_send()[1536:])
    peer.says(command("_result", 1, {}, {}))
    peer.says(command("_result", 4, None, 1))
    peer.says(status("NetStream.Publish.Start"))
    assert peer.session.state is State.LIVE
    return peer


def test_the_whole_walk_to_live():
    peer = Peer()
    assert len(peer.hello) == 1 + 1536
    assert peer.says(GREETING[:100]) == []
    peer.session.receive_data(GREETING[100:])
    reply = peer.session.data_to_send()
    assert reply[:1536] == GREETING[1:1537]
    (connect,) = commands(peer.reader.feed(reply[1536:]))
    assert connect[:2] == ["connect", 1]
    assert (connect[2]["app"], connect[2]["tcUrl"]) == ("live", "rtmp://host/live")
    asked = commands(peer.says(command("_result", 1, {}, {"code": "NetConnection.Connect.Success"})))
    assert [values[0] for values in asked] == ["releaseStream", "FCPublish", "createStream"]
    peer.says(command("_error", 2, None, {"code": "no such command"}))
    (publish,) = commands(peer.says(command("_result", 4, None, 7)))
    assert publish == ["publish", 5, None, "secret?token=hush", "live"]
    assert peer.session.state is State.PUBLISHING
    peer.says(status("NetStream.Publish.Start"))
    assert peer.session.state is State.LIVE


def test_tags_go_out_on_the_stream_that_the_peer_numbered_and_the_goodbye_deletes_it():
    peer = live()
    for kind, body in ((DATA, b"meta"), (VIDEO, b"v" * 90_000), (AUDIO, b"a")):
        peer.session.send_tag(kind, 40, body)
    meta, video, audio = peer.heard()
    assert meta.body == amf.encode("@setDataFrame") + b"meta"
    assert (video.kind, video.timestamp, video.stream, len(video.body)) == (VIDEO, 40, 1, 90_000)
    assert (audio.kind, audio.body) == (AUDIO, b"a")
    peer.session.finish()
    assert [values[0] for values in commands(peer.heard())] == ["FCUnpublish", "deleteStream"]


@pytest.mark.parametrize(
    "no",
    [
        status("NetStream.Publish.BadName", "error", "Stream secret already publishing"),
        status("NetStream.Publish.Denied"),
        command("_error", 5, None, {"code": "NetStream.Publish.BadAuth", "description": "rtmp://host/live/secret?token=hush"}),
        command("close"),
    ],
)
def test_a_no_is_told_in_the_peers_words_without_the_key(no):
    with pytest.raises(Refused) as refusal:
        live().says(no)
    assert "secret" not in str(refusal.value)
    assert "hush" not in str(refusal.value)
    assert str(refusal.value).isprintable()


def test_pings_bandwidth_and_windows_are_answered():
    peer = live()
    (pong,) = peer.says(said(4, b"\x00\x06\x00\x00\x12\x34", channel=2))
    assert (pong.kind, pong.body) == (4, b"\x00\x07\x00\x00\x12\x34")
    (window,) = peer.says(said(6, struct.pack(">IB", 2_500_000, 2), channel=2))
    assert (window.kind, window.body) == (5, struct.pack(">I", 2_500_000))
    (acknowledgement, *_) = peer.says(said(5, struct.pack(">I", 100), channel=2) + said(4, b"\x00\x00" + bytes(4), channel=2) * 9)
    assert acknowledgement.kind == 3


@pytest.mark.parametrize(
    "data", [b"HTTP/1.1 400 Bad Request", GREETING + said(20, b"\xff\xff"), GREETING + b"\x03\0\0\0\xff\xff\xff\x14" + bytes(4)]
)
def test_what_is_no_rtmp_is_a_violation(data):
    with pytest.raises(Violation):
        Peer().session.receive_data(data)


@given(st.binary(max_size=600))
def test_whatever_a_peer_says_ends_in_a_known_error_or_none(data):
    for session in (Peer().session, live().session):
        with contextlib.suppress(Refused, Violation):
            session.receive_data(data)


def test_a_stream_without_a_number_is_a_violation_and_tags_wait_for_live():
    session = Peer().session
    session.receive_data(GREETING)
    session.receive_data(command("_result", 1, {}, {}))
    with pytest.raises(AssertionError):
        session.send_tag(VIDEO, 0, b"")
    with pytest.raises(Violation):
        session.receive_data(command("_result", 4, None, "one"))
