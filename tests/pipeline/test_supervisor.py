"""A camera's process: fed, heard, killed when silent, started again. The processes are real, what they run is made up."""

import asyncio
import os
import sys

import pytest

from proxy.pipeline.backoff import Backoff
from proxy.pipeline.supervisor import CameraProcess, ProcessGaveUp, child_environment
from proxy.telemetry.events import Connection, CoverHeeded, ProcessChanged, SourceChanged

SAY = """
import json, os, sys, time
settings = sys.stdin.readline()
def say(name, **fields):
    os.write(1, (json.dumps({name: fields}) + "\\n").encode())
def running():
    say("SourceChanged", camera="door", state="running", detail=settings.strip())
def failed(code, retryable):
    say("Failed", message="made up", hint="look", exit_code=code, retryable=retryable)
    sys.exit(code)
"""


def camera(script, events, **options):
    options = {"backoff": Backoff(first_s=0.0, limit_s=0.0), "silence_s": 5.0} | options
    return CameraProcess(
        name="door",
        settings='{"secret":"s3cret"}',
        command=(sys.executable, "-I", "-c", SAY + script),
        observer=events.append,
        log=options.pop("log", lambda _: None),
        **options,
    )


async def test_settings_reach_the_process_by_its_pipe_and_its_events_come_back():
    events = []
    await camera("running()", events).run(asyncio.Event())
    assert SourceChanged("door", Connection.RUNNING, '{"secret":"s3cret"}') in events
    assert events[-1] == ProcessChanged("door", Connection.ENDED)


async def test_a_crash_is_followed_by_a_fresh_process(tmp_path):
    events, mark = [], tmp_path / "mark"
    script = f"running()\nif not os.path.exists({str(mark)!r}): open({str(mark)!r}, 'w'); os.kill(os.getpid(), 11)"
    await camera(script, events).run(asyncio.Event())
    states = [event.state for event in events if isinstance(event, ProcessChanged)]
    assert states == [
        Connection.CONNECTING,
        Connection.RUNNING,
        Connection.WAITING,
        Connection.CONNECTING,
        Connection.RUNNING,
        Connection.ENDED,
    ]
    assert any("SIGSEGV" in event.detail for event in events if isinstance(event, ProcessChanged))


async def test_a_process_that_falls_silent_is_killed_and_replaced(tmp_path):
    events, mark = [], tmp_path / "mark"
    script = f"running()\nif not os.path.exists({str(mark)!r}): open({str(mark)!r}, 'w'); time.sleep(60)"
    await camera(script, events, silence_s=0.3).run(asyncio.Event())
    assert any("said nothing" in event.detail for event in events if isinstance(event, ProcessChanged))
    assert events[-1].state is Connection.ENDED


async def test_an_error_that_no_retry_can_mend_ends_it_with_its_code():
    events = []
    with pytest.raises(ProcessGaveUp) as caught:
        await camera("failed(12, False)", events).run(asyncio.Event())
    assert (caught.value.code, caught.value.message, caught.value.hint) == (12, "made up", "look")
    assert events[-1].state is Connection.FAILED


async def test_a_camera_that_gave_pictures_is_started_again_whatever_its_source_says(tmp_path):
    events, mark = [], tmp_path / "mark"
    script = f"running()\nif not os.path.exists({str(mark)!r}): open({str(mark)!r}, 'w'); failed(13, False)"
    await camera(script, events, give_up_at_first=True).run(asyncio.Event())
    states = [event.state for event in events if isinstance(event, ProcessChanged)]
    assert states[1:4] == [Connection.RUNNING, Connection.WAITING, Connection.CONNECTING]
    assert states[-1] is Connection.ENDED
    with pytest.raises(ProcessGaveUp):
        await camera("running()\nfailed(22, False)", []).run(asyncio.Event())


async def test_giving_up_at_first_ends_with_an_error_that_a_retry_might_have_mended():
    with pytest.raises(ProcessGaveUp):
        await camera("failed(10, True)", [], give_up_at_first=True).run(asyncio.Event())


async def test_a_sink_that_takes_slates_is_no_picture_of_the_camera():
    script = "say('SinkChanged', camera='door', sink='file', state='running')\nfailed(10, True)"
    with pytest.raises(ProcessGaveUp):
        await camera(script, [], give_up_at_first=True).run(asyncio.Event())


async def test_stop_closes_the_pipe_and_the_process_leaves():
    events, stop = [], asyncio.Event()
    process = camera("running()\nsys.stdin.read()", events)
    async with asyncio.TaskGroup() as group:
        group.create_task(process.run(stop))
        while not any(isinstance(event, SourceChanged) for event in events):
            await asyncio.sleep(0.01)
        stop.set()
    assert events[-1].state is Connection.ENDED


async def test_cancelling_leaves_no_process_behind():
    events = []
    process = camera("os.write(2, b'pid %d\\n' % os.getpid())\nrunning()\ntime.sleep(60)", events, log=events.append)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1.0):
            await process.run(asyncio.Event())
    pid = next(int(line.split()[1]) for line in events if isinstance(line, str))
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_what_a_library_prints_is_logged_without_its_secrets():
    lines = []
    await camera("os.write(2, b'opening rtsp://user:s3cret@camera/live\\n')", [], log=lines.append).run(asyncio.Event())
    assert lines == ["opening rtsp://***@camera/live"]


def test_a_process_inherits_only_what_it_needs():
    kept = child_environment({"PATH": "/bin", "LC_ALL": "C", "CAM_PASSWORD": "s3cret", "AWS_SECRET": "x"})
    assert kept == {"PATH": "/bin", "LC_ALL": "C", "PYTHONUNBUFFERED": "1", "MALLOC_ARENA_MAX": "2"}


async def test_an_order_to_cover_reaches_the_process_now_and_every_one_after_it(tmp_path):
    events, mark = [], tmp_path / "mark"
    script = f"""
running()
order = sys.stdin.readline().strip()
say("SourceChanged", camera="door", state="running", detail=order)
if not os.path.exists({str(mark)!r}): open({str(mark)!r}, "w"); os.kill(os.getpid(), 9)
"""
    process = camera(script, events)
    async with asyncio.TaskGroup() as group:
        group.create_task(process.run(asyncio.Event()))
        while not any(isinstance(event, SourceChanged) for event in events):
            await asyncio.sleep(0.01)
        process.cover(covered=True)
    assert [event.detail for event in events if isinstance(event, SourceChanged)][1::2] == ["cover", "cover"]


HEEDS = """
running()
for order in sys.stdin:
    say("CoverHeeded", camera="door", covered=order == "cover\\n")
"""
DEFIES = "running()\nwhile True: sys.stdin.readline(); time.sleep(0.01)"


@pytest.mark.parametrize(("script", "killed"), [(HEEDS, False), (DEFIES, True)])
async def test_a_process_that_shows_pictures_and_does_not_cover_them_when_told_is_killed(script, killed):
    events = []
    process = camera(script, events, backoff=Backoff(first_s=60.0, limit_s=60.0))
    async with asyncio.TaskGroup() as group:
        running = group.create_task(process.run(asyncio.Event()))
        while not any(isinstance(event, SourceChanged) for event in events):
            await asyncio.sleep(0.01)
        process.cover(covered=True)
        await process.settled(within_s=0.3 if killed else 20.0)
        assert (CoverHeeded("door", covered=True) in events) is not killed
        while killed and not any("did not cover" in getattr(event, "detail", "") for event in events):
            await asyncio.sleep(0.01)
        running.cancel()


async def test_a_process_that_shows_nothing_yet_is_left_alone_and_one_that_does_not_run_is_not_waited_for():
    events = []
    process = camera("sys.stdin.readline()\nrunning()", events)
    await process.settled(within_s=20.0)
    async with asyncio.TaskGroup() as group:
        group.create_task(process.run(asyncio.Event()))
        await asyncio.sleep(0)
        process.cover(covered=True)
        await process.settled(within_s=0.05)
    assert events[-1].state is Connection.ENDED
