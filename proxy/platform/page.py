"""The files of the gateway's page: its own, and those that it shares with the page of ``veilcast run``."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import PurePath
from typing import Final

from proxy.control.server import PAGES, TYPES

OWN: Final = files("proxy.platform") / "pages"
FIRST: Final = "index.html"
_OWN: Final = (FIRST, "gateway.js", "gateway_words.js", "gateway.css")
_SHARED: Final = ("style.css", "icon.svg", "dom.js", "words.js", "shell.js", "live.js")


@dataclass(frozen=True, slots=True)
class PageFile:
    """One file, and its content type."""

    body: bytes
    kind: str


def page_files() -> dict[str, PageFile]:
    """Every file by its name."""
    found = {name: (OWN / name).read_bytes() for name in _OWN} | {name: (PAGES / name).read_bytes() for name in _SHARED}
    found["hls.js"] = (PAGES / "vendor" / "hls.light.min.js").read_bytes()
    return {name: PageFile(body, TYPES[PurePath(name).suffix]) for name, body in found.items()}
