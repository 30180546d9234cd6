"""Options for encoders, by name."""

from fractions import Fraction

import pytest

from proxy.encoding.codecs import HARDWARE, SOFTWARE, codec_of, plan
from proxy.encoding.options import Options, Preset
from proxy.encoding.packet import VideoCodec
from proxy.media.formats import VideoFormat

HD = VideoFormat(1920, 1080)
RATE = Fraction(30)
NAMES = [*SOFTWARE.values(), *HARDWARE[VideoCodec.H264], *HARDWARE[VideoCodec.HEVC], *HARDWARE[VideoCodec.AV1]]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("live", [True, False])
def test_no_encoder_makes_b_frames_and_none_cuts_the_gop_short_of_the_forced_keyframes(name, live):
    how = plan(name, Options(gop_s=2), HD, rate=RATE, live=live)
    told = how.private.get("x265-params", "") + how.private.get("svtav1-params", "")
    assert how.private.get("bf") == "0" or "bframes=0" in told or "pred-struct=1" in told
    assert how.gop_size > 2 * RATE


def test_live_is_bounded_in_bitrate_and_a_file_is_constant_in_quality():
    live = plan("libx264", Options(), HD, rate=RATE, live=True)
    file = plan("libx264", Options(quality=20), HD, rate=RATE, live=False)
    assert (live.bitrate_kbps, live.private["tune"]) == (4500, "zerolatency")
    assert (file.bitrate_kbps, file.private["crf"]) == (None, "20")
    assert "crf" not in live.private


def test_newer_codecs_need_less_and_an_explicit_bitrate_always_wins():
    assert plan("libx265", Options(codec="hevc"), HD, rate=RATE, live=True).bitrate_kbps == 3150
    assert plan("libsvtav1", Options(codec="av1"), HD, rate=RATE, live=True).bitrate_kbps == 2700
    assert plan("libx265", Options(codec="hevc", bitrate_kbps=777), HD, rate=RATE, live=False).bitrate_kbps == 777


def test_the_preset_reaches_the_software_encoders():
    told = {
        name: plan(name, Options(preset=Preset.VERYFAST), HD, rate=RATE, live=True).private["preset"] for name in SOFTWARE.values()
    }
    assert told == {"libx264": "veryfast", "libx265": "veryfast", "libsvtav1": "9"}


def test_av1_has_a_scale_of_quality_of_its_own_and_keeps_live_presets_for_live_pictures():
    file = plan("libsvtav1", Options(codec="av1", quality=51, preset=Preset.ULTRAFAST), HD, rate=RATE, live=False)
    assert (file.private["crf"], file.private["preset"]) == ("63", "9")
    assert plan("libsvtav1", Options(codec="av1", preset=Preset.ULTRAFAST), HD, rate=RATE, live=True).private["preset"] == "11"


def test_an_encoder_is_known_by_its_codec_and_by_being_hardware():
    assert [codec_of(name) for name in ("libx264", "h264_nvenc", "libx265", "hevc_qsv")] == ["h264", "h264", "hevc", "hevc"]
    assert [codec_of(name) for name in ("libsvtav1", "av1_qsv")] == ["av1", "av1"]
    assert [plan(name, Options(), HD, rate=RATE, live=True).hardware for name in ("libx264", "h264_qsv")] == [False, True]
