"""Settings changed while the service runs: written into the file that it was started with, then put into force.

1. What is written has been checked as a whole first; nothing that the schema refuses reaches the file.
2. Only cameras whose settings differ are begun anew. The others do not notice.
3. Secrets go in and never come out: addresses are shown redacted, and keys not at all.
4. From the page come network addresses only: neither files of this machine nor its environment.
"""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import SecretStr, ValidationError

from proxy.control.operations import CameraBody, ChangeBody, OnvifBody, SinkBody, SourceBody, TrialBody
from proxy.detectors.suite import Accuracy
from proxy.errors import ConfigError, SourceUnsupported
from proxy.fleet import Fleet
from proxy.masking.policy import Target
from proxy.media.redact import redact
from proxy.onvif.client import Camera, service_of
from proxy.onvif.discovery import discover
from proxy.onvif.profiles import Profile, best, camera_name, with_credentials
from proxy.onvif.soap import Credentials
from proxy.redactors.method import Method
from proxy.settings.camera import CameraSettings, PrivacySettings
from proxy.settings.plugins import AnySink, AnySource
from proxy.settings.problems import problems_of
from proxy.settings.service import Settings, compose
from proxy.settings_file import previous, with_camera, with_changes, without_camera, write

ENTRIES: Final = frozenset({"rtsp", "rtsps", "rtmp", "srt", "http", "https", "whep", "wheps"})
EXITS: Final = frozenset({"rtmp", "rtmps", "rtsp", "rtsps", "srt", "whip", "whips"})
"""Schemes that the page may name."""
DISCOVERY_S: Final = 3.0


@dataclass(slots=True)
class SettingsWorkshop:
    """Changes the settings in ``path``, and lets ``fleet`` run what they say; see :class:`~proxy.control.operations.Workshop`."""

    path: Path
    fleet: Fleet
    settings: Settings
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    def view(self) -> Mapping[str, object]:
        """The settings without their secrets, and what can be chosen."""
        return {
            "cameras": {camera.name: _shown(camera) for camera in self.settings.cameras},
            "methods": [_choice(method) for method in Method],
            "accuracies": [str(accuracy) for accuracy in Accuracy],
            "targets": [str(target) for target in Target],
            "undo": previous(self.path).exists(),
        }

    async def add(self, asked: CameraBody) -> None:
        """Write a camera into the settings, and run it."""
        values = await self._values(asked, None)
        if "source" not in values:
            raise ConfigError("no camera is named", hint="type its address, or pick one that was found")
        async with self._one_at_a_time:
            await self._put_in_force(with_camera(self.path, asked.name, values))

    async def change(self, camera: str, asked: ChangeBody) -> None:
        """Write other settings of ``camera``, and run it anew with them."""
        values = await self._values(asked, self._named(camera))
        async with self._one_at_a_time:
            await self._put_in_force(with_changes(self.path, camera, values))

    async def remove(self, camera: str) -> None:
        """Take ``camera`` out of the settings, and stop it."""
        self._named(camera)
        async with self._one_at_a_time:
            await self._put_in_force(without_camera(self.path, camera))
            self.fleet.covers.forget(camera)

    async def undo(self) -> None:
        """Let the settings be what they were before the last change; again, and they are as after it."""
        async with self._one_at_a_time:
            try:
                text = previous(self.path).read_text(encoding="utf-8")
            except OSError:
                raise ConfigError("there is no change to undo", hint="only the last change from this page is kept") from None
            await self._put_in_force(text)

    async def try_out(self, asked: TrialBody) -> str:
        """Show a camera for a while as it would be; returns under which name."""
        base = self._named(asked.camera) if asked.camera else None
        source = await self._source(asked.source) if asked.source else None
        if source is None and base is None:
            raise ConfigError("no camera is named", hint="type its address, or pick one that was found")
        try:
            privacy = PrivacySettings.model_validate((base.privacy.model_dump() if base else {}) | asked.privacy.changes())
            made = CameraSettings.model_validate({"source": source or (base and base.source), "privacy": privacy})
        except ValidationError as error:
            problems = tuple(problems_of(error))
            raise ConfigError(problems[0] if problems else "it does not work", problems=problems) from None
        if base is not None:
            made = base.model_copy(update={"source": made.source, "privacy": made.privacy})
        return self.fleet.try_out(made)

    async def end_trial(self, name: str) -> None:
        """Stop what is tried out under ``name``."""
        if self.fleet.is_trial(name):
            await self.fleet.stop(name)

    async def discover(self) -> list[dict[str, str]]:
        """Cameras on this network."""
        found = await discover(wait_s=DISCOVERY_S)
        return [{"host": one.host, "service": one.service, "name": one.name, "model": one.model} for one in found]

    async def meet(self, asked: OnvifBody) -> Mapping[str, object]:
        """What one camera says of itself, and its streams."""
        async with _met(asked) as camera:
            await camera.meet()
            about, offered = await camera.about(), await camera.profiles()
            chosen = best(offered)
            streams = [
                {"token": one.token, "codec": one.codec, "size": one.size, "rate": one.rate, "best": one == chosen}
                for one in offered
            ]
            return {"name": camera_name("", about.model, camera.host), "model": about.model, "streams": streams}

    def _named(self, name: str) -> CameraSettings:
        for camera in self.settings.cameras:
            if camera.name == name:
                return camera
        raise ConfigError("there is no camera of that name", hint="load the page anew")

    async def _values(self, asked: ChangeBody, camera: CameraSettings | None) -> dict[str, object]:
        """What is asked for, as it is written into the file."""
        values: dict[str, object] = {}
        if asked.source is not None:
            values["source"] = await self._source(asked.source)
        if asked.sinks is not None:
            kept = _written_sinks(self.path, camera.name) if camera else []
            values["sinks"] = [_sink(sink, kept) for sink in asked.sinks]
        privacy = asked.privacy.changes()
        return values | ({"privacy": privacy} if privacy else {})

    async def _source(self, asked: SourceBody) -> str:
        """The address that is asked for, user and password in it."""
        if asked.onvif is not None:
            return await _stream_of(asked.onvif)
        _permitted(asked.url, ENTRIES)
        if not asked.user:
            return asked.url
        parts = urlsplit(asked.url)
        login = f"{quote(asked.user, safe='')}:{quote(asked.password, safe='')}"
        return urlunsplit(parts._replace(netloc=f"{login}@{parts.netloc.rpartition('@')[2]}"))

    async def _put_in_force(self, text: str) -> None:
        """Write ``text`` once it is known to be settings, and run what it says."""
        try:
            settings = compose(tomllib.loads(text), origin=str(self.path))
        except tomllib.TOMLDecodeError:
            raise ConfigError("the settings file is not valid TOML any more", hint="mend it by hand") from None
        write(self.path, text)
        self.settings = self.settings.model_copy(update={"cameras": settings.cameras})
        await self.fleet.apply(settings.cameras)


def _met(asked: OnvifBody) -> Camera:
    try:
        service = service_of(asked.camera)
    except ValueError as error:
        raise ConfigError(f"the camera's address: {error}", hint="for example 192.168.1.20") from None
    return Camera(service, Credentials(asked.user, asked.password) if asked.user else None)


async def _stream_of(asked: OnvifBody) -> str:
    async with _met(asked) as camera:
        await camera.meet()
        offered = await camera.profiles()
        chosen: Profile | None = next((one for one in offered if one.token == asked.profile), None) or best(offered)
        if chosen is None:
            raise SourceUnsupported(f"{camera.host} has no profile with a picture", hint="make one in the camera's own settings")
        try:
            login = Credentials(asked.user, asked.password) if asked.user else None
            return with_credentials(await camera.stream_uri(chosen), login, host=camera.host)
        except ValueError as error:
            raise SourceUnsupported(f"{camera.host}: {error}", hint="choose another stream") from error


def _permitted(url: str, schemes: frozenset[str]) -> None:
    scheme, colon, _ = url.partition("://")
    if not colon or scheme.lower() not in schemes or not url.isprintable():
        raise ConfigError(
            "expected a network address", hint=f"it begins with one of {', '.join(f'{s}://' for s in sorted(schemes))}"
        )


def _sink(asked: SinkBody, kept: list[object]) -> object:
    """A destination as it is written: what stood there, or an address with its key."""
    if asked.keep is not None:
        if asked.keep >= len(kept):
            raise ConfigError("that destination is not there any more", hint="load the page anew")
        return kept[asked.keep]
    _permitted(asked.url, EXITS)
    if not asked.key:
        return asked.url
    if not asked.url.lower().startswith("rtmp"):
        raise ConfigError("only RTMP platforms have a key apart from the address", hint="write it into the address")
    return {"url": asked.url, "key": asked.key}


def _written_sinks(path: Path, name: str) -> list[object]:
    """The camera's sinks as they stand in the file."""
    tables = tomllib.loads(path.read_text(encoding="utf-8")).get("camera", [])
    return next((list(table.get("sinks", [])) for table in tables if table.get("name", "camera") == name), [])


def _choice(method: Method) -> dict[str, object]:
    strength = asdict(method.strength) if method.strength else None
    return {"name": str(method), "reversible": method.reversible, "strength": strength}


def _shown(camera: CameraSettings) -> dict[str, object]:
    """``camera`` without its secrets."""
    return {
        "source": _address(camera.source),
        "sinks": [_address(sink) for sink in camera.sinks],
        "privacy": camera.privacy.model_dump(mode="json") | {"reversible": camera.privacy.method.reversible},
        "signed": camera.attestation.key is not None,
    }


def _address(options: AnySource | AnySink) -> str:
    url = getattr(options, "url", None)
    if isinstance(url, SecretStr):
        return redact(url.get_secret_value())
    place = getattr(options, "path", None)
    return f"{options.type}: {place}" if place else options.type
