"""Code that must not type-check: ways around the gate. Each ``# refused:`` names mypy's code for its line."""

from collections.abc import AsyncIterator

import numpy as np

from proxy.anonymiser import AnonymisedFrame, Anonymiser, ReleasedAudio
from proxy.encoding.audio import AudioEncoder
from proxy.encoding.packet import EncodedPacket
from proxy.encoding.programme import Programme
from proxy.encoding.video import VideoEncoder
from proxy.masking.plan import CoverFrame, CoverRegions, MaskPlan
from proxy.media.planes import Planes
from proxy.media.raw import RawAudio, RawFrame
from proxy.pipeline.channel import Channel
from proxy.redactors.protocol import Redactor
from proxy.sinks.protocol import Sink


def encode_a_raw_picture(encoder: VideoEncoder, programme: Programme, raw: RawFrame) -> None:
    encoder.encode(raw)  # refused: arg-type
    programme.encode(raw)  # refused: arg-type


def encode_raw_sound(encoder: AudioEncoder, programme: Programme, raw: RawAudio) -> None:
    encoder.encode(raw)  # refused: arg-type
    programme.encode_sound(raw)  # refused: arg-type


def rename_a_raw_picture(raw: RawFrame) -> AnonymisedFrame:
    return raw  # refused: return-value


def rename_raw_sound(raw: RawAudio) -> ReleasedAudio:
    return raw  # refused: return-value


def send_pictures_to_a_sink(frames: AsyncIterator[AnonymisedFrame], raws: AsyncIterator[RawFrame], sink: Sink) -> None:
    sink.run(frames)  # refused: arg-type, unused-coroutine
    sink.run(raws)  # refused: arg-type, unused-coroutine


async def send_raw_down_the_channel(channel: Channel[AnonymisedFrame], packets: Channel[EncodedPacket], raw: RawFrame) -> None:
    await channel.send(raw)  # refused: arg-type
    await packets.send(raw)  # refused: arg-type


def anonymise_without_a_plan(gate: Anonymiser, raw: RawFrame) -> None:
    gate.anonymise(raw)  # refused: call-arg
    gate.anonymise(raw, None)  # refused: arg-type
    gate.anonymise(raw, np.zeros((0, 4), np.float32))  # refused: arg-type


def anonymise_twice(gate: Anonymiser, frame: AnonymisedFrame, plan: MaskPlan) -> None:
    gate.anonymise(frame, plan)  # refused: arg-type


def a_cover_without_a_reason() -> MaskPlan:
    return CoverFrame()  # refused: call-arg


def a_third_case(plan: MaskPlan) -> CoverFrame | CoverRegions:
    if isinstance(plan, CoverFrame):
        return plan
    return None  # refused: return-value


def change_a_sealed_frame(frame: AnonymisedFrame, planes: Planes) -> None:
    frame.pts = 1  # refused: misc
    frame.cover = None  # refused: misc
    frame.planes = planes  # refused: attr-defined


class NoRedactor:
    def paint(self, planes: Planes) -> None: ...


def gate_without_a_redactor() -> Redactor:
    Anonymiser(NoRedactor())  # refused: arg-type
    return NoRedactor()  # refused: return-value


class Heir(AnonymisedFrame):  # refused: misc
    pass
