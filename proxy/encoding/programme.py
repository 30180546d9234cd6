"""Pictures and sound of one camera become the packets of one programme.

1. A programme is described when its first keyframe is there; sound that is ready before then waits, bounded.
2. A picture of another format begins a new programme, with the same sound track.
3. A programme with sound always has some: where the camera gives none, there is silence, a little behind the pictures.
4. A witness sees everything that leaves. Live, the last picture is sent once more at the end, to carry its last word.
"""

from __future__ import annotations

from collections import deque
from enum import Enum, auto
from typing import Final

from proxy.anonymiser import AnonymisedFrame, ReleasedAudio
from proxy.encoding.audio import AudioEncoder, SoundUnit
from proxy.encoding.options import Options
from proxy.encoding.packet import EncodedPacket, StreamSet, make_packet
from proxy.encoding.video import AccessUnit, OpenedEncoder, VideoEncoder
from proxy.encoding.witness import Witness, Witnessed
from proxy.media.time import TICKS_PER_SECOND

SOUND_LAG: Final = TICKS_PER_SECOND // 2
"""How far silence stays behind the pictures while there is sound, so that sound which comes late still has its place."""

SOUND_GONE: Final = 3 * TICKS_PER_SECOND
"""Pictures without any sound for so long: silence keeps up with them from then on."""

UNDECIDED: Final = 5 * TICKS_PER_SECOND
"""How much of the programme is kept while it is not known whether the input has sound."""

_SOUND_UNITS_KEPT: Final = 512


class SoundTrack(Enum):
    """Whether a programme has a sound track."""

    NEVER = auto()
    ALWAYS = auto()
    """Live platforms ask for one: silence where the camera gives none."""
    AS_INPUT = auto()
    """As the input: decided by the first sound, or by the first pictures without any."""


class Programme:
    """The encoders of one camera.

    Args:
        options: what the user asked for.
        live: whether latency counts.
        sound: whether there is a sound track.
        witness: takes note of every picture and access unit.
    """

    def __init__(self, options: Options, *, live: bool, sound: SoundTrack, witness: Witness | None = None) -> None:
        self._video = VideoEncoder(options, live=live)
        self._witness = witness
        self._witnessed = Witnessed(witness, holds=not live) if witness is not None else None
        self._live = live
        self._options = options
        self._audio = AudioEncoder(options) if sound is SoundTrack.ALWAYS else None
        self._sound = self._audio.stream if self._audio else None
        self._fills = sound is SoundTrack.ALWAYS
        self._undecided = sound is SoundTrack.AS_INPUT
        self._streams: StreamSet | None = None
        self._heard: int | None = None
        self._pictures: deque[AccessUnit] = deque()
        self._sounds: deque[SoundUnit] = deque(maxlen=_SOUND_UNITS_KEPT)

    @property
    def live(self) -> bool:
        """Whether somebody waits for the picture."""
        return self._live

    @property
    def opened(self) -> OpenedEncoder | None:
        """The video encoder in use; another object each time one is opened."""
        return self._video.opened

    @property
    def repeats_last(self) -> bool:
        """Whether :meth:`flush` wants the last frame, unreleased."""
        return self._live and self._witness is not None

    def ask_keyframe(self, *, at_once: bool = False) -> None:
        """Make one of the coming pictures a keyframe; any thread may ask, as often as it likes. ``at_once`` it is the next one."""
        self._video.ask_keyframe(at_once=at_once)

    def encode(self, frame: AnonymisedFrame) -> list[EncodedPacket]:
        """Packets that became ready with ``frame``, which may be released when this returns.

        Raises:
            EncoderError: no encoder opened, or the one in use failed.
        """
        if self._witness is not None:
            self._witness.picture(frame, pts=frame.pts, repeated=False)
        units = self._video.encode(frame)
        self._pictures.extend(self._witnessed.passed(units) if self._witnessed is not None else units)
        if self._audio is not None:
            self._audio.start(frame.pts)
            if self._fills:
                self._sounds.extend(self._audio.silence_until(frame.pts - self._lag(frame.pts)))
        if self._undecided and self._pictures and frame.pts - self._pictures[0].pts > UNDECIDED:
            self._undecided = False
        return self._ready()

    def encode_sound(self, block: ReleasedAudio) -> list[EncodedPacket]:
        """Packets that became ready with ``block``; nothing where the programme has no sound track.

        Raises:
            EncoderError: the sound cannot be encoded.
        """
        if self._undecided:
            self._undecided = False
            self._audio = AudioEncoder(self._options)
            self._sound = self._audio.stream
            if self._pictures:
                self._audio.start(self._pictures[0].pts)
        if self._audio is None:
            return []
        self._sounds.extend(self._audio.encode(block))
        self._heard = block.pts
        return self._ready()

    def flush(self, last: AnonymisedFrame | None = None) -> list[EncodedPacket]:
        """Everything still inside; the programme is over. ``last`` is the last frame, where :attr:`repeats_last` asks for it.

        Raises:
            EncoderError: an encoder failed.
        """
        self._undecided = False
        self._pictures.extend(self._last_units(last))
        if self._audio is not None:
            self._sounds.extend(self._audio.flush())
            self._audio = None
        return self._ready()

    def _last_units(self, last: AnonymisedFrame | None) -> list[AccessUnit]:
        if self._witness is None or self._witnessed is None:
            return self._video.flush()
        repeated: list[AccessUnit] = []
        if last is not None and (pts := self._video.next_pts) is not None:
            self._witness.picture(last, pts=pts, repeated=True)
            repeated = self._video.repeat(last, pts=pts)
        return self._witnessed.ended(repeated + self._video.flush())

    def _lag(self, pts: int) -> int:
        return SOUND_LAG if self._heard is not None and pts - self._heard < SOUND_GONE else 0

    def _ready(self) -> list[EncodedPacket]:
        """Seal what waits, pictures and sound in the order of their times."""
        if self._undecided:
            return []
        packets: list[EncodedPacket] = []
        while self._pictures:
            unit = self._pictures.popleft()
            packets += self._sounds_before(unit.pts)
            packets.append(_picture_packet(unit, self._described(unit)))
        return packets + self._sounds_before(None)

    def _sounds_before(self, pts: int | None) -> list[EncodedPacket]:
        packets: list[EncodedPacket] = []
        while self._streams is not None and self._sounds and (pts is None or self._sounds[0].pts < pts):
            packets.append(_sound_packet(self._sounds.popleft(), self._streams))
        return packets

    def _described(self, unit: AccessUnit) -> StreamSet:
        if self._streams is None or self._streams.video is not unit.stream:
            self._streams = StreamSet(unit.stream, self._sound)
        return self._streams


def _picture_packet(unit: AccessUnit, streams: StreamSet) -> EncodedPacket:
    return make_packet(
        unit.data,
        pts=unit.pts,
        dts=unit.pts,
        duration=unit.duration,
        keyframe=unit.keyframe,
        is_video=True,
        streams=streams,
        captured_ns=unit.captured_ns,
        arrived_ns=unit.arrived_ns,
    )


def _sound_packet(unit: SoundUnit, streams: StreamSet) -> EncodedPacket:
    return make_packet(
        unit.data, pts=unit.pts, dts=unit.pts, duration=unit.duration, keyframe=True, is_video=False, streams=streams
    )
