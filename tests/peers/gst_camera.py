"""An RTSP camera made of GStreamer's RTSP server. Run by Debian's own Python, where its bindings are; takes one JSON object."""

from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path
from typing import Any

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

PATH = "/stream"
RAW = "videotestsrc is-live=true pattern=ball ! video/x-raw,format=I420,width=320,height=240,framerate=25/1"
# one thread is one slice: the payloader repeats the parameter sets before each slice of a keyframe, and so cuts it in two
PACED = "tune=zerolatency speed-preset=ultrafast key-int-max=25 bitrate=500"
VIDEO = {
    "h264": f"{RAW} ! x264enc {PACED} threads=1 ! rtph264pay name=pay0 pt=96 config-interval=-1",
    "hevc": f"{RAW} ! x265enc {PACED} ! rtph265pay name=pay0 pt=96 config-interval=-1",
    "mjpeg": f"{RAW} ! jpegenc ! rtpjpegpay name=pay0 pt=26",
}
CLIP = (
    "appsrc name=units format=time block=true caps=video/x-h264,stream-format=byte-stream,alignment=au"
    " ! h264parse ! rtph264pay name=pay0 pt=96 config-interval=-1"
)
AUDIO = "audiotestsrc is-live=true wave=ticks ! audio/x-raw,rate=8000,channels=1 ! alawenc ! rtppcmapay name=pay1 pt=8"


def main() -> None:
    asked = json.loads(sys.argv[1])
    Gst.init(None)
    server = GstRtspServer.RTSPServer.new()
    server.set_address("127.0.0.1")
    server.set_service(str(asked["port"]))
    video = CLIP if asked["clip"] else VIDEO[asked["codec"]]
    factory = GstRtspServer.RTSPMediaFactory.new()
    factory.set_shared(True)
    factory.set_launch(f"( {video} {AUDIO if asked['audio'] else ''} )")
    if asked["clip"]:
        factory.connect("media-configure", lambda _factory, media: Loop(asked["clip"], asked["rate"]).feed(media))
    server.get_mount_points().add_factory(PATH, factory)
    if asked["user"] or asked["tls"]:
        guard(server, factory, asked)
    server.attach(None)
    GLib.MainLoop().run()


class Loop:
    """Feeds the access units of a file again and again; beside it lies the list of their sizes."""

    def __init__(self, clip: str, rate: int) -> None:
        path = Path(clip)
        content, sizes = path.read_bytes(), json.loads(path.with_suffix(".json").read_text())
        ends = list(itertools.accumulate(sizes))
        self._units = [content[end - size : end] for end, size in zip(ends, sizes, strict=True)]
        self._step = Gst.SECOND // rate
        self._fed = 0

    def feed(self, media: GstRtspServer.RTSPMedia) -> None:
        media.get_element().get_by_name_recurse_up("units").connect("need-data", self._next)

    def _next(self, source: Gst.Element, _wanted: int) -> None:
        unit = Gst.Buffer.new_wrapped(self._units[self._fed % len(self._units)])
        unit.pts = unit.dts = self._fed * self._step
        unit.duration = self._step
        self._fed += 1
        source.emit("push-buffer", unit)


def guard(server: GstRtspServer.RTSPServer, factory: GstRtspServer.RTSPMediaFactory, asked: dict[str, Any]) -> None:
    auth, token = GstRtspServer.RTSPAuth.new(), GstRtspServer.RTSPToken.new()
    token.set_string("media.factory.role", "viewer")
    if asked["tls"]:
        auth.set_tls_certificate(Gio.TlsCertificate.new_from_file(asked["tls"]))
    if not asked["user"]:
        auth.set_default_token(token)
    elif asked["digest"]:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(asked["user"], asked["password"], token)
    else:
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(asked["user"], asked["password"]), token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions.new()
    permissions.add_role("viewer")
    permissions.add_permission_for_role("viewer", "media.factory.access", True)
    permissions.add_permission_for_role("viewer", "media.factory.construct", True)
    factory.set_permissions(permissions)


main()
