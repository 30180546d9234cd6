"""Writes the parts of docs/settings.md that come from the code: every setting, and the exit codes. ``make docs`` runs it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from proxy.cli.console import EXIT_CODES
from proxy.encoding.options import Options as EncodingSettings
from proxy.platform.settings import AuditSettings, GatewaySettings, HttpSettings, ProofSettings, SrtSettings
from proxy.settings.camera import AttestationSettings, CameraSettings, PrivacySettings, ZoneSettings
from proxy.settings.control import ControlSettings, VisitorSettings
from proxy.settings.plugins import SINKS, SOURCES
from proxy.settings.service import LogSettings, Settings
from proxy.signs.options import Options as SignSettings
from proxy.webrtc.options import IceServer

PAGE = Path(__file__).parent / "settings.md"
BLOCK = "<!-- generated: make docs -->\n{}<!-- end of generated -->"


def page(text: str) -> str:
    """``text`` with what stands between the markers made anew."""
    pattern = re.compile(re.escape(BLOCK).replace(re.escape("{}"), ".*?"), re.DOTALL)
    return pattern.sub(lambda _: BLOCK.format(generated()), text)


def generated() -> str:
    """Every table of settings, plugins included, and the exit codes."""
    sections = [
        ("Top level", Settings),
        ("`[[camera]]`", CameraSettings),
        ("`[camera.privacy]`", PrivacySettings),
        ("`[[camera.privacy.zones]]`", ZoneSettings),
        ("`[camera.encoding]`", EncodingSettings),
        ("`[camera.attestation]`", AttestationSettings),
        ("`[camera.signs]`", SignSettings),
        *((f"source `{name}`", plugin) for name, plugin in plugins(SOURCES)),
        *((f"sink `{name}`", plugin) for name, plugin in plugins(SINKS)),
        ("`ice_servers`", IceServer),
        ("`[control]`", ControlSettings),
        ("`[[control.visitors]]`", VisitorSettings),
        ("`[log]`", LogSettings),
        ("gateway.toml, top level", GatewaySettings),
        ("gateway.toml `[http]`", HttpSettings),
        ("gateway.toml `[proof]`", ProofSettings),
        ("gateway.toml `[audit]`", AuditSettings),
        ("gateway.toml `[srt]`", SrtSettings),
    ]
    tables = ["\n".join(_section(title, model)) for title, model in sections]
    return "\n" + "\n".join([*tables, *_codes()]) + "\n\n"


def plugins(table: object) -> list[tuple[str, type[BaseModel]]]:
    """Plugin type → options, each once, in the order of the table."""
    if not isinstance(table, dict):
        raise TypeError("expected a table of plugins")
    found = {get_args(plugin.model_fields["type"].annotation)[0]: plugin for plugin in table.values()}
    return list(found.items())


def _section(title: str, model: type[BaseModel]) -> Iterator[str]:
    yield f"### {title}\n"
    yield f"{(model.__doc__ or '').splitlines()[0]}\n"
    yield "| setting | values | default | what it is |"
    yield "|---|---|---|---|"
    for name, field in model.model_fields.items():
        shown = "camera" if name == "cameras" else name
        description = " ".join((field.description or "").replace("``", "`").split())
        yield f"| `{shown}` | {_values(field)} | {_default(field)} | {description} |"
    yield ""


def _codes() -> Iterator[str]:
    yield "### Exit codes\n"
    yield "| code | meaning |"
    yield "|---|---|"
    for code, meaning in EXIT_CODES:
        yield f"| {code} | {meaning} |"


def _values(field: FieldInfo) -> str:
    limits = {name: getattr(rule, name) for rule in field.metadata for name in ("ge", "gt", "le", "lt") if hasattr(rule, name)}
    low = f"≥ {limits['ge']}" if "ge" in limits else f"> {limits['gt']}" if "gt" in limits else ""
    high = f"≤ {limits['le']}" if "le" in limits else f"< {limits['lt']}" if "lt" in limits else ""
    return ", ".join(part for part in (_kind(field.annotation), low, high) if part)


def _kind(kind: object) -> str:
    arguments = [argument for argument in get_args(kind) if argument not in (NoneType, Ellipsis)]
    if get_origin(kind) is Literal:
        return ", ".join(f"`{value}`" for value in arguments)
    if get_origin(kind) is Annotated:
        return _kind(arguments[0])
    if get_origin(kind) in (Union, UnionType):
        if any(isinstance(argument, type) and issubclass(argument, BaseModel) for argument in arguments):
            return "URL or table"
        return _kind(arguments[0])
    if get_origin(kind) is tuple:
        return f"list of {_kind(arguments[0])}"
    if hasattr(kind, "__metadata__"):
        return _kind(arguments[0])
    if isinstance(kind, type) and issubclass(kind, Enum):
        return ", ".join(f"`{member.value}`" for member in kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return "table"
    names = {
        "str": "text",
        "int": "whole number",
        "float": "number",
        "bool": "`true`, `false`",
        "Path": "path",
        "SecretStr": "secret",
    }
    return names.get(getattr(kind, "__name__", ""), getattr(kind, "__name__", "value"))


def _default(field: FieldInfo) -> str:
    value = field.get_default()
    if field.is_required():
        return "required"
    if value is None or isinstance(value, BaseModel) or value == () or hasattr(value, "get_secret_value"):
        return ""
    if isinstance(value, tuple):
        return ", ".join(f"`{item.value if isinstance(item, Enum) else item}`" for item in value)
    shown = value.value if isinstance(value, Enum) else str(value).lower() if isinstance(value, bool) else value
    return f"`{shown}`"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
