"""What is announced is what comes, and nothing of the machine that sends."""

from __future__ import annotations

import base64

import pytest

from proxy.encoding.annexb import nal_units
from proxy.encoding.options import Options as Encoding
from proxy.encoding.programme import SoundTrack
from proxy.sinks._rtsp.sdp import control, described
from tests.programmes import STEP, encoded, every, pictures


def streams(codec: str, track: SoundTrack = SoundTrack.ALWAYS):
    return encoded(pictures(every(STEP, 3)), options=Encoding.model_validate({"codec": codec}), track=track)[0].streams


def test_h264_is_announced_with_its_parameter_sets() -> None:
    announced = streams("h264")
    text = described(announced)
    sets = [base64.b64encode(unit).decode() for unit in nal_units(announced.video.extradata)]
    assert f"sprop-parameter-sets={','.join(sets)}" in text
    assert "a=rtpmap:96 H264/90000\r\n" in text
    assert "profile-level-id=64" in text
    assert "a=rtpmap:97 MPEG4-GENERIC/48000/2\r\n" in text
    assert f"config={announced.audio.extradata.hex()}" in text


def test_hevc_is_announced_with_all_three() -> None:
    text = described(streams("hevc"))
    assert "a=rtpmap:96 H265/90000\r\n" in text
    for name in ("sprop-vps", "sprop-sps", "sprop-pps"):
        assert f"{name}=" in text


def test_a_programme_without_sound_announces_none_and_each_track_has_its_name() -> None:
    assert "m=audio" not in described(streams("h264", SoundTrack.NEVER))
    assert f"a=control:{control(1)}" in described(streams("h264"))


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_nothing_is_said_of_the_machine(codec: str) -> None:
    lines = described(streams(codec)).split("\r\n")
    assert lines[1:5] == ["o=- 0 0 IN IP4 0.0.0.0", "s=-", "c=IN IP4 0.0.0.0", "t=0 0"]
