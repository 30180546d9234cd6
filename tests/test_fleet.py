"""Cameras come and go one by one, and what operators cover is true of them whenever they start."""

import asyncio
from pathlib import Path

import pytest

from proxy.control.covers import Covers
from proxy.control.doors import Door
from proxy.errors import ConfigError
from proxy.fleet import Exhibits, Fleet, Shown
from proxy.pipeline.supervisor import ProcessGaveUp
from proxy.settings.camera import CameraSettings, PrivacySettings
from proxy.telemetry.claims import ClaimBook
from proxy.telemetry.status import StatusBoard


class Run:
    """Runs nothing, until it is told to stop or to fail."""

    def __init__(self, camera, failures=()):
        self.name, self.covers, self.failures = camera.name, [], list(failures)
        self.starts = 0
        self.end = asyncio.Event()

    async def run(self, stop):
        self.starts += 1
        if self.failures:
            raise ProcessGaveUp("no", hint="", code=self.failures.pop(0))
        waiting = [asyncio.ensure_future(event.wait()) for event in (stop, self.end)]  # noqa: TID251 - a fake
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()

    def cover(self, *, covered):
        self.covers.append(covered)

    async def settled(self, *, within_s):
        self.covers.append("settled")


def camera(name):
    return CameraSettings.model_validate({"name": name, "source": "rtsp://camera/live"})


def fleet(runs, *, enduring=False, covers=None, failures=()):
    def runner(settings, _trial):
        runs.append(Run(settings, failures))
        return runs[-1]

    def prepare(settings, folder):
        return Shown(settings, folder / "live", {("whep", settings.name): Door(folder / "door")}, {"kid": settings.name})

    exhibits = Exhibits(StatusBoard(()), StatusBoard(()), ClaimBook(()))
    return Fleet(prepare, runner, exhibits, covers or Covers(None), Path("/run"), enduring=enduring, again_s=0.01)


async def test_a_camera_is_replaced_without_the_others_noticing():
    runs, stop = [], asyncio.Event()
    cameras = fleet(runs)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(cameras.run((camera("door"), camera("yard")), stop))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await cameras.stop("door")
        assert list(cameras.exhibits.board.cameras) == ["yard"]
        assert list(cameras.exhibits.doors) == [("whep", "yard")]
        cameras.start(camera("door"))
        await asyncio.sleep(0.01)
        assert sorted(cameras.exhibits.live) == ["door", "yard"]
        assert cameras.exhibits.live["door"] == Path("/run/3/live")
        stop.set()
    assert running.result() == 0
    assert [run.starts for run in runs] == [1, 1, 1]


async def test_a_cover_reaches_the_cameras_that_run_and_those_that_start_later():
    runs, stop = [], asyncio.Event()
    cameras = fleet(runs, covers=Covers(None, cameras={"door"}))
    async with asyncio.TaskGroup() as group:
        group.create_task(cameras.run((camera("door"), camera("yard")), stop))
        await asyncio.sleep(0.01)
        assert [run.covers for run in runs] == [[True], [False]]
        cameras.cover(None, covered=True)
        assert [run.covers[-1] for run in runs] == [True, True]
        cameras.start(camera("hall"))
        assert runs[-1].covers == [True]
        await cameras.settled()
        assert [run.covers[-1] for run in runs] == ["settled"] * 3
        assert cameras.everything
        stop.set()


async def test_without_a_settings_file_it_ends_with_the_first_code_once_no_camera_is_left():
    runs = []
    cameras = fleet(runs, failures=(11,))
    assert await cameras.run((camera("door"),), asyncio.Event()) == 11


async def test_with_one_a_camera_that_gave_up_is_tried_again_and_others_go_on():
    runs, stop = [], asyncio.Event()
    cameras = fleet(runs, enduring=True, failures=(12, 12))
    async with asyncio.TaskGroup() as group:
        running = group.create_task(cameras.run((camera("door"),), stop))
        while not runs or runs[0].starts < 3:
            await asyncio.sleep(0.01)
        stop.set()
    assert running.result() == 0


async def test_it_ends_when_every_input_has_ended():
    runs = []
    cameras = fleet(runs, enduring=True)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(cameras.run((camera("door"),), asyncio.Event()))
        while not runs:
            await asyncio.sleep(0)
        runs[0].end.set()
    assert running.result() == 0


async def test_only_cameras_whose_settings_differ_are_begun_anew():
    runs, stop = [], asyncio.Event()
    cameras = fleet(runs)
    async with asyncio.TaskGroup() as group:
        group.create_task(cameras.run((camera("door"), camera("yard"), camera("attic")), stop))
        await asyncio.sleep(0.01)
        moved = CameraSettings.model_validate({"name": "yard", "source": "rtsp://elsewhere/live"})
        await cameras.apply((camera("door"), moved, camera("hall")))
        await asyncio.sleep(0.01)
        assert [run.name for run in runs] == ["door", "yard", "attic", "yard", "hall"]
        assert sorted(cameras.exhibits.board.cameras) == ["door", "hall", "yard"]
        stop.set()


async def test_a_trial_is_shown_apart_sends_nowhere_and_ends_when_nobody_looks():
    runs, stop = [], asyncio.Event()
    cameras = fleet(runs)
    cameras.idle_s = 0.05
    async with asyncio.TaskGroup() as group:
        group.create_task(cameras.run((camera("door"),), stop))
        await asyncio.sleep(0.01)
        tried = camera("door").model_copy(update={"sinks": ("somewhere",)})
        name = cameras.try_out(tried)
        assert (name, runs[-1].name) == ("trial-1", "trial-1")
        assert list(cameras.exhibits.board.cameras) == ["door"]
        assert list(cameras.exhibits.trials.cameras) == ["trial-1"]
        assert cameras._running["trial-1"].camera.sinks == ()
        cameras.try_out(tried)
        with pytest.raises(ConfigError, match="too many"):
            cameras.try_out(tried)
        while cameras.is_trial("trial-2"):
            cameras.touch("trial-1")
            await asyncio.sleep(0.01)
        assert cameras.is_trial("trial-1")
        while cameras.exhibits.trials.cameras:
            await asyncio.sleep(0.01)
        assert not cameras.is_trial("trial-1")
        await cameras.apply((camera("door"),))
        assert [run.name for run in runs].count("door") == 1
        stop.set()


async def test_a_trial_shows_nobody_whom_zones_or_badges_would_show():
    """What is tried out is on no record: whoever may look could look at everybody."""
    everything = [[0, 0], [1, 0], [1, 1], [0, 1]]
    until = "2099-01-01T00:00:00Z"
    zones = [{"kind": "consent", "points": everything, "who": "all", "until": until}, {"kind": "covered", "points": everything[:3]}]
    privacy = PrivacySettings.model_validate({"zones": zones, "badges": [1]})
    stop = asyncio.Event()
    cameras = fleet([])
    async with asyncio.TaskGroup() as group:
        group.create_task(cameras.run((camera("door"),), stop))
        await asyncio.sleep(0.01)
        name = cameras.try_out(camera("door").model_copy(update={"privacy": privacy}))
        tried = cameras._running[name].camera.privacy
        assert [zone.kind for zone in tried.zones] == ["covered"]
        assert tried.badges == ()
        stop.set()
