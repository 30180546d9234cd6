"""The composition root: settings become objects, and the objects run."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import uvloop

from proxy.assembly import build_camera, consents_of, open_sink
from proxy.attestation.keys import DeviceKey
from proxy.control.bench import Bench
from proxy.control.covers import Covers
from proxy.control.history import Gathering, History
from proxy.control.private_folder import private_folder
from proxy.control.refusals import Refusals
from proxy.control.roles import Grant
from proxy.control.rows import Facts
from proxy.control.server import Control
from proxy.detectors.suite import RECIPES
from proxy.errors import VeilcastError
from proxy.fleet import Exhibits, Fleet, Runner, Shown
from proxy.listening import listening
from proxy.pipeline.camera import Camera
from proxy.pipeline.supervisor import CameraProcess, ProcessGaveUp, worker_command
from proxy.settings.camera import CameraSettings, dump_camera
from proxy.settings.service import Settings
from proxy.showing import with_doors, with_previews
from proxy.state import history_in, keep_history, made, note_consents, state_folder
from proxy.telemetry.claims import ClaimBook
from proxy.telemetry.events import Observer
from proxy.telemetry.fanout import fan_out
from proxy.telemetry.logs import Level, Line, Log
from proxy.telemetry.metrics import Metrics
from proxy.telemetry.status import StatusBoard
from proxy.telemetry.tally import Tallier
from proxy.workshop import SettingsWorkshop

TALLY_EVERY_S: Final = 0.5
LEAST_PX: Final = 32
"""About the least height at which detectors find a person well, in pixels of the picture as they scale it for a close look."""


def run(settings: Settings, *, give_up_at_first: bool = False, origin: Path | None = None) -> int:
    """Run every camera until told to stop (SIGINT, SIGTERM) or until none is left.

    Args:
        settings: cameras, control server, log.
        give_up_at_first: a camera whose source fails before its first picture is given up, in place of tried again.
        origin: the file that the settings came from; with one, and with the control server, the service goes on without a camera.

    Returns:
        0, or the exit code of the first camera that was given up when none is left.

    Raises:
        ConfigError: the control server's port is in use, or a device key cannot be used.
    """
    return uvloop.run(_Service(settings, give_up_at_first, origin).serve())


def anonymise(camera: CameraSettings, *, observer: Observer) -> None:
    """Run one camera's input, a file, to its end, as fast as it goes and without dropping a frame.

    Raises:
        VeilcastError: what ended it early.
        KeyboardInterrupt: SIGINT or SIGTERM did; everything is let go in order first.
    """
    try:
        uvloop.run(_until_interrupted(camera, observer))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


async def _until_interrupted(camera: CameraSettings, observer: Observer) -> None:
    job = asyncio.current_task()
    if job is None:
        raise AssertionError("a coroutine runs in a task")
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, job.cancel)
    await run_camera(camera, observer=observer, stop=asyncio.Event())


async def run_camera(
    settings: CameraSettings,
    *,
    observer: Observer,
    stop: asyncio.Event,
    give_up_at_first: bool = True,
    built: Callable[[Camera], None] = lambda _: None,
) -> None:
    """Run one camera in this process until its input ends or ``stop`` is set; ``built`` is told of it first.

    Raises:
        VeilcastError: what ended it early.
    """
    cv2.setNumThreads(1)
    loop = asyncio.get_running_loop()
    camera, suite = await loop.run_in_executor(
        None, lambda: build_camera(settings, observer=observer, give_up_at_first=give_up_at_first)
    )
    built(camera)
    try:
        await camera.run(stop)
    except BaseExceptionGroup as group:
        error = blame(group)
        if error is None:
            raise
        raise error from group
    finally:
        suite.close()


def blame(failure: BaseException) -> VeilcastError | None:
    """The first error of ours in ``failure``, which may be a group; ``None`` when it holds none or something graver."""
    if isinstance(failure, VeilcastError):
        return failure
    if isinstance(failure, BaseExceptionGroup):
        found = [blame(inner) for inner in failure.exceptions]
        return None if None in found else found[0]
    return None


@dataclass(slots=True)
class _Service:
    settings: Settings
    give_up_at_first: bool
    origin: Path | None

    async def serve(self) -> int:
        log = Log(level=self.settings.log.level, json=self.settings.log.format == "json")
        metrics, exhibits = Metrics(), Exhibits(StatusBoard(()), StatusBoard(()), ClaimBook(()))
        gathering = Gathering()
        observer = fan_out(log.observe, metrics.observe, exhibits.board.observe, exhibits.claims.observe, gathering.observe)
        folder = made(state_folder(self.settings, self.origin), log)
        history = history_in(folder, log) if self.settings.control.enabled else None
        public_keys(self.settings.cameras)
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        with private_folder() as runtime:
            fleet = Fleet(
                lambda camera, folder: self._prepared(camera, folder, history, log),
                lambda camera, trial: self._runner(camera, exhibits.trials.observe if trial else observer, log),
                exhibits,
                Covers.at(folder / "covers.json" if folder else None),
                runtime,
                enduring=self.origin is not None and self.settings.control.enabled,
            )
            keeping = [keep_history(history, gathering, exhibits.board.cameras, log)] if history else []
            async with listening(self.settings.control, self._control(fleet, metrics, log, history), log):
                code = await fleet.run(self.settings.cameras, stop, beside=keeping)
        log.flush()
        return code

    def _control(self, fleet: Fleet, metrics: Metrics, log: Log, history: History | None) -> Control:
        shown, settings = fleet.exhibits, self.settings.control
        grants = tuple(Grant(visitor.token.get_secret_value(), visitor.role, visitor.until) for visitor in settings.visitors)

        def refused(visitor: str, reason: str, times: int) -> None:
            log.say(Line(Level.WARNING, "refused", (("visitor", visitor), ("detail", reason), ("times", times))))

        return Control(
            shown.board,
            shown.live,
            metrics.render,
            settings.token.get_secret_value() if settings.token else None,
            shown.claims,
            shown.keys,
            shown.doors,
            grants,
            fleet,
            shown.facts,
            Refusals(refused),
            bench=self._bench(fleet),
            history=history,
        )

    def _bench(self, fleet: Fleet) -> Bench | None:
        if self.origin is None:
            return None
        workshop = SettingsWorkshop(self.origin, fleet, self.settings)
        return Bench(workshop, fleet.exhibits.trials, fleet.exhibits.doors, fleet.touch)

    def _prepared(self, camera: CameraSettings, folder: Path, history: History | None, log: Log) -> Shown:
        """``camera`` with the sinks that only the page needs, and what is shown of it; who agreed to be seen is on record first."""
        note_consents(camera.name, consents_of(camera), history, log)
        folder.mkdir(mode=0o700)
        alone = self.settings.model_copy(update={"cameras": (camera,)})
        (previewed,), live = with_previews(alone, folder)
        (ready,), doors = with_doors((previewed,), self.settings.control, folder)
        key = public_keys((camera,)).get(camera.name)
        facts = Facts(
            internal=frozenset(open_sink(sink).name for sink in ready.sinks[len(camera.sinks) :]),
            signed=camera.attestation.key is not None,
            method=str(camera.privacy.method),
            reversible=camera.privacy.method.reversible,
            least=LEAST_PX / RECIPES[camera.privacy.accuracy].detail,
            key=key["kid"] if key else "",
        )
        return Shown(ready, live.get(camera.name), doors, key, facts)

    def _runner(self, camera: CameraSettings, observer: Observer, log: Log) -> Runner:
        if self.settings.isolation == "none":
            return _Here(camera, observer, self.give_up_at_first)
        return CameraProcess(
            name=camera.name,
            settings=dump_camera(camera),
            command=worker_command(enduring=not self.give_up_at_first),
            observer=observer,
            log=lambda line: log.say(Line(Level.DEBUG, "library says", (("camera", camera.name), ("text", line)))),
            give_up_at_first=self.give_up_at_first,
        )


@dataclass(slots=True)
class _Here:
    """Runs one camera in this process."""

    settings: CameraSettings
    observer: Observer
    give_up_at_first: bool
    _covered: bool = False
    _camera: Camera | None = None

    async def run(self, stop: asyncio.Event) -> None:
        tallier = Tallier(self.settings.name, self.observer)
        try:
            async with asyncio.TaskGroup() as group:
                tallying = group.create_task(tally_forever(tallier))
                await run_camera(
                    self.settings,
                    observer=tallier.observe,
                    stop=stop,
                    give_up_at_first=self.give_up_at_first,
                    built=self._built,
                )
                tallying.cancel()
        except BaseExceptionGroup as group:
            error = blame(group)
            if error is None:
                raise
            raise ProcessGaveUp(error.message, hint=error.hint, code=error.exit_code) from group
        tallier.flush()

    def cover(self, *, covered: bool) -> None:
        self._covered = covered
        if self._camera is not None:
            self._camera.cover(covered=covered)

    async def settled(self, *, within_s: float) -> None:
        """It is so at once: this is the very process."""

    def _built(self, camera: Camera) -> None:
        self._camera = camera
        self.cover(covered=self._covered)


def public_keys(cameras: Iterable[CameraSettings]) -> dict[str, dict[str, str]]:
    """The public half of each camera's device key, as a JWK, where it has one.

    Raises:
        ConfigError: a key cannot be used.
    """
    paths = {camera.name: camera.attestation.key for camera in cameras}
    return {name: DeviceKey.load(path).public.jwk() for name, path in paths.items() if path is not None}


async def tally_forever(tallier: Tallier) -> None:
    """Let ``tallier`` tell its sums twice a second, which is also how a process shows that it lives."""
    while True:
        tallier.flush()
        await asyncio.sleep(TALLY_EVERY_S)
