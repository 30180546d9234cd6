"""An RTSP camera made of GStreamer's RTSP server. Run by Debian's own Python, where its bindings are; takes one JSON object."""

from __future__ import annotations

import json
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

PATH = "/stream"
RAW = "videotestsrc is-live=true pattern=ball ! video/x-raw,format=I420,width=320,height=240,framerate=25/1"
PACED = "tune=zerolatency speed-preset=ultrafast key-int-max=25 bitrate=500"
VIDEO = {
    "h264": f"{RAW} ! x264enc {PACED} ! rtph264pay name=pay0 pt=96 config-interval=-1",
    "hevc": f"{RAW} ! x265enc {PACED} ! rtph265pay name=pay0 pt=96 config-interval=-1",
    "mjpeg": f"{RAW} ! jpegenc ! rtpjpegpay name=pay0 pt=26",
}
CLIP = (
    "multifilesrc location={clip} loop=true ! h264parse ! video/x-h264,framerate={rate}/1,alignment=au,stream-format=byte-stream"
    " ! identity sync=true ! rtph264pay name=pay0 pt=96 config-interval=-1"
)
AUDIO = "audiotestsrc is-live=true wave=ticks ! audio/x-raw,rate=8000,channels=1 ! alawenc ! rtppcmapay name=pay1 pt=8"


def main() -> None:
    asked = json.loads(sys.argv[1])
    Gst.init(None)
    server = GstRtspServer.RTSPServer.new()
    server.set_address("127.0.0.1")
    server.set_service(str(asked["port"]))
    video = CLIP.format(clip=asked["clip"], rate=asked["rate"]) if asked["clip"] else VIDEO[asked["codec"]]
    factory = GstRtspServer.RTSPMediaFactory.new()
    factory.set_shared(True)
    factory.set_launch(f"( {video} {AUDIO if asked['audio'] else ''} )")
    server.get_mount_points().add_factory(PATH, factory)
    if asked["user"]:
        guard(server, factory, asked["user"], asked["password"], digest=asked["digest"])
    server.attach(None)
    GLib.MainLoop().run()


def guard(
    server: GstRtspServer.RTSPServer, factory: GstRtspServer.RTSPMediaFactory, user: str, password: str, *, digest: bool
) -> None:
    auth, token = GstRtspServer.RTSPAuth.new(), GstRtspServer.RTSPToken.new()
    token.set_string("media.factory.role", "viewer")
    if digest:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(user, password, token)
    else:
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions.new()
    permissions.add_role("viewer")
    permissions.add_permission_for_role("viewer", "media.factory.access", True)
    permissions.add_permission_for_role("viewer", "media.factory.construct", True)
    factory.set_permissions(permissions)


main()
