"""Which ways there are to treat sound, by name."""

from __future__ import annotations

from enum import StrEnum

from proxy.voices.disguise import Disguise
from proxy.voices.mute_speech import MuteSpeech
from proxy.voices.protocol import Voices
from proxy.voices.silence import Silence
from proxy.voices.untouched import Untouched


class AudioPolicy(StrEnum):
    """What becomes of sound."""

    SILENCE = "silence"
    MUTE_SPEECH = "mute-speech"
    DISGUISE = "disguise"
    PASS = "pass"
    DROP = "drop"

    @property
    def needs_sound(self) -> bool:
        """Whether what is heard decides what leaves, so that the input's sound has to be decoded."""
        return self not in (AudioPolicy.SILENCE, AudioPolicy.DROP)

    def build(self) -> Voices | None:
        """What treats the sound of one session; ``None`` where none leaves.

        Raises:
            Exception: anything; the session is silent then.
        """
        match self:
            case AudioPolicy.SILENCE:
                return Silence()
            case AudioPolicy.MUTE_SPEECH:
                return MuteSpeech()
            case AudioPolicy.DISGUISE:
                return Disguise()
            case AudioPolicy.PASS:
                return Untouched()
            case AudioPolicy.DROP:
                return None
