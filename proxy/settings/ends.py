"""A camera's source and sinks, from a URL or a table: the plugin that takes it, with its own settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Final, TypeVar, get_args

from pydantic import AfterValidator, BeforeValidator, Discriminator, SecretStr, ValidationError

from proxy.errors import ConfigError
from proxy.options import Options
from proxy.settings.plugins import SINKS, SOURCES, AnySink, AnySource, Plugins
from proxy.settings.problems import problems_of, refusal, told
from proxy.settings.secrets import resolved
from proxy.sinks import rtmp
from proxy.sinks import rtsp as rtsp_sink
from proxy.sinks import srt as srt_sink
from proxy.sinks import whip as whip_sink
from proxy.sources import hls as hls_source
from proxy.sources import mjpeg, rtsp
from proxy.sources import rtmp as rtmp_source
from proxy.sources import srt as srt_source
from proxy.sources import whep as whep_source

P = TypeVar("P", bound=Options)

_PLAYLIST: Final = re.compile(r"\.m3u8(?:[?#]|$)", re.IGNORECASE)
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")


def scheme_of(text: str) -> str:
    """The scheme that decides which plugin takes a URL; a path without one is a file, or a device below ``/dev``."""
    head = _SCHEME.match(text)
    scheme = head[1].lower() if head else ""
    if "://" in text or scheme in {*SOURCES, *SINKS}:
        return scheme
    if text == "null":
        return "null"
    return "device" if text.startswith("/dev/") else "file"


def _known_scheme(text: str, plugins: Plugins, *, field: str) -> str:
    scheme = scheme_of(text)
    if scheme in {"http", "https"} & {*plugins} and _PLAYLIST.search(text):
        scheme = "hls"
    if scheme not in plugins:
        raise refusal(f'unknown URL scheme "{scheme}": known are {", ".join(sorted(plugins))}, or a path', field=field)
    return scheme


def _type_of(plugin: type[Options]) -> str:
    return str(get_args(plugin.model_fields["type"].annotation)[0])


def _plugin_of_url(text: str, plugins: Plugins, *, field: str = "") -> AnySource | AnySink:
    """The options of whichever plugin takes the URL ``text``."""
    scheme = _known_scheme(text, plugins, field=field)
    try:
        return plugins[scheme].from_url(text)
    except ConfigError as error:
        raise refusal(told(error), field=field) from error
    except ValidationError as error:
        found = "; ".join(problems_of(error))
        raise refusal(found, field=field) from None


def _plugin(value: object, plugins: Plugins) -> object:
    """Plugin options from a URL, from a table with ``url``, or from a table with ``type``."""
    if isinstance(value, str):
        return _plugin_of_url(str(resolved(value)), plugins)
    if isinstance(value, Options):
        return value
    if not isinstance(value, Mapping):
        raise refusal("expected a URL or a table")
    table = dict(value)
    by_type = {_type_of(plugin): plugin for plugin in plugins.values()}
    if "type" in table:
        if table["type"] not in by_type:
            raise refusal(f"unknown type: known are {', '.join(sorted(by_type))}", field="type")
        return _secrets_resolved(table, by_type[str(table["type"])])
    if not isinstance(table.get("url"), str):
        raise refusal(f"needs a url, or a type out of {', '.join(sorted(by_type))}")
    url = str(resolved(table.pop("url"), field="url"))
    scheme = _known_scheme(url, plugins, field="url")
    rest = _secrets_resolved(table, plugins[scheme])
    if "url" in plugins[scheme].model_fields:
        return {"type": _type_of(plugins[scheme]), "url": url, **rest}
    chosen = _plugin_of_url(url, plugins, field="url")
    return {**{name: getattr(chosen, name) for name in chosen.model_fields_set}, "type": chosen.type, **rest}


def _secrets_resolved(table: Mapping[str, object], plugin: type[Options]) -> dict[str, object]:
    """``table`` with every value that the plugin keeps secret looked up."""
    secret = {name for name, field in plugin.model_fields.items() if SecretStr in (field.annotation, *get_args(field.annotation))}
    return {name: resolved(value, field=name) if name in secret else value for name, value in table.items()}


def _source(value: object) -> object:
    return _plugin(value, SOURCES)


def _sink(value: object) -> object:
    return _plugin(value, SINKS)


def _checked(options: P) -> P:
    """``options``, after what only the whole of them can tell: whether an address with its key leads anywhere."""
    try:
        match options:
            case rtmp.Options():
                options.address()
            case rtsp.Options():
                rtsp.Options.from_url(options.url.get_secret_value())
            case mjpeg.Options() | hls_source.Options() | rtsp_sink.Options():
                options.place()
            case whip_sink.Options() | whep_source.Options() | srt_source.Options() | srt_sink.Options():
                options.address()
            case rtmp_source.Options():
                rtmp_source.Options.from_url(options.url.get_secret_value())
            case _:
                pass
    except ConfigError as error:
        raise refusal(told(error), field="url") from error
    return options


SourceOptions = Annotated[AnySource, Discriminator("type"), BeforeValidator(_source), AfterValidator(_checked)]
SinkOptions = Annotated[AnySink, Discriminator("type"), BeforeValidator(_sink), AfterValidator(_checked)]
