"""What proof costs: ``python -m benchmarks.attestation``. bytes on the wire, and processor time for each group of pictures.

Encodes moving noise at a bitrate with a device key, live, through the product's own programme.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from pydantic import JsonValue

from benchmarks.machine import describe
from proxy.anonymiser import AnonymisedFrame, Anonymiser
from proxy.attestation.keys import DeviceKey
from proxy.attestation.notary import Device, Notary
from proxy.encoding.options import Options
from proxy.encoding.packet import NAL_CODECS, VideoCodec
from proxy.encoding.programme import Programme, SoundTrack
from proxy.encoding.video import AccessUnit
from proxy.masking.plan import CoverRegions
from proxy.media.formats import VideoFormat
from proxy.media.planes import Planes
from proxy.media.raw import RawFrame
from proxy.media.time import TICKS_PER_SECOND
from proxy.redactors.solid import Solid

SHAPE = VideoFormat(1280, 720)
RATE = 25
POLICY: Final[dict[str, JsonValue]] = {
    "targets": ["face", "head", "body"],
    "method": "silhouette",
    "accuracy": "balanced",
    "lookback_ms": 400,
    "hold_ms": 400,
    "reversible": False,
    "audio": "silence",
}
MODELS = dict.fromkeys(("yunet", "nanodet", "blazeface-full-range"), "0123456789abcdef")
DEVICE = Device(DeviceKey.new(), "entrance", True, POLICY, MODELS, "veilcast 0.1.0")
REPEATS = 20


class Keeping(Notary):
    """A notary that keeps what it saw, so that its work can be timed by itself afterwards."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.units: list[AccessUnit] = []

    def leaves(self, unit: AccessUnit, *, last: bool) -> list[bytes]:
        """As the notary does."""
        self.units.append(unit)
        return super().leaves(unit, last=last)


def group_ms(units: Sequence[AccessUnit]) -> Iterator[float]:
    """Processor time of a notary for each group of pictures, ms."""
    notary, began = Notary(DEVICE), time.thread_time_ns()
    for unit in units:
        if notary.leaves(unit, last=False):
            yield (time.thread_time_ns() - began) / 1e6
            began = time.thread_time_ns()


def frames(seconds: int) -> Iterator[AnonymisedFrame]:
    """Noise that moves: as hard to compress as any scene."""
    chance = np.random.default_rng(1)
    noise = chance.integers(60, 190, (SHAPE.height, SHAPE.width * 2), np.uint8)
    half = np.full((SHAPE.height // 2, SHAPE.width // 2), 128, np.uint8)
    gate = Anonymiser(Solid())
    for number in range(seconds * RATE):
        at = number * 7 % SHAPE.width
        planes = Planes(np.ascontiguousarray(noise[:, at : at + SHAPE.width]), half, half)
        raw = RawFrame(planes, SHAPE, number * TICKS_PER_SECOND // RATE, None, 0)
        yield gate.anonymise(raw, CoverRegions.nobody())


def encoded(options: Options, seconds: int, notary: Notary | None) -> int:
    """Bytes of the programme."""
    programme = Programme(options, live=True, sound=SoundTrack.NEVER, witness=notary)
    size, last = 0, None
    for frame in frames(seconds):
        size += sum(len(packet.data) for packet in programme.encode(frame))
        last = frame
    return size + sum(len(packet.data) for packet in programme.flush(last if notary else None))


def measure(codec: VideoCodec, kbps: int, seconds: int) -> dict[str, object]:
    """The figures of one codec."""
    options = Options(codec=codec, bitrate_kbps=kbps)
    notary = Keeping(DEVICE)
    signed, claims = encoded(options, seconds, notary), notary.take()
    carried = sum(len(claim.text) + 16 for claim in claims)
    times = sorted(ms for _ in range(REPEATS) for ms in group_ms(notary.units))
    return {
        "groups": len(claims),
        "kbps": round(signed * 8 / 1000 / seconds),
        "bytes_per_claim": round(carried / len(claims)),
        "share_of_bitrate": round(carried / signed, 5),
        "ms_per_group": {
            "least": round(times[0], 3),
            "median": round(statistics.median(times), 3),
            "p99": round(times[len(times) * 99 // 100], 3),
            "max": round(times[-1], 3),
        },
    }


def main(argv: Sequence[str] | None = None) -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.attestation", description=__doc__)
    parser.add_argument("--kbps", type=int, default=2000)
    parser.add_argument("--seconds", type=int, default=40)
    chosen = parser.parse_args(argv)
    figures = {str(codec): measure(codec, chosen.kbps, chosen.seconds) for codec in NAL_CODECS.values()}
    print(json.dumps({**describe(), "asked": vars(chosen), "figures": figures}, indent=2))


if __name__ == "__main__":
    main()
