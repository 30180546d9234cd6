"""One camera's settings become the objects of its walk."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import UTC
from importlib.metadata import version
from typing import Final, assert_never

from pydantic import JsonValue

from proxy.anonymiser import Anonymiser
from proxy.attestation.keys import DeviceKey
from proxy.attestation.notary import Device, Notary
from proxy.attestation.text import canonical, fingerprint
from proxy.control.history import Consent
from proxy.detectors.badges import Badges
from proxy.detectors.suite import Suite
from proxy.detectors.suite import build as build_suite
from proxy.encoding.programme import Programme, SoundTrack
from proxy.encoding.stills import Stills
from proxy.masking.cadence import Cadence
from proxy.masking.lookback import F64, LookBack
from proxy.masking.passes import Pass
from proxy.masking.zones import Zone, ZoneKind, agreed, clear, exempted
from proxy.media.planes import Planes
from proxy.media.time import ms_to_ticks
from proxy.pipeline.camera import Camera
from proxy.pipeline.clock import ProgrammeClock
from proxy.pipeline.examine import Examiner
from proxy.pipeline.stages.anonymise import Anonymise
from proxy.pipeline.stages.encode import Encode
from proxy.pipeline.stages.ingest import SoundLine
from proxy.pipeline.stages.publish import Publish
from proxy.redactors.zones import CoveredZones
from proxy.settings.camera import CameraSettings, ZoneSettings
from proxy.settings.plugins import AnySink, AnySource
from proxy.signs.board import Board
from proxy.sinks import file as file_sink
from proxy.sinks import hls, null, rtmp
from proxy.sinks import mjpeg as mjpeg_sink
from proxy.sinks import rtsp as rtsp_sink
from proxy.sinks import srt as srt_sink
from proxy.sinks import whep as whep_sink
from proxy.sinks import whip as whip_sink
from proxy.sinks.protocol import Sink
from proxy.sources import device, mjpeg, rtsp
from proxy.sources import file as file_source
from proxy.sources import hls as hls_source
from proxy.sources import rtmp as rtmp_source
from proxy.sources import srt as srt_source
from proxy.sources import whep as whep_source
from proxy.sources import whip as whip_source
from proxy.sources.protocol import Source
from proxy.telemetry.events import ClaimMade, Event, FramesDropped, Observer
from proxy.vision.detections import Detections
from proxy.voices.policy import AudioPolicy

LIVE_DEADLINE_S: Final = 1.5
OFFLINE_DEADLINE_S: Final = 60.0
"""How long a pass may take, in seconds, and where nobody waits for the picture."""
LIVE_SLACK_MS: Final = 30.0
"""Live, a frame waits for looks at frames up to the look-back less this after it: longer than looks are apart, also where frames
between them were dropped, so that it leaves a little late rather than covered whole."""
OFFLINE_SLACK_MS: Final = 100.0


def build_camera(settings: CameraSettings, *, observer: Observer, give_up_at_first: bool) -> tuple[Camera, Suite]:
    """The camera, ready to run, and its detectors, which whoever runs it closes.

    Raises:
        ConfigError: a sign cannot be made.
        ModelError: a weight file is missing, altered or unusable.
        ConfigError: the device key cannot be used.
    """
    live = open_source(settings.source, sound=False).live
    decodes_sound = settings.audio.needs_sound or (settings.audio is AudioPolicy.SILENCE and not live)
    zones = tuple(zone.zone() for zone in settings.privacy.zones)
    name, privacy, policy = settings.name, settings.privacy, settings.privacy.policy()
    suite = build_suite(privacy.accuracy, bodies=Pass.BODIES in policy.passes, device=settings.device, threads=settings.threads)
    clock = ProgrammeClock(delay=ms_to_ticks(privacy.lookback_ms)) if live else None
    anonymise = Anonymise(
        name,
        Examiner(name, suite.detectors, suite.detail, observer, deadline_s=LIVE_DEADLINE_S if live else OFFLINE_DEADLINE_S),
        LookBack(policy, lambda: agreed(zones, now_s=time.time())),
        Cadence(policy),
        Anonymiser(
            privacy.method.build(privacy.strength),
            settings.audio,
            signs=Board(settings.signs),
            zones=CoveredZones(zones) if zones else None,
        ),
        SoundLine(),
        observer,
        lookback_ms=privacy.lookback_ms,
        live=live,
        slack_ms=LIVE_SLACK_MS if live else OFFLINE_SLACK_MS,
        exempt=exempting(zones),
        badges=badges_outside(zones, Badges(privacy.badges)),
    )
    notary = build_notary(settings, suite, live=live)
    programme = Programme(settings.encoding, live=live, sound=sound_track(settings.audio, live=live), witness=notary)
    stills = next((Stills(quality=sink.quality) for sink in settings.sinks if isinstance(sink, mjpeg_sink.Options)), Stills())
    sinks = [open_sink(options, programme.ask_keyframe, stills) for options in settings.sinks]
    publishers = tuple(
        Publish(name, sink, sink.name, live, observer, essential(options))
        for sink, options in zip(sinks, settings.sinks, strict=True)
    )
    encode = Encode(name, programme, [publisher.channel for publisher in publishers], observer, _claims_of(notary, name), stills)
    camera = Camera(
        name,
        lambda: open_source(settings.source, sound=decodes_sound),
        clock,
        anonymise,
        encode,
        publishers,
        _drops_noted(notary, observer),
        give_up_at_first,
        starting=settings.signs.starting_format if live else None,
    )
    return camera, suite


def exempting(zones: tuple[Zone, ...]) -> Callable[[Detections, int, int], Detections]:
    """Takes away from what a look found what lies in one of ``zones`` in which nobody is detected."""

    def exempt(found: Detections, width: int, height: int) -> Detections:
        return exempted(zones, found, width=width, height=height, now_s=time.time())

    return exempt


def badges_outside(zones: tuple[Zone, ...], badges: Badges) -> Callable[[Planes, F64], F64]:
    """Finds ``badges``, but for those in one of ``zones`` in which nobody is detected, nor then whoever wears them."""

    def seen_in(planes: Planes, where: F64) -> F64:
        height, width = planes.y.shape
        found = badges.seen_in(planes, where)
        return found[clear(zones, found, width=width, height=height, now_s=time.time())]

    return seen_in


def build_notary(settings: CameraSettings, suite: Suite, *, live: bool) -> Notary | None:
    """Who signs what leaves, where a key is set.

    Raises:
        ConfigError: the key cannot be used.
    """
    path = settings.attestation.key
    if path is None:
        return None
    policy = signed_policy(settings)
    models = {model.name: model.sha256 for model in suite.models}
    return Notary(Device(DeviceKey.load(path), settings.name, live, policy, models, f"veilcast {version('veilcast')}"))


def signed_policy(settings: CameraSettings) -> dict[str, JsonValue]:
    """By what people are hidden, as claims say it: everything that decides about it, and nothing about a person.

    Of zones it holds kind, end and a digest of the corners, so that a claim stays small; not who agreed, nor the name.
    """
    privacy = settings.privacy
    policy: dict[str, JsonValue] = privacy.model_dump(mode="json", exclude={"zones"})
    if privacy.zones:
        policy["zones"] = [_signed_zone(zone) for zone in privacy.zones]
    return policy | {"reversible": privacy.method.reversible, "audio": str(settings.audio)}


def _signed_zone(zone: ZoneSettings) -> dict[str, JsonValue]:
    until = None if zone.until is None else zone.until.astimezone(UTC).isoformat()
    return {"kind": str(zone.kind), "until": until, "points_sha256": _digest(zone)}


def _digest(zone: ZoneSettings) -> str:
    return fingerprint(canonical({"points": zone.points}))


def consents_of(settings: CameraSettings) -> list[Consent]:
    """Who agreed to be seen in which zones of a camera, for the record on this machine: never for claims, streams or metrics."""
    zones = [zone for zone in settings.privacy.zones if zone.kind is ZoneKind.CONSENT and zone.until is not None]
    return [Consent(zone.name, zone.who, int(zone.until.timestamp()), _digest(zone)) for zone in zones if zone.until]


def _claims_of(notary: Notary | None, camera: str) -> Callable[[], Iterable[ClaimMade]]:
    if notary is None:
        return tuple
    return lambda: [ClaimMade(camera, signed.claim.seq, signed.text) for signed in notary.take()]


def _drops_noted(notary: Notary | None, observer: Observer) -> Observer:
    """``observer``, with the frames that were left out told to ``notary`` too."""
    if notary is None:
        return observer

    def observe(event: Event) -> None:
        if isinstance(event, FramesDropped):
            notary.dropped(event.count)
        observer(event)

    return observe


def open_source(options: AnySource, *, sound: bool) -> Source:
    """The way in that ``options`` describe; ``sound`` is whether it decodes any."""
    match options:
        case rtsp.Options():
            return rtsp.RtspSource(options, sound=sound)
        case whip_source.Options():
            return whip_source.WhipSource(options, sound=sound)
        case whep_source.Options():
            return whep_source.WhepSource(options, sound=sound)
        case mjpeg.Options():
            return mjpeg.MjpegSource(options)
        case hls_source.Options():
            return hls_source.HlsSource(options, sound=sound)
        case rtmp_source.Options():
            return rtmp_source.RtmpSource(options, sound=sound)
        case srt_source.Options():
            return srt_source.SrtSource(options, sound=sound)
        case file_source.Options():
            return file_source.FileSource(options, sound=sound)
        case device.Options():
            return device.DeviceSource(options)
        case _:
            assert_never(options)


def open_sink(options: AnySink, ask_keyframe: Callable[[], None] = lambda: None, stills: Stills | None = None) -> Sink:
    """The way out that ``options`` describe.

    Args:
        options: of the sink.
        ask_keyframe: asks the encoder for a picture with which a viewer can begin.
        stills: the programme's JPEG pictures.
    """
    match options:
        case rtmp.Options():
            return rtmp.RtmpSink(options)
        case rtsp_sink.Options():
            return rtsp_sink.RtspSink(options)
        case srt_sink.Options():
            return srt_sink.SrtSink(options)
        case hls.Options():
            return hls.HlsSink(options)
        case file_sink.Options():
            return file_sink.FileSink(options)
        case whip_sink.Options():
            return whip_sink.WhipSink(options, ask_keyframe)
        case whep_sink.Options():
            return whep_sink.WhepSink(options, ask_keyframe)
        case mjpeg_sink.Options():
            return mjpeg_sink.MjpegSink(options, stills or Stills())
        case null.Options():
            return null.NullSink(options)
        case _:
            assert_never(options)


def essential(options: AnySink) -> bool:
    """Whether a camera is worth running for such a sink alone."""
    return not isinstance(options, hls.Options | whep_sink.Options) or options.essential


def sound_track(audio: AudioPolicy, *, live: bool) -> SoundTrack:
    """Whether the programme has a sound track: live platforms want one, a file has one where its input had one."""
    if audio is AudioPolicy.DROP:
        return SoundTrack.NEVER
    return SoundTrack.ALWAYS if live else SoundTrack.AS_INPUT
