import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from proxy.tracking.kalman import Motion, to_place, to_xyxy
from proxy.tracking.rules import Movement

MOVEMENT = Movement(speed=2.0, acceleration=0.0, jitter=0.1)
BOX = np.array([[90.0, 90.0, 110.0, 110.0]])


def moved(box: np.ndarray, x: float) -> np.ndarray:
    return box + np.array([x, 0.0, x, 0.0])


def test_two_measurements_give_the_numbers_that_the_equations_give_by_hand():
    """Size 20: R = (0.1·20)² = 4, P of the rate = (2·20)² = 1600. After 1 s: P = 4 + 1600, K = 1604/1608, rate gain = 1600/1608."""
    motion = Motion.started(BOX, MOVEMENT).predicted(np.array([1.0]), MOVEMENT)
    assert np.isclose(motion.place_var[0, 0], 1604)
    assert np.isclose(motion.cross_var[0, 0], 1600)
    motion = motion.updated(moved(BOX, 10.0), MOVEMENT)
    assert np.isclose(motion.place[0, 0], 100 + 10 * 1604 / 1608)
    assert np.isclose(motion.rate[0, 0], 10 * 1600 / 1608)
    assert np.isclose(motion.place_var[0, 0], (1 - 1604 / 1608) * 1604)
    assert np.isclose(motion.rate_var[0, 0], 1600 - 1600 / 1608 * 1600)


def test_process_noise_is_that_of_white_acceleration():
    """With a = 1 size a second and dt = 2: dt³/3, dt²/2 and dt times (20)²."""
    movement = Movement(speed=0.0, acceleration=1.0, jitter=0.0)
    motion = Motion.started(BOX, movement).predicted(np.array([2.0]), movement)
    assert np.isclose(motion.place_var[0, 0], 400 * 8 / 3)
    assert np.isclose(motion.cross_var[0, 0], 400 * 4 / 2)
    assert np.isclose(motion.rate_var[0, 0], 400 * 2)


def test_something_that_moves_evenly_is_predicted_where_it_will_be():
    motion = Motion.started(BOX, MOVEMENT)
    for step in range(1, 30):
        motion = motion.predicted(np.array([0.1]), MOVEMENT).updated(moved(BOX, 5.0 * step), MOVEMENT)
    ahead = motion.predicted(np.array([0.2]), MOVEMENT)
    assert abs(ahead.place[0, 0] - (100 + 5 * 31)) < 1.0


def test_each_row_is_filtered_as_if_it_were_alone():
    pair = np.concatenate([BOX, moved(BOX, 300.0) * 1.5])
    seen = np.concatenate([moved(BOX, 3.0), moved(BOX, 310.0) * 1.5])
    together = Motion.started(pair, MOVEMENT).predicted(np.array([0.1, 0.3]), MOVEMENT).updated(seen, MOVEMENT)
    for row, seconds in enumerate((0.1, 0.3)):
        alone = Motion.started(pair[row : row + 1], MOVEMENT).predicted(np.array([seconds]), MOVEMENT)
        alone = alone.updated(seen[row : row + 1], MOVEMENT)
        assert np.allclose(together.place[row], alone.place[0])
        assert np.allclose(together.rate_var[row], alone.rate_var[0])


def test_the_drift_of_what_is_not_seen_grows():
    motion = Motion.started(BOX, MOVEMENT)
    drifts = [motion.predicted(np.array([seconds]), MOVEMENT).drift[0] for seconds in (0.0, 0.2, 0.4, 0.8)]
    assert drifts == sorted(drifts)
    assert drifts[-1] > 5 * drifts[0]


def test_nobody_can_be_predicted_and_updated():
    nobody = Motion.started(np.empty((0, 4)), MOVEMENT)
    assert len(nobody.predicted(np.empty(0), MOVEMENT).updated(np.empty((0, 4)), MOVEMENT)) == 0
    assert nobody.drift.shape == (0,)


@given(st.floats(-5000, 5000), st.floats(-5000, 5000), st.floats(1, 3000), st.floats(1, 3000))
def test_a_place_turns_back_into_its_box(x: float, y: float, width: float, height: float):
    box = np.array([[x, y, x + width, y + height]])
    assert np.allclose(to_xyxy(to_place(box)), box, atol=1e-6)
