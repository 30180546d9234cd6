"""What the gate asks of a way to treat sound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from proxy.media.formats import AudioFormat
from proxy.media.raw import RawAudio


@dataclass(frozen=True, slots=True)
class Treated:
    """Sound that the gate may release: ``samples`` is ``(channels, N)`` float32 in memory of its own, ``pts`` in ticks."""

    samples: NDArray[np.float32]
    format: AudioFormat
    pts: int


class Voices(Protocol):
    """Treats the sound of one session, block after block.

    Blocks come out as long as they went in and at the same times, none is missing, and none is held
    for more than half a second of sound.
    """

    def put(self, block: RawAudio) -> list[Treated]:
        """The blocks that became ready with ``block``; none shares memory with what was put.

        Raises:
            Exception: anything; the session is silent from then on.
        """
        ...

    def end(self) -> list[Treated]:
        """The blocks that are still inside. Nothing is put after this.

        Raises:
            Exception: anything; they are lost then.
        """
        ...
