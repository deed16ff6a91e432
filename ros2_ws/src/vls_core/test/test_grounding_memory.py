"""Memory of hidden objects."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vls_core.grounding.memory import SceneMemory
from vls_core.types import ObjectKind, SceneObject


def seen(name, at, x=0.0):
    return SceneObject(name, ObjectKind.GRASPABLE, np.array([x, 0, 0]), np.ones(3), (), at)


@given(st.floats(0.1, 10), st.floats(0, 20))
def test_an_object_is_kept_exactly_until_the_timeout(timeout, age):
    memory = SceneMemory(timeout)
    memory.update(0.0, [seen('cup', 0.0)])
    kept = [item.name for item in memory.update(age, [])]
    assert kept == (['cup'] if age <= timeout else [])


def test_a_new_measurement_replaces_the_old_one():
    memory = SceneMemory(5.0)
    memory.update(0.0, [seen('cup', 0.0)])
    cup, = memory.update(1.0, [seen('cup', 1.0, x=0.3)])
    assert (cup.center[0], cup.last_seen) == (0.3, 1.0)


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
