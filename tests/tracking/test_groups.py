import numpy as np

from proxy.tracking.groups import groups

PEOPLE = [[10, 10, 40, 100], [50, 10, 80, 100]]
AROUND = [5, 5, 90, 110]


def found(*boxes: list[float]) -> np.ndarray:
    return np.array(boxes, np.float32).reshape(-1, 4)


def test_a_weak_box_around_two_better_ones_is_a_group():
    assert groups(found(*PEOPLE, AROUND), np.array([0.4, 0.5, 0.2], np.float32)).tolist() == [False, False, True]


def test_a_box_around_one_better_box_is_a_person():
    assert not groups(found(PEOPLE[0], AROUND), np.array([0.4, 0.2], np.float32)).any()


def test_a_box_around_weaker_ones_is_a_person():
    assert not groups(found(*PEOPLE, AROUND), np.array([0.1, 0.1, 0.2], np.float32)).any()


def test_a_certain_box_is_a_person_whatever_it_encloses():
    assert not groups(found(*PEOPLE, AROUND), np.array([0.8, 0.8, 0.6], np.float32)).any()


def test_two_boxes_of_the_same_person_make_no_group_of_a_third_as_large():
    assert not groups(found([10, 10, 40, 100], [11, 11, 40, 100], [9, 9, 41, 101]), np.array([0.4, 0.4, 0.2], np.float32)).any()


def test_nobody_is_no_group():
    assert groups(found(), np.empty(0, np.float32)).shape == (0,)
