"""``veilcast run``: cameras to platforms, until stopped."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from proxy import app as application
from proxy.cli.console import warn
from proxy.cli.parameters import (
    AccuracyOption,
    AudioOption,
    CodecOption,
    LookbackOption,
    MethodOption,
    NoticeOption,
    PresetOption,
    SignOption,
    Table,
    TargetsOption,
    given,
    privacy,
    settings_of,
)
from proxy.errors import ConfigError
from proxy.settings.service import LogFormat, Settings, load
from proxy.settings.weaknesses import warnings
from proxy.telemetry.logs import Level, silence_libraries

EPILOG = "\n\n".join(
    (
        "**Examples**",
        "`veilcast run --source sample_videos/street.mp4?loop=true` shows the anonymised picture at http://127.0.0.1:8080",
        "`veilcast run --source rtsp://camera/stream --sink rtmp://platform/app/key --sink hls:///var/lib/veilcast/hls`",
        "`CAMERA=rtsp://user:password@camera/stream veilcast run --source env:CAMERA --sink file:/run/secrets/platform-url`",
        "`veilcast run --source whip: --sink whips://platform/app/key` takes what a browser or ffmpeg publishes at /whip/camera",
        "`veilcast run -c veilcast.toml` runs many cameras; `veilcast check -c veilcast.toml` tries the file first",
    )
)


def register(app: typer.Typer) -> None:
    """Add the verb to ``app``."""
    app.command("run", epilog=EPILOG)(run)


def run(
    source: Annotated[str | None, typer.Option("--source", help="The camera: a URL, a path, env:NAME or file:PATH.")] = None,
    sink: Annotated[list[str] | None, typer.Option("--sink", help="A destination, the same way; may be repeated.")] = None,
    config: Annotated[Path | None, typer.Option("--config", "-c", help="A settings file, in place of all the others.")] = None,
    name: Annotated[str | None, typer.Option("--name", help="The camera's name in addresses and logs.")] = None,
    targets: TargetsOption = None,
    method: MethodOption = None,
    accuracy: AccuracyOption = None,
    lookback_ms: LookbackOption = None,
    encoder_preset: PresetOption = None,
    codec: CodecOption = None,
    audio: AudioOption = None,
    sign_with: SignOption = None,
    notice: NoticeOption = None,
    http: Annotated[str | None, typer.Option("--http", help="Where preview and status listen.", metavar="HOST:PORT")] = None,
    no_http: Annotated[bool, typer.Option("--no-http", help="Neither preview nor status.")] = False,
    token: Annotated[str | None, typer.Option("--token", help="What visitors must present: env:NAME or file:PATH.")] = None,
    log_level: Annotated[Level | None, typer.Option("--log-level", help="The least weight that is said.")] = None,
    log_format: Annotated[LogFormat | None, typer.Option("--log-format", help="Lines for people or for programs.")] = None,
) -> int:
    """Anonymise cameras live, until stopped with Ctrl-C."""
    camera: Table = given(source=source, sinks=sink, name=name, audio=audio)
    camera |= _table("privacy", privacy(targets, method, accuracy, lookback_ms))
    camera |= _table("encoding", given(preset=encoder_preset, codec=codec))
    camera |= _table("attestation", given(key=sign_with))
    camera |= _table("signs", given(notice=notice))
    tables: Table = _table("control", _control(http, no_http=no_http, token=token))
    tables |= _table("log", given(level=log_level, format=log_format))
    settings = _settings(config, camera, tables)
    warn(warnings(settings))
    silence_libraries()
    return application.run(settings, give_up_at_first=config is None, origin=config)


def _settings(config: Path | None, camera: Table, tables: Table) -> Settings:
    if config is not None:
        if camera or tables:
            raise ConfigError("-c takes every setting from the file", hint="drop the other options, or write them into the file")
        return load(config)
    if "source" not in camera:
        raise ConfigError("no camera is named", hint="add --source URL, or -c FILE")
    return settings_of({"camera": [camera], **tables})


def _control(http: str | None, *, no_http: bool, token: str | None) -> Table:
    if no_http and http:
        raise ConfigError("--http and --no-http exclude each other", hint="keep one of them")
    table = given(token=token)
    if no_http:
        table["enabled"] = False
    if http:
        host, colon, port = http.rpartition(":")
        if not colon or not port.isdecimal():
            raise ConfigError("--http: expected HOST:PORT", hint="for example --http 127.0.0.1:8080")
        table |= {"host": host.strip("[]") or "127.0.0.1", "port": int(port)}
    return table


def _table(name: str, table: Table) -> Table:
    return {name: table} if table else {}
