"""Settings of compression are checked at the door."""

import pytest
from pydantic import ValidationError

from proxy.encoding.options import Options, Preset
from proxy.encoding.packet import VideoCodec


def test_a_broadcaster_needs_to_set_nothing():
    chosen = Options()
    assert (chosen.codec, chosen.encoder, chosen.preset, chosen.gop_s) == (VideoCodec.H264, "auto", Preset.SUPERFAST, 2.0)


@pytest.mark.parametrize("wrong", [{"codec": "vp8"}, {"gop_s": 0}, {"bitrate_kbps": 1}, {"encoder": "x;y"}, {"unknown": 1}])
def test_what_no_encoder_could_do_is_refused(wrong):
    with pytest.raises(ValidationError):
        Options(**wrong)
