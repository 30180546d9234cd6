import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from proxy.masking.watch import LEAST_CHANGE, MOST_AWAITED, Watch, gathered

ROWS, COLUMNS = 9, 16
NOWHERE = np.zeros((ROWS, COLUMNS), bool)
EVERYWHERE = ~NOWHERE
GREY = np.full((ROWS, COLUMNS), 100, np.uint8)


def at(rows: slice, columns: slice) -> np.ndarray:
    where = NOWHERE.copy()
    where[rows, columns] = True
    return where


SOMEBODY = at(slice(3, 6), slice(5, 7))


def shown(tone: int = 160, where: np.ndarray = SOMEBODY) -> np.ndarray:
    tones = GREY.copy()
    tones[where] = tone
    return tones


def knowing(tones: np.ndarray = GREY, hidden: np.ndarray = NOWHERE) -> Watch:
    watch = Watch()
    watch.glance(tones, NOWHERE)
    watch.looks_at(0, EVERYWHERE)
    watch.saw(0, hidden)
    return watch


def test_at_first_everything_asks():
    assert Watch().glance(GREY, NOWHERE).all()


def test_everything_asks_until_the_look_has_answered():
    watch = Watch()
    watch.glance(GREY, NOWHERE)
    watch.looks_at(0, EVERYWHERE)
    assert watch.glance(GREY, NOWHERE).all()
    watch.saw(0, NOWHERE)
    assert not watch.glance(GREY, NOWHERE).any()


def test_somebody_who_appears_asks_frame_after_frame_until_a_look_answers():
    watch = knowing()
    for _ in range(5):
        assert (watch.glance(shown(), NOWHERE) == SOMEBODY).all()
    watch.looks_at(9, EVERYWHERE)
    watch.saw(9, NOWHERE)
    assert not watch.glance(shown(), NOWHERE).any()


def test_who_walks_on_leaves_known_background_behind():
    watch = knowing()
    assert not watch.glance(shown(), SOMEBODY).any()
    assert not watch.glance(GREY, NOWHERE).any()


def test_somebody_who_stands_still_and_is_lost_asks():
    watch = knowing()
    watch.glance(shown(), SOMEBODY)
    assert (watch.glance(shown(), NOWHERE) == SOMEBODY).all()


def test_somebody_who_was_there_from_the_start_is_no_background():
    """The look that finds them teaches nothing about the cells they hide."""
    watch = knowing(shown(), hidden=SOMEBODY)
    for _ in range(3):
        assert not watch.glance(shown(), SOMEBODY).any()
    assert (watch.glance(GREY, NOWHERE) == SOMEBODY).all()


def test_a_look_that_never_answered_teaches_nothing():
    watch = knowing()
    watch.glance(shown(), NOWHERE)
    watch.looks_at(1, EVERYWHERE)
    assert watch.glance(shown(), NOWHERE).any()


def test_a_change_that_the_whole_picture_shares_is_the_cameras_exposure():
    watch = knowing()
    for tone in range(100, 60, -7):
        assert not watch.glance(np.full_like(GREY, tone), NOWHERE).any()
    darker = np.full_like(GREY, 60)
    darker[SOMEBODY] = 120
    assert (watch.glance(darker, NOWHERE) == SOMEBODY).all()


def test_small_differences_ask_for_nothing():
    watch = knowing()
    noise = np.random.default_rng(0).integers(1 - LEAST_CHANGE, LEAST_CHANGE, GREY.shape)
    assert not watch.glance((GREY + noise).astype(np.uint8), NOWHERE).any()


def looked(watch: Watch, tones: np.ndarray) -> None:
    watch.glance(tones, NOWHERE)
    watch.looks_at(7, EVERYWHERE)
    watch.saw(7, NOWHERE)


def test_what_changes_again_and_again_though_nobody_is_there_stops_asking_and_only_there():
    watch, leaves = knowing(), at(slice(0, 3), slice(0, 4))
    for turn in range(12):
        looked(watch, shown(112 if turn % 2 else 100, leaves))
    assert not watch.glance(shown(112, leaves), NOWHERE).any()
    assert (watch.glance(shown(112), NOWHERE) == SOMEBODY).all()


def test_somebody_before_what_always_changes_asks_still():
    watch = knowing()
    for turn in range(12):
        looked(watch, shown(108 if turn % 2 else 100))
    assert (watch.glance(shown(160), NOWHERE) == SOMEBODY).all()


def test_one_look_that_missed_somebody_does_not_make_people_usual():
    watch = knowing()
    looked(watch, shown())
    looked(watch, GREY)
    assert (watch.glance(shown(), NOWHERE) == SOMEBODY).all()


def test_what_was_usual_is_forgotten_when_it_is_calm():
    watch = knowing()
    for turn in range(12):
        looked(watch, shown(112 if turn % 2 else 100))
    for _ in range(12):
        looked(watch, GREY)
    assert (watch.glance(shown(108), NOWHERE) == SOMEBODY).all()


def test_another_size_begins_anew_and_answers_for_the_old_one_are_ignored():
    watch = knowing()
    watch.looks_at(5, EVERYWHERE)
    other = np.full((4, 4), 100, np.uint8)
    assert watch.glance(other, np.zeros((4, 4), bool)).all()
    watch.saw(5, NOWHERE)
    assert watch.glance(other, np.zeros((4, 4), bool)).all()


def test_after_a_reset_everything_asks():
    watch = knowing()
    watch.reset()
    assert watch.glance(GREY, NOWHERE).all()


def test_looks_that_are_never_answered_do_not_pile_up():
    watch = knowing()
    for pts in range(10 * MOST_AWAITED):
        watch.looks_at(pts, EVERYWHERE)
    assert len(watch._awaited) == MOST_AWAITED


@given(st.lists(st.tuples(st.integers(0, ROWS - 1), st.integers(0, COLUMNS - 1)), max_size=30))
def test_cells_are_gathered_when_three_of_a_square_of_nine_are_marked(marked: list[tuple[int, int]]):
    cells = NOWHERE.copy()
    for row, column in marked:
        cells[row, column] = True
    expected = NOWHERE.copy()
    for row, column in marked:
        expected[row, column] = cells[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2].sum() >= 3
    assert (gathered(cells) == expected).all()
