from dataclasses import replace

import numpy as np
import pytest
from two_way_policy import box, observation

from vls_core.rewards.completion import complete, missing
from vls_core.rewards.program import Carried, Grasped, Inside, Near, On, Reach, Stage
from vls_core.types import ObjectKind, UnknownObjectError


def seen(cube=(0.4, 0.0, 0.02), width=0.08, command=1.0, height=0.3):
    view = observation(box('cube', cube, kind=ObjectKind.GRASPABLE),
                       replace(box('bowl', [0.5, 0.2, 0.04]), extent=np.array([0.2, 0.2, 0.08])))
    robot = replace(view.robot, gripper_width=width,
                    end_effector_position=np.array([0.4, 0.0, height]))
    return replace(view, robot=robot, gripper_command=command)


def holds(predicate, view):
    stage = Stage(name='s', terms=(Reach(object='cube'),), completion=(predicate,))
    return complete(stage, view)


@pytest.mark.parametrize(('width', 'command', 'height', 'expected'), [
    (0.04, 0.0, 0.3, True), (0.04, 0.0, 0.05, False), (0.08, 0.0, 0.3, False),
    (0.00, 0.0, 0.3, False), (0.04, 1.0, 0.3, False),
])
def test_carrying_needs_a_grasp_and_height(width, command, height, expected):
    view = seen(width=width, command=command, height=height)
    assert holds(Carried(height=0.1), view) is expected


@pytest.mark.parametrize(('cube', 'expected'), [
    ((0.5, 0.2, 0.04), True), ((0.59, 0.2, 0.04), True), ((0.61, 0.2, 0.04), False),
    ((0.5, 0.2, 0.2), False),
])
def test_inside_is_within_the_box(cube, expected):
    assert holds(Inside(object='cube', target='bowl'), seen(cube)) is expected


def test_near_counts_height_and_on_does_not():
    above = seen((0.5, 0.2, 0.3))
    assert holds(On(object='cube', target='bowl'), above)
    assert not holds(Near(object='cube', target='bowl'), above)
    assert holds(Near(object='cube', target='bowl'), seen((0.52, 0.2, 0.06)))


def test_what_is_missing_is_named():
    stage = Stage(name='s', terms=(Reach(object='cube'),),
                  completion=(Grasped(), Inside(object='cube', target='bowl')))
    assert missing(stage, seen()) == ('grasped', 'inside')
    assert missing(stage, seen((0.5, 0.2, 0.04), 0.04, 0.0)) == ()


def test_an_unknown_object_is_an_error():
    with pytest.raises(UnknownObjectError, match='no "cup"'):
        holds(Near(object='cup', target='bowl'), seen())
