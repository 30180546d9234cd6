"""An RTSP server that records what is published to it: GStreamer's. Run by Debian's own Python; takes one JSON object."""

from __future__ import annotations

import json
import sys
from typing import Any

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

VIDEO = {
    "h264": "rtph264depay name=depay0 ! h264parse",
    "hevc": "rtph265depay name=depay0 ! h265parse",
}


def main() -> None:
    asked = json.loads(sys.argv[1])
    Gst.init(None)
    server = GstRtspServer.RTSPServer.new()
    server.set_address("127.0.0.1")
    server.set_service(str(asked["port"]))
    factory = GstRtspServer.RTSPMediaFactory.new()
    factory.set_transport_mode(GstRtspServer.RTSPTransportMode.RECORD)
    if not asked["udp"]:
        factory.set_protocols(GstRtsp.RTSPLowerTrans.TCP)
    sound = "rtpmp4gdepay name=depay1 ! aacparse ! queue ! mux." if asked["audio"] else ""
    written = f"matroskamux streamable=true name=mux ! filesink sync=false buffer-mode=unbuffered location={asked['file']}"
    factory.set_launch(f"( {VIDEO[asked['codec']]} ! queue ! {written} {sound} )")
    server.get_mount_points().add_factory("/live/door", factory)
    if asked["user"] or asked["tls"]:
        guard(server, factory, asked)
    server.attach(None)
    GLib.MainLoop().run()


def guard(server: GstRtspServer.RTSPServer, factory: GstRtspServer.RTSPMediaFactory, asked: dict[str, Any]) -> None:
    auth, token = GstRtspServer.RTSPAuth.new(), GstRtspServer.RTSPToken.new()
    token.set_string("media.factory.role", "publisher")
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
    permissions.add_role("publisher")
    permissions.add_permission_for_role("publisher", "media.factory.access", True)
    permissions.add_permission_for_role("publisher", "media.factory.construct", True)
    factory.set_permissions(permissions)


main()
