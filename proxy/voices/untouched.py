"""Sound as it came: voices identify people, so choosing this is warned about."""

from __future__ import annotations

from proxy.media.raw import RawAudio
from proxy.voices.protocol import Treated


class Untouched:
    """Copies."""

    def put(self, block: RawAudio) -> list[Treated]:
        """See :class:`~proxy.voices.protocol.Voices`."""
        return [Treated(block.samples.copy(), block.format, block.pts)]

    def end(self) -> list[Treated]:
        """Nothing is held back."""
        return []
