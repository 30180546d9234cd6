import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.masking.plan import CoverRegions
from proxy.masking.policy import ALL_TARGETS, MaskPolicy, Pads, Target
from proxy.masking.regions import Covered, alike, below, head_zone, inside, padded, regions
from proxy.vision.detections import Label

FACE = np.array([[101.0, 50.0, 119.0, 75.0]])
BODY = np.array([[90.0, 40.0, 130.0, 160.0]])

people = st.tuples(st.floats(0, 900), st.floats(0, 500), st.floats(4, 300), st.floats(4, 400)).map(
    lambda box: np.array([[box[0], box[1], box[0] + box[2], box[1] + box[3]]])
)


def covered(boxes: np.ndarray, first_id: int = 0, sure: int = 3) -> Covered:
    rows = boxes.reshape(-1, 4)
    return Covered(rows, first_id + np.arange(len(rows)), np.full(len(rows), sure), rows, np.full(len(rows), fill_value=True))


NOBODY = covered(np.empty((0, 4)))


def plan(targets: set[Target] | frozenset[Target], faces: Covered = NOBODY, bodies: Covered = NOBODY) -> CoverRegions:
    return regions(faces, bodies, MaskPolicy(targets=frozenset(targets)))


def holds(outer: np.ndarray, inner: np.ndarray) -> bool:
    return bool((outer[:2] <= inner[:2] + 1e-3).all() and (outer[2:] >= inner[2:] - 1e-3).all())


def test_nobody_gives_no_regions_with_the_right_shapes():
    assert len(plan(ALL_TARGETS)) == 0


def test_a_face_alone_is_padded_more_upwards_than_sideways():
    found = plan({Target.FACE}, covered(FACE))
    assert found.label.tolist() == [Label.FACE]
    assert np.allclose(found.xyxy[0], [96.5, 41.25, 123.5, 81.25])


@given(st.floats(0.6, 0.9), st.floats(4, 300))
def test_no_face_is_told_from_another_by_the_proportions_of_its_mask(shape: float, height: float):
    face = np.array([[100.0, 50.0, 100.0 + height * shape, 50.0 + height]])
    for target in (Target.FACE, Target.HEAD):
        mask = plan({target}, covered(face)).xyxy[0]
        usual = plan({target}, covered(np.array([[0.0, 0.0, 18.0, 25.0]]))).xyxy[0]
        assert np.isclose(*[(box[2] - box[0]) / (box[3] - box[1]) for box in (mask, usual)], rtol=1e-4)
        assert holds(mask, face[0])


@given(st.floats(0.65, 0.8), st.floats(4, 300))
def test_one_proportion_for_all_costs_no_area(shape: float, height: float):
    found = alike(np.array([[0.0, 0.0, height * shape, height]]))[0]
    assert np.isclose((found[2] - found[0]) * (found[3] - found[1]), height * shape * height)


def test_a_face_seen_in_two_places_keeps_nearly_all_of_its_width_and_grows_little_in_height():
    assert np.allclose(alike(np.array([[0.0, 0.0, 100.0, 20.0]]))[0], [5.0, -5.0, 95.0, 25.0])


@given(people)
def test_a_head_region_holds_the_face_region(face: np.ndarray):
    small, large = plan({Target.FACE}, covered(face)), plan({Target.HEAD}, covered(face))
    assert large.label.tolist() == [Label.HEAD]
    assert holds(large.xyxy[0], small.xyxy[0])


def test_in_head_mode_a_body_gives_the_zone_of_its_head_and_no_body():
    found = plan({Target.HEAD}, bodies=covered(BODY, 7))
    assert found.label.tolist() == [Label.HEAD]
    assert found.track.tolist() == [7]
    assert found.xyxy[0, 3] < 110


@given(people)
def test_a_head_zone_is_the_top_of_the_body(body: np.ndarray):
    zone = head_zone(body)[0]
    assert holds(body[0], zone)
    assert (zone[:3] == body[0, :3]).all()
    assert zone[3] - zone[1] >= 0.2 * (body[0, 3] - body[0, 1])


@given(people)
def test_a_body_region_holds_the_body(body: np.ndarray):
    assert holds(plan({Target.BODY}, bodies=covered(body)).xyxy[0], body[0])


def test_a_face_without_a_body_gets_one_under_it_that_carries_its_id():
    found = plan(ALL_TARGETS, covered(FACE, 3), NOBODY)
    assert sorted(found.label.tolist()) == [Label.HEAD, Label.BODY]
    assert found.track.tolist() == [3, 3]
    body = found.xyxy[found.label == Label.BODY][0]
    assert body[2] - body[0] == 3 * (FACE[0, 2] - FACE[0, 0])
    assert body[3] - body[1] == 7 * (FACE[0, 3] - FACE[0, 1])


def test_a_face_that_was_hardly_ever_sure_gets_no_guessed_body():
    assert plan(ALL_TARGETS, covered(FACE, 3, sure=2), NOBODY).label.tolist() == [Label.HEAD]


def test_a_face_within_a_body_gets_no_second_one():
    found = plan(ALL_TARGETS, covered(FACE, 3), covered(BODY, 4))
    assert found.track[found.label == Label.BODY].tolist() == [4]


@given(people)
def test_a_guessed_body_holds_its_face(face: np.ndarray):
    assert holds(below(face)[0], face[0])


def test_a_face_counts_as_within_a_body_when_half_of_it_is():
    half = BODY + np.array([-60.0, 0.0, -20.0, 0.0]) + np.array([0.0, 0.0, 0.0, 0.0])
    assert inside(FACE, half).tolist() == [True]
    assert inside(FACE, half - np.array([5.0, 0.0, 5.0, 0.0])).tolist() == [False]
    assert inside(FACE, np.empty((0, 4))).tolist() == [False]


@pytest.mark.parametrize("targets", [{Target.FACE}, {Target.HEAD}, {Target.BODY}, ALL_TARGETS])
def test_every_region_of_a_person_carries_an_id_and_a_finite_box(targets: set[Target]):
    found = plan(targets, covered(FACE, 1), covered(BODY + 400, 2))
    assert np.isfinite(found.xyxy).all()
    assert set(found.track.tolist()) <= {1, 2}


def test_padding_is_a_share_of_the_boxs_own_sides():
    box = padded(np.array([[0.0, 0.0, 10.0, 20.0]]), Pads(left_right=0.1, up=0.5, down=0.25))
    assert box[0].tolist() == [-1.0, -10.0, 11.0, 25.0]
