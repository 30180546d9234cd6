"""``veilcast probe``: what an input holds, without running anything on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from proxy.cli.parameters import settings_of
from proxy.errors import ConfigError
from proxy.sources import probe as probing
from proxy.sources.whep import Options as WhepOptions
from proxy.sources.whip import Options as WhipOptions

EPILOG = "**Examples**\n\n`veilcast probe rtsp://camera/stream`\n\n`veilcast probe env:CAMERA`\n\n`veilcast probe clip.mp4`"


def register(app: typer.Typer) -> None:
    """Add the verb to ``app``."""
    app.command("probe", epilog=EPILOG)(probe)


def probe(
    source: Annotated[str, typer.Argument(metavar="URL", help="A URL, a path, env:NAME or file:PATH.", show_default=False)],
) -> None:
    """Open an input, decode one picture, and say what it holds."""
    (camera,) = settings_of({"camera": [{"source": source}]}, renamed={"--source": "URL"}).cameras
    if isinstance(camera.source, (WhipOptions, WhepOptions)):
        raise ConfigError("WebRTC sources cannot be probed", hint=f"veilcast run --source {camera.source.type}:…")
    what = camera.source.input(sound=True)
    typer.echo(what.name)
    for line in told(probing.probe(what)):
        typer.echo(f"  {line}")


def told(found: probing.ProbeResult) -> Iterator[str]:
    """What was found, one line each."""
    video, audio = found.video, found.audio
    rate = f", {video.frame_rate:g} frames/s" if video.frame_rate else ""
    turned = f", turned by {video.rotation}°" if video.rotation else ""
    yield f"container  {found.container}" + (f", {found.duration_s:.1f} s" if found.duration_s else ", live")
    yield f"video      {video.codec}, {video.width}x{video.height} {video.pix_fmt}{rate}{turned}"
    yield "audio      " + (f"{audio.codec}, {audio.sample_rate} Hz, {audio.channels} channels" if audio else "none")
