"""Every policy that a user can name becomes a treatment."""

import pytest

from proxy.voices.disguise import Disguise
from proxy.voices.mute_speech import MuteSpeech
from proxy.voices.policy import AudioPolicy
from proxy.voices.silence import Silence
from proxy.voices.untouched import Untouched


@pytest.mark.parametrize(
    ("policy", "kind", "needs_sound"),
    [
        (AudioPolicy.SILENCE, Silence, False),
        (AudioPolicy.MUTE_SPEECH, MuteSpeech, True),
        (AudioPolicy.DISGUISE, Disguise, True),
        (AudioPolicy.PASS, Untouched, True),
        (AudioPolicy.DROP, type(None), False),
    ],
)
def test_each_policy_is_its_own_treatment_of_each_session(policy: AudioPolicy, kind: type, needs_sound: bool) -> None:
    assert type(policy.build()) is kind
    assert policy.needs_sound is needs_sound
    assert policy is AudioPolicy.DROP or policy.build() is not policy.build()
