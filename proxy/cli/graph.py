"""``veilcast graph``: the configured pipeline as a drawing."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Annotated, Final

import typer
from pydantic import SecretStr
from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from proxy.media.redact import redact
from proxy.options import Options
from proxy.settings.camera import CameraSettings
from proxy.settings.service import Settings, load

EPILOG = "**Examples**\n\n`veilcast graph -c veilcast.toml`\n\n`veilcast graph -c veilcast.toml --dot | dot -Tsvg > pipeline.svg`"
_PLACES: Final = ("url", "path", "folder")


def register(app: typer.Typer) -> None:
    """Add the verb to ``app``."""
    app.command("graph", epilog=EPILOG)(graph)


def graph(
    config: Annotated[Path, typer.Option("--config", "-c", help="The settings file.")],
    dot: Annotated[bool, typer.Option("--dot", help="Graphviz' language in place of a tree.")] = False,
) -> None:
    """Draw the configured pipeline, passwords and keys hidden."""
    settings = load(config)
    if dot:
        typer.echo("\n".join(dot_lines(settings)))
    else:
        Console(soft_wrap=True, highlight=False).print(tree_of(settings))


def tree_of(settings: Settings) -> Tree:
    """The pipeline as a tree: a camera's steps below one another, its sinks side by side at the end."""
    tree = Tree(Text(_control(settings)))
    for camera in settings.cameras:
        branch = tree.add(Text(f"camera {camera.name}", style="bold"))
        for step in steps_of(camera):
            branch = branch.add(Text(step))
        for sink in camera.sinks:
            branch.add(Text(f"publish {place_of(sink)}"))
    return tree


def dot_lines(settings: Settings) -> list[str]:
    """The pipeline in Graphviz' language."""
    lines = ["digraph veilcast {", "  rankdir=LR; node [shape=box];"]
    for camera in settings.cameras:
        lines.append(f'  subgraph "cluster_{camera.name}" {{ label="{camera.name}";')
        names = [f"{camera.name}/{number}" for number, _ in enumerate(steps_of(camera))]
        lines += [f'    "{name}" [label="{_quoted(step)}"];' for name, step in zip(names, steps_of(camera), strict=True)]
        lines += [f'    "{before}" -> "{after}";' for before, after in pairwise(names)]
        for number, sink in enumerate(camera.sinks):
            lines.append(f'    "{camera.name}/sink{number}" [label="publish {_quoted(place_of(sink))}"];')
            lines.append(f'    "{names[-1]}" -> "{camera.name}/sink{number}";')
        lines.append("  }")
    return [*lines, "}"]


def steps_of(camera: CameraSettings) -> list[str]:
    """What happens to a camera's picture before it is published, one line each."""
    hidden, encoding = camera.privacy, camera.encoding
    return [
        f"ingest {place_of(camera.source)}",
        f"detect {hidden.accuracy} on {camera.device}, look-back {hidden.lookback_ms} ms, hold {hidden.hold_ms} ms",
        f"hide {', '.join(hidden.targets)} by {hidden.method}, sound {camera.audio}",
        f"encode {encoding.codec} {encoding.preset}",
    ]


def place_of(plugin: Options) -> str:
    """Where a source or sink leads, without its secrets."""
    kind = str(getattr(plugin, "type", ""))
    for name in _PLACES:
        value = getattr(plugin, name, None)
        if value is not None:
            place = redact(value.get_secret_value() if isinstance(value, SecretStr) else str(value))
            return place if place.startswith(f"{kind}") else f"{kind}:{place}"
    return kind


def _control(settings: Settings) -> str:
    control = settings.control
    where = f"http://{control.host}:{control.port}" if control.enabled else "no HTTP"
    return f"veilcast ({where}; isolation {settings.isolation})"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
