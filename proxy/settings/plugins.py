"""Which plugins there are: every way in and every way out, by the scheme of its URL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from proxy.sinks import file as file_sink
from proxy.sinks import hls, null, rtmp
from proxy.sinks import mjpeg as mjpeg_sink
from proxy.sinks import rtsp as rtsp_sink
from proxy.sinks import srt as srt_sink
from proxy.sinks import whep as whep_sink
from proxy.sinks import whip as whip_sink
from proxy.sources import device, mjpeg, rtsp
from proxy.sources import file as file_source
from proxy.sources import hls as hls_source
from proxy.sources import rtmp as rtmp_source
from proxy.sources import srt as srt_source
from proxy.sources import whep as whep_source
from proxy.sources import whip as whip_source

AnySource = (
    rtsp.Options
    | rtmp_source.Options
    | srt_source.Options
    | whip_source.Options
    | whep_source.Options
    | mjpeg.Options
    | hls_source.Options
    | file_source.Options
    | device.Options
)
AnySink = (
    rtmp.Options
    | rtsp_sink.Options
    | srt_sink.Options
    | hls.Options
    | file_sink.Options
    | whip_sink.Options
    | whep_sink.Options
    | mjpeg_sink.Options
    | null.Options
)

SOURCES: Final[Mapping[str, type[AnySource]]] = {
    "rtsp": rtsp.Options,
    "rtsps": rtsp.Options,
    "rtmp": rtmp_source.Options,
    "rtmps": rtmp_source.Options,
    "srt": srt_source.Options,
    "whip": whip_source.Options,
    "whep": whep_source.Options,
    "wheps": whep_source.Options,
    "http": mjpeg.Options,
    "https": mjpeg.Options,
    "hls": hls_source.Options,
    "file": file_source.Options,
    "device": device.Options,
}
"""URL scheme → the plugin that takes it."""

SINKS: Final[Mapping[str, type[AnySink]]] = {
    "rtmp": rtmp.Options,
    "rtmps": rtmp.Options,
    "rtsp": rtsp_sink.Options,
    "rtsps": rtsp_sink.Options,
    "srt": srt_sink.Options,
    "hls": hls.Options,
    "file": file_sink.Options,
    "whip": whip_sink.Options,
    "whips": whip_sink.Options,
    "whep": whep_sink.Options,
    "mjpeg": mjpeg_sink.Options,
    "null": null.Options,
}
"""URL scheme → the plugin that takes it."""

Plugins = Mapping[str, type[AnySource]] | Mapping[str, type[AnySink]]
