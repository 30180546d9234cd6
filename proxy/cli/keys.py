"""``veilcast keys``: the device key that signs what leaves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from proxy.attestation.keys import DeviceKey
from proxy.cli.console import say

EPILOG = "\n\n".join(
    (
        "**Examples**",
        "`veilcast keys init /etc/veilcast/device.pem > device.jwk` once on each box; give device.jwk to whoever verifies",
        "`veilcast keys show /etc/veilcast/device.pem` prints the public half again",
        "`veilcast verify recording.mp4 --trust device.jwk` is what it is good for",
    )
)
KeyFile = Annotated[Path, typer.Argument(metavar="FILE", help="The device key, PEM.", show_default=False)]


def register(app: typer.Typer) -> None:
    """Add the verb to ``app``."""
    keys = typer.Typer(help="Make and show the device key that signs what leaves.", epilog=EPILOG)
    keys.command("init", epilog=EPILOG)(init)
    keys.command("show", epilog=EPILOG)(show)
    app.add_typer(keys, name="keys")


def init(path: KeyFile) -> None:
    """Make a device key that only its owner may read, and print its public half as a JWK. No key is ever overwritten."""
    key = DeviceKey.new()
    key.save(path)
    say(f"{path} is the secret: it stays on this device, and camera.attestation.key names it")
    _print(key)


def show(path: KeyFile) -> None:
    """Print the public half of a device key as a JWK, for the list of keys that somebody trusts."""
    _print(DeviceKey.load(path))


def _print(key: DeviceKey) -> None:
    typer.echo(json.dumps(key.public.jwk()))
