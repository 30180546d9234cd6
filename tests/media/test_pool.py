"""Memory is used again, but never while somebody sees it."""

from __future__ import annotations

from proxy.media.formats import VideoFormat
from proxy.media.pool import FramePool

SHAPE = VideoFormat(64, 32)


def test_a_buffer_that_nobody_sees_is_used_again() -> None:
    pool = FramePool(capacity=2)
    buffer = pool.take(SHAPE)
    address = buffer.ctypes.data
    buffer.flags.writeable = False
    pool.give_back(buffer)
    del buffer
    again = pool.take(SHAPE)
    assert again.ctypes.data == address
    assert again.flags.writeable


def test_a_buffer_of_which_somebody_holds_a_view_is_let_go() -> None:
    pool = FramePool(capacity=2)
    buffer = pool.take(SHAPE)
    view = buffer[2:4, 2:4]
    address = buffer.ctypes.data
    pool.give_back(buffer)
    assert pool.take(SHAPE).ctypes.data != address
    assert view.shape == (2, 2)


def test_a_buffer_given_back_twice_is_kept_once() -> None:
    pool = FramePool(capacity=4)
    buffer = pool.take(SHAPE)
    pool.give_back(buffer)
    pool.give_back(buffer)
    first, second = pool.take(SHAPE), pool.take(SHAPE)
    assert first.ctypes.data != second.ctypes.data


def test_buffers_of_an_earlier_shape_are_let_go() -> None:
    pool = FramePool(capacity=2)
    buffer = pool.take(SHAPE)
    other = pool.take(VideoFormat(32, 32))
    pool.give_back(buffer)
    assert other.shape == (48, 32)
    assert pool.take(VideoFormat(32, 32)).shape == (48, 32)


def test_no_more_buffers_are_kept_idle_than_the_capacity() -> None:
    pool = FramePool(capacity=2)
    buffers = [pool.take(SHAPE) for _ in range(5)]
    addresses = {buffer.ctypes.data for buffer in buffers}
    while buffers:
        buffer = buffers.pop()
        pool.give_back(buffer)
    del buffer
    assert len(pool._idle) == 2
    assert {idle.ctypes.data for idle in pool._idle} <= addresses
