"""Memory of hidden objects."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vls_core.grounding.memory import SceneMemory
from vls_core.types import Keypoint, ObjectKind, SceneObject


def seen(name, at, x=0.0, deviation=0.002):
    place = np.array([x, 0, 0])
    keypoint = Keypoint('center', place, deviation**2 * np.eye(3))
    return SceneObject(name, ObjectKind.GRASPABLE, place, np.ones(3), (keypoint,), at)


@settings(max_examples=40)
@given(st.floats(0.1, 10), st.floats(0, 20))
def test_an_object_is_kept_exactly_until_the_timeout(timeout, age):
    memory = SceneMemory(timeout)
    memory.update(0.0, [seen('cup', 0.0)])
    kept = [item.name for item in memory.update(age, [])]
    assert kept == (['cup'] if age <= timeout else [])


@pytest.mark.parametrize('distance', [0.03, 0.3])
def test_an_object_seen_well_elsewhere_has_moved(distance):
    memory = SceneMemory(5.0)
    memory.update(0.0, [seen('cup', 0.0)])
    cup, = memory.update(1.0, [seen('cup', 1.0, x=distance)])
    assert (cup.center[0], cup.last_seen) == (distance, 1.0)


def test_an_uncertain_glimpse_hardly_moves_what_is_known():
    memory = SceneMemory(5.0)
    memory.update(0.0, [seen('cup', 0.0)])
    cup, = memory.update(0.2, [seen('cup', 0.2, x=0.02, deviation=0.02)])
    assert cup.center[0] < 0.001
    assert cup.last_seen == 0.2
    np.testing.assert_allclose(cup.keypoints[0].position, cup.center)


def test_a_certain_measurement_mends_an_uncertain_one():
    memory = SceneMemory(5.0)
    memory.update(0.0, [seen('cup', 0.0, x=0.02, deviation=0.02)])
    cup, = memory.update(0.2, [seen('cup', 0.2)])
    assert cup.center[0] < 0.001
    assert np.sqrt(cup.keypoints[0].covariance[0, 0]) < 0.003


@settings(max_examples=40)
@given(st.lists(st.floats(-0.004, 0.004), min_size=1, max_size=50))
def test_the_estimate_stays_among_the_measurements(places):
    memory = SceneMemory(5.0)
    for index, place in enumerate(places):
        cup, = memory.update(0.2 * index, [seen('cup', 0.2 * index, x=place)])
    assert min(places) - 1e-9 <= cup.center[0] <= max(places) + 1e-9
    assert np.linalg.eigvalsh(cup.keypoints[0].covariance).min() > 0


def test_the_order_does_not_depend_on_what_was_seen_first():
    one, other = SceneMemory(5.0), SceneMemory(5.0)
    one.update(0.0, [seen('cup', 0.0), seen('ball', 0.0)])
    other.update(0.0, [seen('ball', 0.0)])
    names = [[item.name for item in memory.update(1.0, [seen('cup', 1.0)])]
             for memory in (one, other)]
    assert names == [['ball', 'cup']] * 2


def test_all_is_forgotten_when_the_clock_is_set_back():
    memory = SceneMemory(5.0)
    memory.update(100.0, [seen('cup', 100.0)])
    assert memory.update(3.0, []) == ()
