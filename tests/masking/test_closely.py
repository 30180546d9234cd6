from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.masking.closely import LEAST, CloseLooks, Window

SHAPE = (34, 60)
WINDOW = Window(8, 10)
NONE = np.zeros(SHAPE, bool)
GAP, TURN, AGAIN, SWEEP = 3600, 13_500, 54_000, 270_000


def at(row: int, column: int, rows: int = 3, columns: int = 2) -> np.ndarray:
    cells = NONE.copy()
    cells[row : row + rows, column : column + columns] = True
    return cells


def begun() -> CloseLooks:
    return CloseLooks.begun(0, SHAPE, WINDOW, sweep=SWEEP)


def taken(
    looks: CloseLooks, asking: np.ndarray, *, frames: range, gap: int = GAP
) -> list[tuple[int, tuple[tuple[int, int], ...], bool]]:
    turns = []
    for number in frames:
        places, waiting = looks.due(number * gap, asking, next_pts=(number + 1) * gap, turn=TURN, again=AGAIN, sweep=SWEEP)
        turns.append((number * gap, places, waiting))
    return turns


def holding(turns, row: int, column: int) -> list[int]:
    def holds(place: tuple[int, int]) -> bool:
        return place[0] <= row < place[0] + WINDOW.rows and place[1] <= column < place[1] + WINDOW.columns

    return [pts for pts, places, _ in turns if any(map(holds, places))]


def test_what_asks_after_a_calm_time_is_looked_at_within_a_turn():
    looks = begun()
    taken(looks, NONE, frames=range(1, 40))
    times = holding(taken(looks, at(10, 20), frames=range(40, 50)), 11, 20)
    assert times
    assert times[0] <= 40 * GAP + TURN


def test_what_asks_waits_until_it_is_looked_at_and_then_no_more():
    looks = begun()
    taken(looks, NONE, frames=range(1, 40))
    for _, places, waiting in taken(looks, at(10, 20), frames=range(40, 45)):
        if places:
            assert not waiting
            break
        assert waiting
    assert not any(waiting for *_, waiting in taken(looks, at(10, 20), frames=range(45, 50)))


def test_what_keeps_asking_is_not_looked_at_again_too_soon():
    times = holding(taken(begun(), at(10, 20), frames=range(1, 200)), 11, 20)
    assert all(AGAIN - GAP <= later - earlier <= AGAIN + TURN + GAP for earlier, later in pairwise(times))


def test_a_cell_or_two_at_the_edge_of_what_was_looked_at_do_not_get_a_look_of_their_own():
    looks = begun()
    taken(looks, NONE, frames=range(1, 40))
    taken(looks, at(10, 20), frames=range(40, 45))
    edge = at(10, 20, rows=LEAST - 1, columns=1) | at(10, 40, rows=LEAST - 1, columns=1)
    assert not holding(taken(looks, edge, frames=range(45, 50)), 10, 40)


def test_everything_is_swept_though_nothing_asks():
    turns = taken(begun(), NONE, frames=range(1, 1000))
    for row in (0, 7, 8, 33):
        for column in (0, 9, 35, 59):
            times = holding(turns, row, column)
            assert all(later - earlier <= 2 * SWEEP + WINDOW.over(SHAPE) * TURN for earlier, later in pairwise(times))
            assert len(times) >= 6


def test_no_turn_carries_everything_when_everything_asks():
    turns = taken(begun(), ~NONE, frames=range(1, 100))
    assert max(len(places) for _, places, _ in turns) <= WINDOW.over(SHAPE) // 3
    assert any(waiting for *_, waiting in turns)


@settings(max_examples=25)
@given(st.integers(1500, 30_000))
def test_whatever_the_frame_rate_everything_that_asks_has_its_turn(gap: int):
    turns = taken(begun(), ~NONE, frames=range(1, 1 + 400_000 // gap), gap=gap)
    for row, column in ((0, 0), (15, 30), (33, 59)):
        times = [0, *holding(turns, row, column)]
        assert all(later - earlier <= 2 * AGAIN + 2 * max(TURN, gap) for earlier, later in pairwise(times))


def test_windows_of_another_picture_do_not_fit():
    assert begun().fits(SHAPE, WINDOW)
    assert not begun().fits((10, 10), WINDOW)
    assert not begun().fits(SHAPE, Window(4, 4))
