"""Ambience without speech: what a voice-activity detector takes for speech is muted, from before its beginning until after its end.

1. Sound waits for ``HELD_S`` at most, so that what precedes the first syllable is muted too. Pictures wait longer anyway.
2. What was not heard to the end is muted as speech is.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from proxy.media.formats import AudioFormat
from proxy.media.raw import RawAudio
from proxy.voices.protocol import Treated
from proxy.voices.spans import Spans
from proxy.voices.speech import CHUNK, RATE, SpeechDetector
from proxy.voices.waiting import Waiting

LEAD_S: Final = 0.3
HANGOVER_S: Final = 0.5
RAMP_S: Final = 0.02
HELD_S: Final = LEAD_S + RAMP_S + 2 * CHUNK / RATE
"""The longest that sound waits, seconds: a lead, a fade and up to two verdicts."""


class MuteSpeech:
    """Mutes the speech of one session."""

    def __init__(self) -> None:
        self._line: _Line | None = None

    def put(self, block: RawAudio) -> list[Treated]:
        """See :class:`~proxy.voices.protocol.Voices`."""
        ready = []
        if self._line is None or self._line.format != block.format:
            ready = self.end()
            self._line = _Line(block.format)
        return ready + self._line.put(block)

    def end(self) -> list[Treated]:
        """Everything still inside."""
        line, self._line = self._line, None
        return line.end() if line else []


class _Line:
    """Sound of one format."""

    def __init__(self, shape: AudioFormat) -> None:
        self.format = shape
        rate = shape.sample_rate
        self._detector = SpeechDetector(shape)
        self._spans = Spans(lead=round(LEAD_S * rate), hangover=round(HANGOVER_S * rate), ramp=round(RAMP_S * rate))
        self._waiting = Waiting()
        self._verdicts = 0

    def put(self, block: RawAudio) -> list[Treated]:
        self._waiting.put(block)
        for is_speech in self._detector.hear(block.samples):
            begin = self._heard
            self._verdicts += 1
            if is_speech:
                self._spans.speech(begin, self._heard)
        return self._treated(self._heard - self._spans.ahead)

    def end(self) -> list[Treated]:
        self._spans.speech(self._heard, self._waiting.end)
        return self._treated(self._waiting.end)

    @property
    def _heard(self) -> int:
        """Up to where it is known whether there is speech, samples of the line's own rate."""
        return self._verdicts * CHUNK * self.format.sample_rate // RATE

    def _treated(self, place: int) -> list[Treated]:
        return [self._muted(begin, block) for begin, block in self._waiting.until(place)]

    def _muted(self, begin: int, block: RawAudio) -> Treated:
        gains = self._spans.gains(begin, block.samples.shape[1])
        heard = np.multiply(block.samples, gains, out=np.zeros_like(block.samples), where=gains > 0)
        return Treated(heard, block.format, block.pts)
