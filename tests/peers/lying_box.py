"""Edge boxes that lie: they sign raw pictures as if everybody in them were hidden, or show others' claims about them.

Everything but the hiding is the product's own: decoder, encoder, claims and RTMP.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Final

from pydantic import JsonValue

from proxy.anonymiser import AnonymisedFrame, Anonymiser
from proxy.attestation.keys import DeviceKey
from proxy.attestation.notary import Device, Notary
from proxy.encoding.options import Options as EncodingSettings
from proxy.encoding.packet import EncodedPacket
from proxy.encoding.programme import Programme, SoundTrack
from proxy.encoding.video import AccessUnit
from proxy.masking.plan import CoverRegions
from proxy.media.raw import RawFrame
from proxy.media.time import TICKS_PER_SECOND
from proxy.redactors.solid import Solid
from proxy.settings.camera import PrivacySettings
from proxy.sinks import rtmp
from proxy.sources import file as file_source
from proxy.voices.policy import AudioPolicy

POLICY: Final[dict[str, JsonValue]] = {**PrivacySettings().model_dump(mode="json"), "reversible": False, "audio": "silence"}
"""What a box says that hides as it should."""


class Grafted:
    """A witness whose claims are signed as they should be, and are about other pictures than those they travel with."""

    def __init__(self, notary: Notary) -> None:
        self._notary = notary

    def picture(self, frame: AnonymisedFrame, *, pts: int, repeated: bool) -> None:
        self._notary.picture(frame, pts=pts, repeated=repeated)

    def leaves(self, unit: AccessUnit, *, last: bool) -> list[bytes]:
        other = unit.data[:-1] + bytes([unit.data[-1] ^ 0x55])
        return self._notary.leaves(replace(unit, data=other), last=last)


@contextmanager
def lying_box(
    clip: Path, url: str, *, key: Path, camera: str, sent: Path, grafted: bool = False, gop_s: float = 0.5
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that publishes ``clip`` as ``camera``, again and again at the pace of the world, signed with ``key``.

    Args:
        clip, url, key, camera: what, where, and in whose name.
        sent: the file that gets everything which was sent.
        grafted: whether its claims are about other pictures.
        gop_s: how long it signs at a time.
    """
    command = [
        sys.executable,
        "-m",
        "tests.peers.lying_box",
        str(clip),
        str(key),
        camera,
        str(sent),
        "grafted" if grafted else "own",
        str(gop_s),
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        try:
            assert process.stdin is not None
            process.stdin.write(url.encode())
            process.stdin.close()
            yield process
        finally:
            process.kill()


async def _publish(clip: Path, url: str, device: Device, sent: BinaryIO, *, grafted: bool, gop_s: float) -> None:
    notary = Notary(device)
    witness = Grafted(notary) if grafted else notary
    programme = Programme(EncodingSettings(gop_s=gop_s), live=True, sound=SoundTrack.NEVER, witness=witness)

    async def packets() -> AsyncIterator[EncodedPacket]:
        async for packet in _raw(clip, programme):
            sent.write(packet.data)
            sent.flush()
            yield packet

    await rtmp.RtmpSink(rtmp.Options.from_url(url)).run(packets())


async def _raw(clip: Path, programme: Programme) -> AsyncIterator[EncodedPacket]:
    gate, begun, offset = Anonymiser(Solid(), AudioPolicy.SILENCE), time.monotonic(), 0
    while True:
        last = 0
        async for raw in file_source.FileSource(file_source.Options(path=clip), sound=False).frames():
            if not isinstance(raw, RawFrame):
                continue
            last = offset + raw.pts
            await asyncio.sleep(max(0.0, begun + last / TICKS_PER_SECOND - time.monotonic()))
            shown = RawFrame(raw.planes, raw.format, last, None, raw.arrived_ns)
            frame = gate.anonymise(shown, CoverRegions.nobody())
            packets = programme.encode(frame)
            frame.release()
            for packet in packets:
                yield packet
        offset = last + TICKS_PER_SECOND // 25


def main() -> None:
    """Lie as the arguments say, to the address on standard input."""
    clip, key, camera, sent, claims, gop_s = sys.argv[1:]
    device = Device(DeviceKey.load(Path(key)), camera, True, POLICY, {"yunet": "8f2383e4dd3cfbb4"}, "veilcast 0.1.0")
    with Path(sent).open("wb") as out:
        asyncio.run(_publish(Path(clip), sys.stdin.read(), device, out, grafted=claims == "grafted", gop_s=float(gop_s)))


if __name__ == "__main__":
    main()
