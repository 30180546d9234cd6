"""``veilcast discover``: ONVIF cameras on this network, their streams, and the settings that take one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from proxy.cli.console import say
from proxy.errors import ConfigError, SourceError, SourceRejected, SourceUnsupported
from proxy.media.redact import redact
from proxy.onvif.client import About, Camera, service_of
from proxy.onvif.discovery import Found
from proxy.onvif.discovery import discover as find
from proxy.onvif.profiles import Profile, best, camera_name, with_credentials
from proxy.onvif.soap import Credentials
from proxy.options import resolve
from proxy.settings_file import add_camera, names

EPILOG = "\n\n".join(
    (
        "**Examples**",
        "`veilcast discover` asks the network who is a camera",
        "`veilcast discover 192.168.1.20 --user admin --password env:CAMERA_PASSWORD` lists its streams",
        "`veilcast discover 192.168.1.20 --user admin --password env:CAMERA_PASSWORD --write veilcast.toml` takes the best",
    )
)


def register(app: typer.Typer) -> None:
    """Add the verb to ``app``."""
    app.command("discover", epilog=EPILOG)(discover)


def discover(
    camera: Annotated[
        str | None,
        typer.Argument(metavar="[CAMERA]", help="HOST, HOST:PORT or URL of one camera; all on this network if left out."),
    ] = None,
    user: Annotated[str | None, typer.Option("--user", help="A user of the camera's.")] = None,
    password: Annotated[str | None, typer.Option("--password", help="env:NAME or file:PATH.")] = None,
    write: Annotated[Path | None, typer.Option("--write", help="Add the camera to this settings file.", metavar="FILE")] = None,
    name: Annotated[str | None, typer.Option("--name", help="Its name there; what it calls itself if left out.")] = None,
    profile: Annotated[str | None, typer.Option("--profile", help="The stream's token; the best one if left out.")] = None,
    wait: Annotated[float, typer.Option("--wait", min=0.5, max=60, help="Seconds to wait for answers.")] = 3.0,
    interface: Annotated[str | None, typer.Option("--interface", help="This machine's address on the cameras' network.")] = None,
) -> int:
    """Find ONVIF cameras, list their streams, and write one into the settings."""
    credentials = _credentials(user, password)
    if write is not None and camera is None:
        raise ConfigError("--write takes one camera", hint="name it: veilcast discover HOST --write FILE")
    if camera is not None:
        met = asyncio.run(_meet(_service(camera), credentials, wait))
        _show(met, profile)
        if write is not None:
            _write(write, met, name, profile, credentials)
        return 0
    cameras = asyncio.run(find(wait_s=wait, interface=interface))
    for one in cameras:
        typer.echo(f"{one.service}  {' '.join(part for part in (one.name, one.model) if part)}".rstrip())
        _tell(one, credentials, wait)
    if not cameras:
        say("no camera answered; they do on the same network only, and where WS-Discovery is switched on")
        say("hint: name one: veilcast discover HOST")
    return 0 if cameras else SourceError.exit_code


@dataclass(frozen=True, slots=True)
class _Met:
    """A camera that answered; each profile with its address, empty where it gives none."""

    host: str
    about: About
    streams: tuple[tuple[Profile, str], ...]


async def _meet(service: str, credentials: Credentials | None, wait_s: float) -> _Met:
    async with Camera(service, credentials, timeout_s=max(5.0, wait_s)) as camera:
        await camera.meet()
        about = await camera.about()
        streams = [(offered, await camera.stream_uri(offered)) for offered in await camera.profiles()]
        return _Met(camera.host, about, tuple(streams))


def _tell(found: Found, credentials: Credentials | None, wait_s: float) -> None:
    """List one camera's streams; one that says no does not keep the others from being listed."""
    try:
        _show(asyncio.run(_meet(found.service, credentials, wait_s)), None)
    except SourceError as error:
        typer.echo(f"  {error.message}")


def _show(met: _Met, wanted: str | None) -> None:
    chosen = _chosen(met, wanted)
    typer.echo(f"  {met.about.manufacturer} {met.about.model}, firmware {met.about.firmware}")
    for offered, uri in met.streams:
        mark = "*" if offered is chosen else " "
        rate = f", {offered.rate:g} frames/s" if offered.rate else ""
        typer.echo(f" {mark}{offered.token}  {offered.codec or 'unknown codec'}, {offered.size}{rate}  {redact(uri)}")


def _chosen(met: _Met, wanted: str | None) -> Profile:
    offered = [profile for profile, _ in met.streams]
    chosen = next((profile for profile in offered if profile.token == wanted), None) if wanted else best(offered)
    if chosen is None and wanted:
        tokens = ", ".join(one.token for one in offered) or "none"
        raise SourceRejected(f'{met.host} has no profile "{wanted}"', hint=f"it has {tokens}")
    if chosen is None:
        raise SourceUnsupported(f"{met.host} has no profile with a picture", hint="make one in the camera's own settings")
    return chosen


def _write(path: Path, met: _Met, name: str | None, wanted: str | None, credentials: Credentials | None) -> None:
    chosen = _chosen(met, wanted)
    try:
        url = with_credentials(dict(met.streams)[chosen], credentials, host=met.host)
    except ValueError as error:
        raise SourceUnsupported(f"{met.host}: {error}", hint="choose another stream with --profile") from None
    called = name or _free(camera_name("", met.about.model, met.host), names(path))
    written = add_camera(path, called, url, secret=credentials is not None)
    say(f'camera "{called}" is in {", ".join(str(file) for file in written)}; give it sinks, then: veilcast check -c {path}')


def _free(wanted: str, taken: list[str]) -> str:
    numbered = (f"{wanted[:60]}-{number}" for number in range(2, 10_000))
    return wanted if wanted not in taken else next(name for name in numbered if name not in taken)


def _service(camera: str) -> str:
    try:
        return service_of(camera)
    except ValueError as error:
        raise ConfigError(f"CAMERA: {error}", hint="for example 192.168.1.20") from None


def _credentials(user: str | None, password: str | None) -> Credentials | None:
    if (user is None) != (password is None):
        raise ConfigError("--user and --password go together", hint="keep the password out of sight: --password env:NAME")
    return Credentials(user, resolve(password)) if user is not None and password is not None else None
