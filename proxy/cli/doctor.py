"""``veilcast doctor``: what somebody who helps needs to know, in one archive without secrets or pictures."""

from __future__ import annotations

import io
import json
import os
import platform
import ssl
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import parse_qs, unquote, urlsplit

import typer
from pydantic import BaseModel, SecretStr

from proxy.cli.check import key_problems, model_problems, sign_problems
from proxy.cli.console import say
from proxy.cli.models import state_of
from proxy.detectors.weights import ModelStore
from proxy.errors import ConfigError, VeilcastError
from proxy.media.redact import HIDDEN, redact
from proxy.settings.control import ControlSettings
from proxy.settings.service import Settings, load
from proxy.settings.weaknesses import warnings
from proxy.state import state_folder

EPILOG = "\n\n".join(
    (
        "**Example**",
        "`veilcast doctor -c veilcast.toml -o bundle.zip` while the service runs; look into it before you send it",
    )
)
ASKED: Final = {"status.json": "/api/cameras", "metrics.txt": "/metrics", "ready.txt": "/readyz"}
ANSWER_BYTES: Final = 1 << 22
LEAST_SECRET: Final = 4
"""Shorter values are taken out where they stand, but not searched for everywhere: they would take words apart."""
KEYED: Final = frozenset({"rtmp", "rtmps", "whip", "whips"})
PERSONAL: Final = frozenset({"who"})
"""Settings that name people."""


def register(app: typer.Typer) -> None:
    """Add the verb to ``app``."""
    app.command("doctor", epilog=EPILOG)(doctor)


def doctor(
    config: Annotated[Path, typer.Option("--config", "-c", help="The settings file.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The archive to write.")] = Path("veilcast-doctor.zip"),
) -> int:
    """Write a support bundle: versions, machine, settings without secrets, problems, status and metrics of the running service."""
    files, settings = dict(_machine()), None
    try:
        settings = load(config)
    except ConfigError as error:
        files["problems.txt"] = "\n".join([error.message, *error.problems])
    if settings is not None:
        files |= dict(_of(settings, config))
    secrets = sorted(_secrets(settings), key=len, reverse=True) if settings else []
    _write(output, {name: _clean(text, secrets) for name, text in files.items()})
    say(f"{output} has {', '.join(sorted(files))}: no secrets and no pictures; look into it before you send it")
    return 0


def _machine() -> Iterator[tuple[str, str]]:
    """Versions, the machine, the models."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
    about = {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "system": platform.platform(),
        "machine": platform.machine(),
        "processors": os.cpu_count(),
        "memory_mib": memory,
        "load": os.getloadavg(),
        "python": platform.python_version(),
        "packages": {found.name: found.version for found in sorted(distributions(), key=lambda found: found.name.lower())},
    }
    yield "machine.json", json.dumps(about, indent=1)
    store = ModelStore.open()
    yield "models.json", json.dumps({model.name: [state_of(store, model), model.sha256] for model in store.models}, indent=1)


def _of(settings: Settings, config: Path) -> Iterator[tuple[str, str]]:
    """What the settings say, what is wrong with them, and how the service is that runs with them."""
    yield "settings.json", json.dumps(_shown(settings), indent=1)
    found: list[VeilcastError] = [*key_problems(settings), *sign_problems(settings), *model_problems()]
    problems = [f"{error.message} ({error.hint})" if error.hint else error.message for error in found]
    yield "problems.txt", "\n".join(problems) or "none"
    yield "warnings.txt", "\n".join(warnings(settings)) or "none"
    folder = state_folder(settings, config)
    if folder is not None and folder.is_dir():
        yield "state.json", json.dumps({path.name: path.stat().st_size for path in sorted(folder.iterdir())}, indent=1)
    if settings.control.enabled:
        for name, place in ASKED.items():
            yield name, _asked(settings.control, place)


def _asked(control: ControlSettings, place: str) -> str:
    """What the running service answers, or why it does not; its certificate need not name this machine."""
    host = "127.0.0.1" if control.host in ("0.0.0.0", "::", "localhost") else control.host  # noqa: S104 - asked, not listened on
    scheme = "https" if control.tls_cert else "http"
    request = urllib.request.Request(f"{scheme}://{f'[{host}]' if ':' in host else host}:{control.port}{place}")  # noqa: S310
    if control.token:
        request.add_header("Authorization", f"Bearer {control.token.get_secret_value()}")
    trusting = _trusting() if control.tls_cert else None
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trusting))
    try:
        with opener.open(request, timeout=5) as answer:
            return str(answer.read(ANSWER_BYTES).decode(errors="replace"))
    except urllib.error.HTTPError as error:
        error.close()
        return f"answered {error.code}"
    except (OSError, ValueError) as error:
        return f"no answer: {type(error).__name__}"


def _trusting() -> ssl.SSLContext:
    """For the service's own certificate, which need not name the address of this machine by which it is asked."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _shown(value: object) -> object:
    """Settings as JSON, with everything secret or personal taken out."""
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        return {name: HIDDEN if name in PERSONAL and getattr(value, name) else _shown(getattr(value, name)) for name in fields}
    if isinstance(value, SecretStr):
        text = value.get_secret_value()
        return redact(text) if "://" in text else HIDDEN
    if isinstance(value, (tuple, list)):
        return [_shown(item) for item in value]
    return value if value is None or isinstance(value, (bool, int, float)) else redact(str(value))


def _secrets(value: object) -> Iterator[str]:
    """Everything in settings that nobody else may read, for a last search."""
    if isinstance(value, SecretStr):
        text = value.get_secret_value()
        parts = _parts(text) if "://" in text else [text]
        yield from (part for part in parts if len(part) >= LEAST_SECRET)
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            inner = getattr(value, name)
            if name in PERSONAL and isinstance(inner, str) and len(inner) >= LEAST_SECRET:
                yield inner
            yield from _secrets(inner)
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from _secrets(item)


def _parts(url: str) -> Iterator[str]:
    """What is secret in ``url``: the password, what the query says, and the path where that may be a key."""
    parts = urlsplit(url)
    login = parts.netloc.rpartition("@")[0].partition(":")[2]
    yield from (login, unquote(login))
    yield from (value for values in parse_qs(parts.query).values() for value in values)
    if redact(url) != url:
        yield parts.path.rpartition("/")[2] if parts.scheme in KEYED else ""


def _clean(text: str, secrets: list[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    return redact(text)


def _write(path: Path, files: Mapping[str, str]) -> None:
    """One archive, readable by its owner only."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in sorted(files.items()):
            archive.writestr(name, text)
    try:
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(made.getvalue())
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}", hint="name another with --output") from error
