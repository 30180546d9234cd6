"""The status board."""

from proxy.telemetry.events import Connection, EncoderOpened, SinkChanged, SourceChanged, Tally
from proxy.telemetry.status import StatusBoard


def tally(name, **counts):
    values = {"sent": 0, "dropped": 0, "covered": {}, "regions": {}, "people": 0, "stages": {}, "latency_ms": (0.0, 0.0)} | counts
    return Tally(camera=name, seconds=0.5, **values)


def test_the_board_shows_the_latest_state_and_adds_up_counts():
    board = StatusBoard(("door",))
    for event in (
        SourceChanged("door", Connection.RUNNING),
        SinkChanged("door", "rtmp://host/app/***", Connection.WAITING, "gone"),
        EncoderOpened("door", "libx264", False, 1280, 720),
        tally("door", sent=12, people=3, covered={"late": 1}),
        tally("door", sent=13, people=4, covered={"late": 2}, latency_ms=(440.0, 480.0)),
    ):
        board.observe(event)
    camera = board.cameras["door"]
    assert board.ready()
    assert (camera.frames_sent, camera.people, camera.frame_rate, camera.covered) == (25, 4, 26.0, {"late": 3})
    assert camera.sinks["rtmp://host/app/***"].detail == "gone"
    assert (camera.encoder, camera.latency_p99_ms) == ("libx264", 480.0)


def test_events_of_unknown_cameras_are_ignored_and_a_waiting_camera_is_not_ready():
    board = StatusBoard(("door",))
    board.observe(SourceChanged("window", Connection.RUNNING))
    assert list(board.cameras) == ["door"]
    assert not board.ready()
