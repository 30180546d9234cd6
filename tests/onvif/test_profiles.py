"""The right stream is taken, at the address that was asked."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.onvif.profiles import Profile, best, camera_name, profiles, with_credentials
from proxy.onvif.soap import Credentials, parsed

ANSWER = b"""<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:trt="urn:m" xmlns:tt="urn:s">
<s:Body><trt:GetProfilesResponse>
<trt:Profiles token="main"><tt:Name>Main</tt:Name><tt:VideoEncoderConfiguration token="e"><tt:Encoding>H264</tt:Encoding>
<tt:Resolution><tt:Width>2560</tt:Width><tt:Height>1440</tt:Height></tt:Resolution>
<tt:RateControl><tt:FrameRateLimit>25</tt:FrameRateLimit></tt:RateControl></tt:VideoEncoderConfiguration></trt:Profiles>
<trt:Profiles token="sound"><tt:Name>Sound</tt:Name></trt:Profiles>
<trt:Profiles token="odd"><tt:Name>Odd</tt:Name><tt:VideoEncoderConfiguration><tt:Encoding>MPV4-ES</tt:Encoding>
<tt:Resolution><tt:Width>many</tt:Width><tt:Height>-1</tt:Height></tt:Resolution></tt:VideoEncoderConfiguration></trt:Profiles>
</trt:GetProfilesResponse></s:Body></s:Envelope>"""


def profile(token: str, codec: str, width: int, height: int) -> Profile:
    return Profile(token, token, codec, width, height, 25.0)


def test_profiles_with_a_picture_are_read_and_nonsense_is_unknown() -> None:
    main, odd = profiles(parsed(ANSWER))
    assert main == Profile("main", "Main", "H264", 2560, 1440, 25.0)
    assert (odd.codec, odd.width, odd.height, odd.size) == ("MPV4-ES", 0, 0, "unknown size")


def test_the_largest_picture_up_to_1080_rows_is_taken() -> None:
    offered = [profile("4k", "H264", 3840, 2160), profile("hd", "H264", 1920, 1080), profile("sd", "H264", 640, 360)]
    assert best(offered) == offered[1]
    assert best([offered[0], profile("5k", "H264", 5120, 2880)]) == offered[0]
    assert best([]) is None


def test_of_two_alike_the_cheaper_codec_is_taken_and_unknown_ones_last() -> None:
    hevc, jpeg, avc = (profile(name, name, 1280, 720) for name in ("H265", "JPEG", "H264"))
    assert best([hevc, jpeg, avc]) == avc
    assert best([jpeg, hevc]) == hevc
    assert best([profile("x", "MPV4-ES", 1920, 1080), profile("small", "JPEG", 320, 240)]) == profile("small", "JPEG", 320, 240)


@given(st.text(min_size=1, max_size=20).filter(str.isprintable), st.text(max_size=20).filter(str.isprintable))
def test_a_user_and_password_of_any_letters_come_back_out_of_the_url(user: str, password: str) -> None:
    url = with_credentials("rtsp://10.0.0.1:554/a?b=c", Credentials(user, password), host="camera")
    parts = urlsplit(url)
    assert (unquote(parts.username or ""), unquote(parts.password or "")) == (user, password)
    assert (parts.hostname, parts.port, parts.path, parts.query) == ("camera", 554, "/a", "b=c")


def test_a_stream_is_taken_where_the_camera_was_asked() -> None:
    assert with_credentials("rtsp://192.168.0.2/x", None, host="fe80::1") == "rtsp://[fe80::1]/x"
    assert with_credentials("rtsp://user:old@10.0.0.1/x", None, host="h") == "rtsp://h/x"


@pytest.mark.parametrize("uri", ["", "http://h/x", "rtsp:///x", "file:///etc/passwd"])
def test_what_is_no_stream_is_refused(uri: str) -> None:
    with pytest.raises(ValueError, match="no RTSP address"):
        with_credentials(uri, None, host="h")


@given(st.text(max_size=80), st.text(max_size=80))
def test_a_name_is_always_one_that_settings_take(name: str, model: str) -> None:
    from proxy.settings.camera import CameraSettings

    made = camera_name(name, model, "192.168.1.20")
    assert CameraSettings.model_validate({"name": made, "source": "rtsp://h/x"}).name == made
