"""Relations tell tables apart, and no jitter turns one into its opposite."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from table_scene import table_scene, thing

from vls_core.types import ObjectKind, Scene
from vls_core.vlm.relations import contradictions, match, relations_of

JITTER = 0.004
SIZE_JITTER = 0.002
coordinate = st.floats(-0.4, 0.4)
side = st.floats(0.02, 0.3)


@st.composite
def scenes(draw):
    names = draw(st.lists(st.sampled_from('abcdefgh'), min_size=1, max_size=5, unique=True))
    return Scene(0.0, tuple(
        dataclasses.replace(
            thing(name, size=(draw(side), draw(side), draw(side))),
            center=np.array([draw(coordinate), draw(coordinate), draw(st.floats(0.0, 0.3))]),
        )
        for name in names
    ))  # fmt: skip


def jittered(scene, seed):
    generator = np.random.default_rng(seed)
    return dataclasses.replace(scene, objects=tuple(
        dataclasses.replace(
            item,
            center=item.center + generator.uniform(-JITTER, JITTER, 3),
            extent=item.extent + generator.uniform(-SIZE_JITTER, SIZE_JITTER, 3),
        )
        for item in scene.objects
    ))  # fmt: skip


@settings(max_examples=200)
@given(scenes(), st.integers(0, 1000))
def test_millimetres_of_jitter_never_turn_a_relation_into_its_opposite(scene, seed):
    assert contradictions(relations_of(scene), relations_of(jittered(scene, seed))) == ()


@settings(max_examples=50)
@given(scenes(), st.randoms())
def test_the_order_of_the_objects_does_not_matter(scene, order):
    objects = list(scene.objects)
    order.shuffle(objects)
    assert relations_of(dataclasses.replace(scene, objects=tuple(objects))) == relations_of(scene)


def pair(one, other):
    return relations_of(Scene(0.0, (one, other)))


def at(name, x, y, z, size):
    return dataclasses.replace(thing(name, size=size), center=np.array([x, y, z]))


def test_left_is_left_of_the_arm_and_farther_is_away_from_it():
    found = pair(thing('a', at=(0.6, 0.2)), thing('b', at=(0.4, -0.2)))
    assert found['a | left | b'] is True
    assert found['a | farther | b'] is True
    assert found['a | near | b'] is False


def test_things_in_line_are_neither_left_nor_right():
    assert 'a | left | b' not in pair(thing('a', at=(0.6, 0.01)), thing('b', at=(0.4, 0.0)))


@pytest.mark.parametrize(('where', 'on'), [(0.032, True), (0.2, False)])
def test_on_something_is_not_over_it(where, on):
    plate = thing('b', ObjectKind.SURFACE, size=(0.16, 0.16, 0.012))
    assert pair(at('a', 0.45, 0, where, (0.04,) * 3), plate)['a | on | b'] is on


def test_in_a_box_is_not_beside_it():
    box = at('b', 0.45, 0, 0.05, (0.16, 0.16, 0.1))
    assert pair(at('a', 0.45, 0, 0.05, (0.04,) * 3), box)['a | in | b'] is True
    assert pair(at('a', 0.45, 0.2, 0.05, (0.04,) * 3), box)['a | in | b'] is False


def test_a_stack_is_not_the_same_as_two_things_side_by_side():
    lower = thing('b')
    stacked, beside = at('a', 0.45, 0, 0.06, (0.04,) * 3), at('a', 0.45, 0.05, 0.02, (0.04,) * 3)
    assert not match(pair(stacked, lower), pair(beside, lower))


def test_swapping_two_things_is_noticed():
    one = table_scene()
    red, green = one['red cube'], one['green cube']
    swapped = dataclasses.replace(one, objects=tuple(
        dataclasses.replace(item, center={'red cube': green, 'green cube': red}[item.name].center)
        if item.name in ('red cube', 'green cube') else item for item in one.objects
    ))  # fmt: skip
    assert not match(relations_of(one), relations_of(swapped))


def test_what_one_does_not_say_the_other_may():
    assert match({'x': True}, {'y': False})
    assert contradictions({'x': True, 'y': True}, {'x': False}) == ('x',)
