"""What the user may have written into the picture."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from proxy import options
from proxy.media.formats import VideoFormat
from proxy.signs.words import Language, notice

_LONGEST: Final = 400


class Corner(StrEnum):
    """Where a sign stands."""

    TOP_LEFT = "top-left"
    TOP_RIGHT = "top-right"
    BOTTOM_LEFT = "bottom-left"
    BOTTOM_RIGHT = "bottom-right"


def _writable(text: str) -> str:
    if not all(line.isprintable() for line in text.split("\n")):
        raise ValueError("expected printable characters and line breaks")
    return text


def _clock_format(text: str) -> str:
    shown = datetime.fromtimestamp(0, UTC).strftime(text)
    if "%f" in text or not shown.strip() or not shown.isprintable():
        raise ValueError("expected a strftime format that shows something, on one line, and changes at most once a second")
    return text


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise ValueError("no such time zone on this machine: expected a name such as Europe/Paris or UTC") from None
    return name


def _size(text: str) -> str:
    width, height = map(int, text.split("x"))
    VideoFormat(width, height)
    return text


Text = Annotated[str, Field(min_length=1, max_length=_LONGEST), AfterValidator(_writable)]
Percent = Annotated[float, Field(ge=1, le=30)]


class Options(options.Options):
    """What is written into the picture, after everything else."""

    languages: tuple[Language, ...] = Field(
        default=(Language.EN,), min_length=1, max_length=4, description="languages of the standard words, a line for each"
    )
    notice: Text | None = Field(default=None, description="a notice in your own words; line breaks are kept")
    notice_at: Text | None = Field(
        default=None, description="the standard notice, leading to this place: an address where people read about their rights"
    )
    notice_corner: Corner = Field(default=Corner.BOTTOM_LEFT, description="where the notice stands")
    notice_size: Percent = Field(default=3.0, description="height of its letters, in percent of the picture's height")
    image: Path | None = Field(default=None, description="an image, such as a logo: PNG, JPEG or WebP, transparency kept")
    image_corner: Corner = Field(default=Corner.TOP_LEFT, description="where the image stands")
    image_size: Percent = Field(default=8.0, description="its height, in percent of the picture's height")
    clock: bool = Field(default=False, description="show the wall clock of this machine")
    clock_format: Annotated[str, Field(max_length=64), AfterValidator(_clock_format)] = Field(
        default="%Y-%m-%d %H:%M:%S", description="what the clock shows, as `strftime` spells it"
    )
    clock_corner: Corner = Field(default=Corner.TOP_RIGHT, description="where the clock stands")
    clock_size: Percent = Field(default=3.0, description="height of its letters, in percent of the picture's height")
    timezone: Annotated[str, AfterValidator(_zone)] | None = Field(
        default=None, description="the clock's time zone, such as `Europe/Paris`; the machine's own if unset"
    )
    offline: Text | None = Field(default=None, description="words while the camera is away; the standard ones if unset")
    starting: Text | None = Field(default=None, description="words before its first picture; the standard ones if unset")
    covered: Text | None = Field(default=None, description="words on a picture that is covered whole; the standard ones if unset")
    starting_size: Annotated[str, Field(pattern=r"^[1-9]\d{1,3}x[1-9]\d{1,3}$"), AfterValidator(_size)] | None = Field(
        default=None,
        description="`WIDTHxHEIGHT` of the camera: sinks get a slate before its first picture; nothing is sent until then if unset",
    )
    font: Path | None = Field(default=None, description="a TrueType or OpenType font to prefer to the bundled ones")

    @property
    def notice_text(self) -> str:
        """What the notice says; empty where there is none."""
        return self.notice or (notice(self.languages, self.notice_at) if self.notice_at else "")

    @property
    def starting_format(self) -> VideoFormat | None:
        """The shape of pictures before the camera's first, where there are any."""
        if self.starting_size is None:
            return None
        width, height = map(int, self.starting_size.split("x"))
        return VideoFormat(width, height)

    @model_validator(mode="after")
    def _one_notice(self) -> Options:
        if self.notice is not None and self.notice_at is not None:
            raise ValueError("notice and notice_at exclude each other: keep one of them")
        return self
