"""A programme as FLV tags, those of each packet as soon as it is there.

1. A muxer of two streams holds every picture until sound follows it, for up to a second. So pictures and sound have a muxer each,
   which holds nothing, and one of both only describes them.
2. Sound from before the first picture is left out.
"""

from __future__ import annotations

from typing import Final

from proxy.encoding.packet import EncodedPacket, StreamSet
from proxy.sinks._rtmp.session import DATA
from proxy.sinks._rtmp.tags import Tag, TagWriter
from proxy.sinks.mux import Muxer

_OPTIONS: Final = {"flvflags": "no_duration_filesize"}


class Tagger:
    """Makes the tags of one programme.

    Args:
        streams: the programme.
        origin: ticks that become 0.
    """

    def __init__(self, streams: StreamSet, *, origin: int) -> None:
        self._origin = origin
        self._head = _description(streams)
        self._pictures, self._sounds = TagWriter(), TagWriter()
        alone = StreamSet(streams.video, None)
        self._video = Muxer(self._pictures, "flv", alone, options=_OPTIONS, origin=origin)
        self._audio: Muxer | None = None
        if streams.audio is not None:
            self._audio = Muxer(self._sounds, "flv", streams, options=_OPTIONS, origin=origin, pictures=False)

    def write(self, packet: EncodedPacket) -> list[Tag]:
        """The tags of one packet of the programme, and before the first one those that describe it.

        Raises:
            av.FFmpegError: a muxer refused the packet.
        """
        if packet.is_video:
            self._video.write(packet)
        elif self._audio is not None and packet.dts >= self._origin:
            self._audio.write(packet)
        return self._taken()

    def close(self) -> list[Tag]:
        """The tags with which the programme ends.

        Raises:
            av.FFmpegError: a muxer refused.
        """
        self._video.close()
        if self._audio is not None:
            self._audio.close()
        return self._taken()

    def _taken(self) -> list[Tag]:
        head, self._head = self._head, []
        return head + [tag for made in (self._pictures, self._sounds) for tag in made.take() if tag.kind != DATA]


def _description(streams: StreamSet) -> list[Tag]:
    writer = TagWriter()
    Muxer(writer, "flv", streams, options=_OPTIONS).begin()
    return [tag for tag in writer.take() if tag.kind == DATA]
