"""The status board."""

from proxy.telemetry.events import Connection, EncoderOpened, ProcessChanged, SinkChanged, SourceChanged, Tally
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


def test_what_happened_in_the_last_minute_is_told_apart_from_what_happened_before():
    now = [0.0]
    board = StatusBoard(("door",), clock=lambda: now[0])
    board.observe(tally("door", sent=10, dropped=2, covered={"late": 4}))
    now[0] = 61.0
    board.observe(tally("door", sent=10, covered={"operator": 1}, cpu_s=0.75))
    camera = board.cameras["door"]
    assert (camera.covered, camera.covered_lately) == ({"late": 4, "operator": 1}, {"operator": 1})
    assert (camera.sent_lately, camera.dropped_lately, camera.cpu) == (10, 0, 1.5)


def test_a_process_that_ended_shows_nobody_and_a_camera_that_is_removed_is_forgotten():
    board = StatusBoard(())
    board.add("door")
    board.observe(tally("door", sent=12, people=3))
    board.observe(ProcessChanged("door", Connection.WAITING, "died", code=40))
    assert (board.cameras["door"].people, board.cameras["door"].frame_rate) == (0, 0.0)
    assert board.cameras["door"].why.code == 40
    board.remove("door")
    board.observe(tally("door", sent=12))
    assert board.cameras == {}
