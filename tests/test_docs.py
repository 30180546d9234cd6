"""What the program can do is in its documents, and what the documents say of it is current."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import Final

import pytest

from proxy.cli import entry
from proxy.encoding.options import Options as EncodingSettings
from proxy.platform.settings import GatewaySettings, HttpSettings, ProofSettings
from proxy.redactors.method import Method
from proxy.settings.camera import AttestationSettings, CameraSettings, PrivacySettings, ZoneSettings
from proxy.settings.control import ControlSettings, VisitorSettings
from proxy.settings.plugins import SINKS, SOURCES
from proxy.settings.service import LogSettings, Settings
from proxy.signs.options import Options as SignSettings

ROOT: Final = Path(__file__).parents[1]
PAGES: Final = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
EVERYTHING: Final = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
SETTINGS: Final = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_generated_part_of_the_settings_page_is_current() -> None:
    page: Callable[[str], str] = generator().page
    assert page(SETTINGS) == SETTINGS, "run make docs"


def test_a_page_that_is_out_of_date_is_noticed() -> None:
    page: Callable[[str], str] = generator().page
    assert page(SETTINGS.replace("`lookback_ms`", "`look_ms`")) == SETTINGS


def fields() -> Iterable[tuple[str, str, str]]:
    models = [
        Settings,
        CameraSettings,
        PrivacySettings,
        EncodingSettings,
        AttestationSettings,
        GatewaySettings,
        HttpSettings,
        ProofSettings,
        SignSettings,
        ControlSettings,
        VisitorSettings,
        ZoneSettings,
        LogSettings,
        *SOURCES.values(),
        *SINKS.values(),
    ]
    for model in dict.fromkeys(models):
        for name, field in model.model_fields.items():
            yield f"{model.__module__}.{model.__name__}", name, field.description or ""


@pytest.mark.parametrize(("model", "name", "description"), list(fields()))
def test_every_setting_says_what_it_is(model: str, name: str, description: str) -> None:
    assert description or name in {"type", "path"}, f"{model}.{name} has no description"


@pytest.mark.parametrize("verb", [command.name for command in entry.app.registered_commands])
def test_every_verb_is_named(verb: str) -> None:
    assert re.search(rf"`(veilcast )?{verb}\b|veilcast {verb}\b", EVERYTHING)


@pytest.mark.parametrize("word", [*SOURCES, *SINKS, *Method])
def test_every_plugin_and_method_is_named(word: str) -> None:
    assert re.search(rf"\b{word}\b", EVERYTHING)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_inside_the_repository_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []
