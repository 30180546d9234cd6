"""Everything that ``veilcast run`` needs to know, and how it is read: from a TOML file, or from tables like one."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, ConfigDict, Field, ValidationError, model_validator

from proxy.encoding.packet import VideoCodec
from proxy.errors import ConfigError
from proxy.options import Options
from proxy.settings.camera import CameraSettings
from proxy.settings.control import ControlSettings
from proxy.settings.problems import problems_of, refusal
from proxy.sinks import mjpeg as mjpeg_sink
from proxy.sinks import whep as whep_sink
from proxy.sinks import whip as whip_sink
from proxy.sources import whip as whip_source
from proxy.telemetry.logs import Level


class LogFormat(StrEnum):
    """The shape of a log line."""

    TEXT = "text"
    JSON = "json"


class LogSettings(Options):
    """What is said on standard error."""

    level: Level = Field(default=Level.INFO, description="the least weight that is still said")
    format: LogFormat = Field(default=LogFormat.TEXT, description="`text` is key=value lines, `json` one object a line")


class Settings(Options):
    """Everything that `veilcast run` needs to know."""

    model_config = ConfigDict(loc_by_alias=False)

    cameras: tuple[CameraSettings, ...] = Field(
        default=(), validation_alias=AliasChoices("camera", "cameras"), description="the cameras, one `[[camera]]` table each"
    )
    control: ControlSettings = Field(default=ControlSettings(), description="the proxy's own HTTP")
    log: LogSettings = Field(default=LogSettings(), description="what is said on standard error")
    state: Path | None = Field(
        default=None,
        description="the folder that remembers covers and history; systemd's state folder, else FILE.state beside the settings",
    )
    isolation: Literal["process", "none"] = Field(
        default="process", description="`process` gives each camera its own process, so that a crash harms one camera only"
    )

    @model_validator(mode="after")
    def _names_differ(self) -> Settings:
        if not self.cameras and not self.control.enabled:
            raise refusal("needs at least one [[camera]]", field="cameras")
        names = [camera.name for camera in self.cameras]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise refusal(f'each camera needs a name of its own, and "{twice[0]}" stands more than once', field="cameras")
        return self

    @model_validator(mode="after")
    def _webrtc_fits(self) -> Settings:
        for number, camera in enumerate(self.cameras):
            if camera.encoding.codec is not VideoCodec.H264 and any(isinstance(sink, whip_sink.Options) for sink in camera.sinks):
                raise refusal("must be h264, which is what WHIP carries", field=f"cameras.{number}.encoding.codec")
            for kind, name in ((whep_sink.Options, "whep"), (mjpeg_sink.Options, "mjpeg")):
                met = [sink for sink in camera.sinks if isinstance(sink, kind)]
                if len(met) > 1:
                    raise refusal(f"a camera has one address for viewers: name {name} once", field=f"cameras.{number}.sinks")
                if met and not self.control.enabled and not met[0].door:
                    raise refusal(f"{name} is answered by the proxy's own HTTP, which is off", field=f"cameras.{number}.sinks")
            if isinstance(camera.source, whip_source.Options) and not self.control.enabled and not camera.source.door:
                raise refusal("whip is answered by the proxy's own HTTP, which is off", field=f"cameras.{number}.source")
        return self

    @model_validator(mode="after")
    def _somebody_watches(self) -> Settings:
        if not (self.control.enabled and self.control.preview):
            blind = [str(number) for number, camera in enumerate(self.cameras) if not camera.sinks]
            if blind:
                raise refusal("needs at least one sink while the preview is off", field=f"cameras.{blind[0]}.sinks")
        return self


def load(path: Path) -> Settings:
    """The settings in the TOML file at ``path``.

    Raises:
        ConfigError: the file cannot be read, or is not what the schema asks for; ``problems`` lists everything found.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}", hint="check its path and permissions") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problem = f"{path}: not valid TOML" + (f": {error}" if isinstance(error, tomllib.TOMLDecodeError) else "")
        raise ConfigError(problem, problems=(problem,), hint="see docs/settings.md for an example") from None
    return compose(tables, origin=str(path))


def compose(tables: Mapping[str, object], *, origin: str) -> Settings:
    """The settings in ``tables``, as a TOML file nests them; ``origin`` says in errors where they stand.

    Raises:
        ConfigError: they are not what the schema asks for; ``problems`` lists everything found.
    """
    try:
        return Settings.model_validate(tables)
    except ValidationError as error:
        problems = tuple(problems_of(error))
    count = f"{len(problems)} problems" if len(problems) > 1 else "a problem"
    raise ConfigError(f"{count} in {origin}", problems=problems, hint="docs/settings.md names every setting")
