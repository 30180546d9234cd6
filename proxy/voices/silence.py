"""Silence in place of sound: nothing of what was said is left."""

from __future__ import annotations

import numpy as np

from proxy.media.raw import RawAudio
from proxy.voices.protocol import Treated


class Silence:
    """Gives as much silence as there was sound."""

    def put(self, block: RawAudio) -> list[Treated]:
        """See :class:`~proxy.voices.protocol.Voices`."""
        return [Treated(np.zeros_like(block.samples), block.format, block.pts)]

    def end(self) -> list[Treated]:
        """Nothing is held back."""
        return []
