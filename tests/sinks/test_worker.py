"""Blocking work has an end, and a name for its failures."""

import threading

import av
import pytest

from proxy.errors import SinkUnwritable
from proxy.sinks.worker import Worker, writing


async def test_calls_run_one_after_another_and_answer():
    worker = Worker("test")
    assert [await worker.call(divmod, 7, number) for number in (2, 3)] == [(3, 1), (2, 1)]
    with pytest.raises(ZeroDivisionError):
        await worker.call(divmod, 7, 0)
    worker.close()


async def test_a_disk_that_does_not_answer_is_given_up():
    worker = Worker("test", timeout_s=0.01)
    hangs = threading.Event()
    with pytest.raises(SinkUnwritable, match="did not answer"):
        await worker.call(hangs.wait, 10)
    hangs.set()
    worker.close()


@pytest.mark.parametrize(
    "failure", [OSError(28, "No space left on device"), av.error.InvalidDataError(1, "rtmp://host/app/secret"), ValueError("x")]
)
def test_what_disk_and_muxer_refuse_is_one_error_without_secrets(failure, tmp_path):
    with pytest.raises(SinkUnwritable) as told, writing(tmp_path / "out.mp4"):
        raise failure
    assert "secret" not in told.value.message
    assert told.value.hint
    assert told.value.retryable == (isinstance(failure, OSError) and failure.errno == 28)
