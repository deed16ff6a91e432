"""A name means one point, whoever asks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vls_core.rewards.keypoints import (
    ambiguous,
    finger_direction,
    grasp_point,
    object_of,
    position,
    positions,
)
from vls_core.types import Keypoint, ObjectKind, Scene, SceneObject, UnknownObjectError

NAMES = st.sampled_from([
    'mug', 'mug.top', 'mug.a', 'a', 'mug.a.b', 'mug.top.top', 'b', '', '.', '.a',
])
POINTS = st.sampled_from(['top', 'center', 'a', 'b', 'a.b', 'top.top', '', '.'])


def thing(name, number, points=()):
    return SceneObject(
        name, ObjectKind.GRASPABLE, np.full(3, float(number)), np.full(3, 0.04),
        tuple(Keypoint(point, np.full(3, number + 0.01 * (index + 1)), np.zeros((3, 3)))
              for index, point in enumerate(points)),
    )


@st.composite
def scenes(draw):
    names = draw(st.lists(NAMES, min_size=1, max_size=5, unique=True))
    return Scene(0.0, tuple(
        thing(name, number, draw(st.lists(POINTS, max_size=4, unique=True)))
        for number, name in enumerate(names)
    ))


@given(scenes())
def test_all_points_are_where_each_of_them_is(scene):
    found = positions(scene)
    for name, where in found.items():
        assert position(name, scene) == pytest.approx(where)
        assert found.keys() >= {object_of(name, scene).name}


@given(scenes())
def test_what_is_ambiguous_belongs_to_the_longest_name(scene):
    for name in positions(scene):
        owner = object_of(name, scene).name
        others = [item for item in scene.names
                  if name == item or name.startswith(item + '.') and len(item) > len(owner)]
        assert owner == name or all(
            name not in positions(Scene(0.0, (scene[other],))) for other in others
        )


def test_an_object_is_meant_before_a_point_of_the_same_name():
    for things in ((thing('mug', 1), thing('mug.top', 2)), (thing('mug.top', 2), thing('mug', 1))):
        scene = Scene(0.0, things)
        assert position('mug.top', scene) == pytest.approx(np.full(3, 2.0))
        assert object_of('mug.top', scene).name == 'mug.top'
        assert ambiguous(scene) == ('mug.top',)


def test_a_point_may_have_a_dot_in_its_name():
    scene = Scene(0.0, (thing('mug', 1, ['a.b']),))
    assert position('mug.a.b', scene) == pytest.approx(np.full(3, 1.01))
    assert ambiguous(scene) == ()


def test_an_unknown_name_is_an_error():
    with pytest.raises(UnknownObjectError, match='mug.lid'):
        position('mug.lid', Scene(0.0, (thing('mug', 1),)))


def test_a_thing_is_taken_at_its_centre_unless_perception_knows_better():
    plain, rimmed = thing('mug', 1), thing('mug', 1, ('grasp', 'finger'))
    assert grasp_point(plain).tolist() == [1.0, 1.0, 1.0]
    assert finger_direction(plain) is None
    assert grasp_point(rimmed) == pytest.approx(np.full(3, 1.01))
    assert finger_direction(rimmed) == pytest.approx(np.full(3, 0.01))
