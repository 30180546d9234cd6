"""What a camera gets so that it can be shown."""

from pathlib import Path

from proxy.assembly import essential
from proxy.control.doors import Door
from proxy.settings.service import Settings
from proxy.showing import with_doors, with_previews
from proxy.sinks.hls import Options as HlsOptions

EVERYWHERE = {"host": "0.0.0.0", "token": "t"}  # noqa: S104 - nobody listens there


def settings(**control):
    cameras = [
        {"name": "door", "source": "rtsp://camera/live", "sinks": ["hls:///srv/door"]},
        {"name": "yard", "source": "rtsp://camera/live", "sinks": ["null:"]},
    ]
    return Settings.model_validate({"cameras": cameras, "control": control})


def test_a_camera_without_hls_gets_a_preview_and_one_with_hls_shows_its_own(tmp_path):
    cameras, folders = with_previews(settings(), tmp_path)
    assert folders == {"door": Path("/srv/door"), "yard": tmp_path / "yard"}
    assert [isinstance(camera.sinks[-1], HlsOptions) for camera in cameras] == [True, True]
    assert len(cameras[0].sinks) == 1


def test_nothing_is_shown_where_nothing_may_be(tmp_path):
    _, folders = with_previews(settings(preview=False, hls=False), tmp_path)
    assert folders == {}
    cameras, folders = with_previews(settings(enabled=False), tmp_path)
    assert folders == {}
    assert [len(camera.sinks) for camera in cameras] == [1, 1]


def test_a_camera_runs_on_for_its_page_alone_only_where_it_has_nothing_else(tmp_path):
    """The page's own HLS and WebRTC, behind what the settings name."""

    def worth(*sinks):
        chosen = Settings.model_validate({"cameras": [{"source": "rtsp://camera/live", "sinks": list(sinks)}]})
        cameras, _ = with_previews(chosen, tmp_path)
        cameras, _ = with_doors(cameras, chosen.control, tmp_path)
        return [essential(sink) for sink in cameras[0].sinks]

    assert worth("null:") == [True, False, False]
    assert worth() == [True, False]
    assert worth("hls:///srv/door") == [True, False]
    assert worth("whep:") == [True, False]


def test_a_camera_that_is_shown_is_met_over_webrtc_where_the_page_is_served(tmp_path):
    for control, addresses in (({}, ("127.0.0.1",)), ({"host": "192.168.1.5", "token": "t"}, ("192.168.1.5",)), (EVERYWHERE, ())):
        chosen = settings(**control)
        cameras, doors = with_doors(chosen.cameras, chosen.control, tmp_path)
        assert doors == {("whep", "door"): Door(tmp_path / "0.whep"), ("whep", "yard"): Door(tmp_path / "1.whep")}
        assert [camera.sinks[-1].door for camera in cameras] == [tmp_path / "0.whep", tmp_path / "1.whep"]
        assert cameras[0].sinks[-1].addresses == addresses


def test_an_address_for_viewers_of_ones_own_is_kept_and_hevc_gets_none(tmp_path):
    own = {"type": "whep", "viewers": 3, "token": "t", "addresses": ["192.0.2.1"]}
    chosen = Settings.model_validate(
        {
            "cameras": [
                {"name": "own", "source": "rtsp://camera/live", "sinks": [own]},
                {"name": "hevc", "source": "rtsp://camera/live", "encoding": {"codec": "hevc"}},
            ],
        }
    )
    cameras, doors = with_doors(chosen.cameras, chosen.control, tmp_path)
    assert doors == {("whep", "own"): Door(tmp_path / "0.whep", "t")}
    assert (len(cameras[0].sinks), cameras[0].sinks[0].viewers, cameras[0].sinks[0].addresses) == (1, 3, ("192.0.2.1",))
    assert cameras[1].sinks == ()
    _, none = with_doors(chosen.cameras, chosen.control.model_copy(update={"enabled": False}), tmp_path)
    assert none == {}


def test_pictures_for_old_dashboards_get_a_door(tmp_path):
    sinks = [{"type": "mjpeg", "token": "viewers"}]
    chosen = Settings.model_validate({"cameras": [{"name": "gate", "source": "rtsp://camera/live", "sinks": sinks}]})
    cameras, doors = with_doors(chosen.cameras, chosen.control, tmp_path)
    assert doors["mjpeg", "gate"] == Door(tmp_path / "0.mjpeg", "viewers")
    assert cameras[0].sinks[0].door == tmp_path / "0.mjpeg"


def test_publishers_get_a_door_with_their_own_token(tmp_path):
    source = {"type": "whip", "token": "publishers"}
    chosen = Settings.model_validate({"cameras": [{"name": "gate", "source": source, "sinks": ["null:"]}]})
    cameras, doors = with_doors(chosen.cameras, chosen.control, tmp_path)
    assert doors["whip", "gate"] == Door(tmp_path / "0.whip", "publishers")
    assert (cameras[0].source.door, cameras[0].source.addresses) == (tmp_path / "0.whip", ("127.0.0.1",))
