"""Who may make what: rules that no linter knows, held by reading the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]

SEALED: Final = frozenset({"AnonymisedFrame", "ReleasedAudio", "EncodedPacket", "Still"})
RAW: Final = frozenset({"RawFrame", "RawAudio"})
PACKERS: Final = ("proxy/encoding/", "proxy/attestation/passage.py")
OWNERS: Final = frozenset({"proxy/anonymiser.py", "proxy/encoding/packet.py", "proxy/media/sealed.py"})


def breaches(place: str, text: str) -> list[str]:
    """What the module at ``place`` does that only others may do, each as ``line: what``."""
    return [f"{getattr(node, 'lineno', 0)}: {what}" for node in ast.walk(ast.parse(text)) for what in _breaches(place, node)]


def _breaches(place: str, node: ast.AST) -> Iterator[str]:
    if place not in OWNERS:
        if _named(node) == "_create" or (isinstance(node, ast.Constant) and node.value == "_create"):
            yield "makes a sealed type"
        if _named(node) in {"__setattr__", "__new__"}:
            yield "goes round a class's own doors"
    if isinstance(node, ast.Call) and _called(node) in SEALED:
        yield "calls a sealed type"
    if isinstance(node, ast.Call) and _called(node) in RAW and not place.startswith("proxy/sources/"):
        yield "makes a raw picture or sound"
    if _mentioned(node) == "make_packet" and not place.startswith(PACKERS):
        yield "makes a packet"
    if _named(node) == "reformat" and place.startswith("proxy/encoding/"):
        yield "passes a picture with its side data to an encoder"
    if isinstance(node, ast.FunctionDef) and node.name in {"__new__", "__setattr__"} and place not in OWNERS:
        yield "defines a class's own doors"


def _named(node: ast.AST) -> str | None:
    return node.attr if isinstance(node, ast.Attribute) else None


def _mentioned(node: ast.AST) -> str | None:
    """The name that a node is, imports and texts included, so that no alias hides it."""
    match node:
        case ast.alias(name=name) | ast.Name(id=name) | ast.Attribute(attr=name):
            return name.rpartition(".")[2]
        case ast.Constant(value=str(text)):
            return text
    return None


def _called(call: ast.Call) -> str | None:
    return call.func.id if isinstance(call.func, ast.Name) else _named(call.func)


def modules() -> Iterator[tuple[str, str]]:
    """Place and text of every module of the proxy."""
    for path in sorted((ROOT / "proxy").rglob("*.py")):
        yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
