"""Messages are cut into chunks and put together again."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.sinks._rtmp.chunks import ABORT, MAX_MESSAGE, MAX_STREAMS, SET_CHUNK_SIZE, ChunkError, ChunkReader, Message, chunked

MESSAGE = st.builds(
    Message,
    kind=st.integers(3, 22),
    timestamp=st.one_of(st.integers(0, 2**32 - 1), st.integers(0xFFFFFE, 0x1000001)),
    stream=st.integers(0, 2**32 - 1),
    body=st.binary(max_size=700),
)


@given(st.lists(st.tuples(MESSAGE, st.integers(2, 10)), max_size=6), st.integers(1, 300))
def test_messages_come_back_however_the_bytes_are_split(messages, step):
    data = b"".join(chunked(message, channel=channel, chunk_size=128) for message, channel in messages)
    reader = ChunkReader()
    back = [message for at in range(0, len(data), step) for message in reader.feed(data[at : at + step])]
    assert back == [message for message, _ in messages]


@given(st.binary(max_size=2000), st.integers(1, 500))
def test_any_bytes_are_messages_or_an_error_and_little_is_kept(data, step):
    reader = ChunkReader()
    try:
        for at in range(0, len(data), step):
            reader.feed(data[at : at + step])
    except ChunkError:
        return
    assert len(reader._pending) <= len(data)
    assert len(reader._channels) <= MAX_STREAMS


def header(form, channel, *, time=0, size=0, kind=0, stream=0):
    head = bytes([form << 6 | channel]) + time.to_bytes(3, "big")
    head += size.to_bytes(3, "big") + bytes([kind]) if form < 2 else b""
    return head + (struct.pack("<I", stream) if form == 0 else b"")


def test_short_headers_take_the_rest_from_the_message_before():
    data = header(0, 5, time=100, size=2, kind=20, stream=7) + b"ab"
    data += header(1, 5, time=10, size=1, kind=18) + b"c"
    data += header(2, 5, time=5) + b"d"
    data += bytes([0xC0 | 5]) + b"e"
    assert ChunkReader().feed(data) == [
        Message(20, 100, 7, b"ab"),
        Message(18, 110, 7, b"c"),
        Message(18, 115, 7, b"d"),
        Message(18, 120, 7, b"e"),
    ]


def test_interleaved_chunk_streams_and_wide_numbers_are_kept_apart():
    first, second = (
        chunked(Message(20, 0, 0, b"x" * 200), channel=3, chunk_size=128),
        b"\x00\x08" + header(0, 3, size=1, kind=9)[1:],
    )
    at = 12 + 128
    assert ChunkReader().feed(first[:at] + second + b"y" + first[at:]) == [Message(9, 0, 0, b"y"), Message(20, 0, 0, b"x" * 200)]


def test_a_chunk_size_is_heeded_and_an_abort_forgets():
    data = chunked(Message(SET_CHUNK_SIZE, 0, 0, struct.pack(">I", 4096)), channel=2, chunk_size=128)
    data += chunked(Message(20, 0, 0, b"z" * 3000), channel=3, chunk_size=4096)
    assert ChunkReader().feed(data) == [Message(20, 0, 0, b"z" * 3000)]
    begun = chunked(Message(20, 0, 0, b"z" * 200), channel=3, chunk_size=128)[: 12 + 128]
    data = begun + chunked(Message(ABORT, 0, 0, struct.pack(">I", 3)), channel=2, chunk_size=128)
    data += chunked(Message(20, 0, 0, b"new"), channel=3, chunk_size=128)
    assert ChunkReader().feed(data) == [Message(20, 0, 0, b"new")]


@pytest.mark.parametrize(
    "hostile",
    [
        header(0, 3, size=MAX_MESSAGE + 1, kind=20),
        chunked(Message(SET_CHUNK_SIZE, 0, 0, b"\0\0\0\0"), channel=2, chunk_size=128),
        chunked(Message(SET_CHUNK_SIZE, 0, 0, b"\0\0"), channel=2, chunk_size=128),
        b"".join(chunked(Message(20, 0, 0, b""), channel=channel, chunk_size=128) for channel in range(2, 2 + MAX_STREAMS + 1)),
    ],
)
def test_a_peer_that_asks_for_too_much_is_an_error(hostile):
    with pytest.raises(ChunkError):
        ChunkReader().feed(hostile)


def test_a_timestamp_beyond_24_bits_is_told_again_in_every_chunk():
    data = chunked(Message(9, 0x01000000, 1, b"v" * 200), channel=6, chunk_size=128)
    assert data.count(b"\x01\x00\x00\x00") >= 2
    assert data[1:4] == b"\xff\xff\xff"
    assert chunked(Message(9, 2**32 + 5, 1, b"v"), channel=6, chunk_size=128)[1:4] == b"\0\0\5"
