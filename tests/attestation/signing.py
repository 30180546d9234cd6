"""A device that signs, and what leaves it: real frames, the real encoders, real claims."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from proxy.anonymiser import AnonymisedFrame
from proxy.attestation.claim import OWNER
from proxy.attestation.keys import DeviceKey
from proxy.attestation.notary import Device, Notary
from proxy.encoding.annexb import START, nal_units
from proxy.encoding.options import Options, Preset
from proxy.encoding.packet import EncodedPacket, VideoCodec
from proxy.encoding.programme import Programme, SoundTrack
from proxy.encoding.userdata import is_message, payloads
from tests.programmes import STEP, every, pictures

KEY = DeviceKey.new()
POLICY = {"targets": ["face", "head", "body"], "method": "silhouette", "lookback_ms": 400}
NOON_MS = 1_790_000_000_000
GOP = 10
"""Pictures between two keyframes of :func:`signed`."""


def device(key: DeviceKey = KEY, *, camera: str = "door", live: bool = True, policy: dict[str, object] | None = None) -> Device:
    return Device(key, camera, live, policy or POLICY, {"yunet": "8f2383e4d3dcfbb4"}, "veilcast test")  # type: ignore[arg-type]


class Clock:
    """A wall clock that shows ``step_ms`` more each time it is looked at."""

    def __init__(self, start_ms: int = NOON_MS, step_ms: int = GOP * 40) -> None:
        self.now_ms, self._step_ms = start_ms, step_ms

    def __call__(self) -> int:
        self.now_ms += self._step_ms
        return self.now_ms


def signed(
    count: int = 50,
    *,
    codec: VideoCodec = VideoCodec.H264,
    by: Device | None = None,
    clock: Clock | None = None,
    frames: Iterable[AnonymisedFrame] | None = None,
    shade: int = 0,
    preset: Preset = Preset.SUPERFAST,
) -> tuple[list[EncodedPacket], Notary]:
    """The packets of a programme of ``count`` pictures, 25 a second, ``GOP`` to a GOP, and who signed them.

    Another ``shade`` makes other pictures, another ``preset`` other bytes of the same pictures.
    """
    by = by or device()
    notary = Notary(by, now_ms=clock or Clock())
    options = Options(codec=codec, gop_s=GOP / 25, preset=preset)
    programme = Programme(options, live=by.live, sound=SoundTrack.NEVER, witness=notary)
    packets: list[EncodedPacket] = []
    last = None
    shown = islice(pictures(every(STEP, count + shade, first=-shade * STEP)), shade, None)
    for frame in frames if frames is not None else shown:
        packets += programme.encode(frame)
        last = frame
    return packets + programme.flush(last if programme.repeats_last else None), notary


def carried(packet: EncodedPacket) -> list[str]:
    """The signed texts in a packet."""
    codec = packet.streams.video.codec
    units = [unit for unit in nal_units(packet.data) if is_message(unit, codec)]
    return [said.decode() for unit in units for said in payloads(unit, codec, OWNER)]


def groups(packets: list[EncodedPacket]) -> list[list[EncodedPacket]]:
    """The packets, cut at keyframes."""
    begins = [at for at, packet in enumerate(packets) if packet.keyframe]
    return [packets[begin:end] for begin, end in zip(begins, [*begins[1:], len(packets)], strict=True)]


def bare(packet: EncodedPacket) -> bytes:
    """A packet's bytes without a single message."""
    codec = packet.streams.video.codec
    return b"".join(START + unit for unit in nal_units(packet.data) if not is_message(unit, codec))
