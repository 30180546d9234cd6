"""What is allowed in settings and still worth a thought."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from proxy.encoding.packet import VideoCodec
from proxy.masking.policy import Target
from proxy.masking.zones import ZoneKind
from proxy.settings.camera import CameraSettings, ZoneSettings
from proxy.settings.control import SHORT_TOKEN
from proxy.settings.plugins import AnySink, AnySource
from proxy.settings.service import Settings
from proxy.sinks import srt as srt_sink
from proxy.sinks import whep as whep_sink
from proxy.sources import rtmp as rtmp_source
from proxy.sources import rtsp
from proxy.sources import srt as srt_source
from proxy.voices.policy import AudioPolicy


def warnings(settings: Settings) -> list[str]:
    """What is allowed and still worth a thought, one line each."""
    said = [f"{camera.name}: {line}" for camera in settings.cameras for line in _weaknesses(camera)]
    control = settings.control
    if control.enabled and not control.loopback and control.tls_cert is None:
        said.append("control: token and preview travel unencrypted; set tls_cert and tls_key, or listen on 127.0.0.1")
    if control.enabled and control.token and len(control.token.get_secret_value()) < SHORT_TOKEN:
        said.append(
            f"control: a token of less than {SHORT_TOKEN} characters can be guessed; openssl rand -hex 16 makes one that cannot"
        )
    return said


def _weaknesses(camera: CameraSettings) -> Iterator[str]:
    privacy = camera.privacy
    if privacy.method.reversible:
        yield f"{privacy.method} is reversible: published attacks recover people from it; silhouette and solid resist them"
    strength, value = privacy.method.strength, privacy.strength
    if strength is not None and value is not None and strength.weaker(value):
        yield f"{strength.setting} = {value} hides less than the usual {strength.usual}, against which attacks were tried"
    if Target.BODY not in privacy.targets:
        yield "bodies stay visible: clothes and gait identify people too"
    if not {Target.HEAD, Target.BODY} & set(privacy.targets):
        yield "only faces are looked for: a head seen from behind, or too small for a face, stays visible"
    if privacy.badges:
        yield "whoever wears one of the badges is shown unhidden while it is seen, and anybody can print one"
    yield from _zones(privacy.zones)
    if camera.encoding.codec is not VideoCodec.H264 and any(isinstance(sink, whep_sink.Options) for sink in camera.sinks):
        yield f"viewers over WebRTC (whep) are refused: they need h264, and encoding.codec is {camera.encoding.codec}"
    yield from _open_doors(camera)
    if camera.audio is AudioPolicy.PASS:
        yield "sound passes unchanged: voices identify people"
    if camera.audio is AudioPolicy.DISGUISE:
        yield "disguised voices are still understood, and who has disguised samples of them tells them apart"


def _zones(zones: Iterable[ZoneSettings]) -> Iterator[str]:
    """Parts of the picture in which people are shown."""
    for zone in zones:
        if zone.kind is not ZoneKind.COVERED:
            named = f"the {zone.kind} zone {zone.name or 'without a name'}"
            over = zone.until is not None and zone.until <= datetime.now(UTC)
            yield f"{named} is over, and shows nobody" if over else f"whoever is in {named} is shown unhidden"


def _open_doors(camera: CameraSettings) -> Iterator[str]:
    """Ends at which anybody may call, or answer in place of the camera."""
    ends: list[tuple[str, AnySource | AnySink]] = [("source", camera.source), *(("sink", sink) for sink in camera.sinks)]
    for kind, end in ends:
        if isinstance(end, rtsp.Options | rtmp_source.Options) and not end.verify:
            yield f"{kind}: no certificate is checked: somebody between could send another picture"
        if isinstance(end, srt_source.Options | srt_sink.Options):
            address = end.address()
            if address.listener and not address.passphrase:
                yield f"{kind} {address.name} has no passphrase: whoever reaches the port may call"
