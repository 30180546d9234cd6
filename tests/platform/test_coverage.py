"""What became of pictures is counted from one time to the next."""

from proxy.platform.coverage import Coverage
from proxy.telemetry.status import CameraStatus


def test_counts_are_those_since_the_last_time_and_quiet_streams_are_left_out():
    coverage, door, yard = Coverage(), CameraStatus("door"), CameraStatus("yard")
    door.frames_sent, door.frames_dropped, door.covered = 10, 1, {"late": 2}
    assert list(coverage.since_last([door, yard])) == [("door", {"frames": 10, "dropped": 1, "covered": {"late": 2}})]
    assert list(coverage.since_last([door, yard])) == []
    door.frames_sent, door.covered = 15, {"late": 2, "operator": 5}
    assert list(coverage.since_last([door])) == [("door", {"frames": 5, "dropped": 0, "covered": {"operator": 5}})]


def test_a_stream_that_ended_and_the_next_of_the_same_camera_are_both_counted():
    coverage, old, new = Coverage(), CameraStatus("door"), CameraStatus("door")
    old.frames_sent = 10
    list(coverage.since_last([old]))
    old.frames_sent, new.frames_sent = 12, 3
    assert [counts["frames"] for _, counts in coverage.since_last([old, new])] == [2, 3]


def test_another_stream_of_the_same_camera_counts_from_the_start():
    coverage, old, new = Coverage(), CameraStatus("door"), CameraStatus("door")
    old.frames_sent = 100
    list(coverage.since_last([old]))
    new.frames_sent = 4
    assert list(coverage.since_last([new])) == [("door", {"frames": 4, "dropped": 0, "covered": {}})]
