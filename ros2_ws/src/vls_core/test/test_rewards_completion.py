from dataclasses import replace

import numpy as np
import pytest
from two_way_policy import box, observation

from vls_core.control.fr3 import DOWNWARD_QUATERNION
from vls_core.rewards import program
from vls_core.rewards.completion import FUNCTIONS, HISTORY_FUNCTIONS, complete, missing
from vls_core.rewards.program import (
    Above,
    Apart,
    Carried,
    Displaced,
    Elapsed,
    Grasped,
    Inside,
    Moved,
    Near,
    On,
    Reach,
    Reached,
    Stage,
    Tilted,
)
from vls_core.rewards.stage_history import StageHistory
from vls_core.types import Keypoint, ObjectKind, UnknownObjectError

RIM = Keypoint('rim', np.array([0.6, 0.2, 0.08]), np.eye(3) * 1e-6)
KINDS = {model.model_fields['kind'].default for model in program.Predicate.__origin__.__args__}


def seen(cube=(0.4, 0.0, 0.02), width=0.08, command=1.0, height=0.3):
    view = observation(box('cube', cube, kind=ObjectKind.GRASPABLE),
                       replace(box('bowl', [0.5, 0.2, 0.04]), extent=np.array([0.2, 0.2, 0.08]),
                               keypoints=(RIM,)))
    robot = replace(view.robot, gripper_width=width,
                    end_effector_position=np.array([0.4, 0.0, height]))
    return replace(view, robot=robot, gripper_command=command)


def holding(view, position=(0.4, 0.0, 0.3), quaternion=DOWNWARD_QUATERNION):
    robot = replace(view.robot, end_effector_position=np.array(position),
                    end_effector_quaternion=np.array(quaternion))
    return replace(view, robot=robot)


def holds(predicate, view, history=None):
    stage = Stage(name='s', terms=(Reach(object='cube'),), completion=(predicate,))
    return complete(stage, view, history)


def test_every_predicate_of_the_specification_has_one_function():
    assert set(FUNCTIONS) | set(HISTORY_FUNCTIONS) == KINDS
    assert not set(FUNCTIONS) & set(HISTORY_FUNCTIONS)


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


def test_places_beside_an_object_are_counted_from_the_offset():
    beside = (0.5, 0.4, 0.02)
    for offset, expected in (((0.0, 0.2, 0.0), True), ((0.0, 0.0, 0.0), False)):
        assert holds(On(object='cube', target='bowl', offset=offset), seen(beside)) is expected
        assert holds(Above(object='bowl', offset=offset),
                     holding(seen(), (0.5, 0.4, 0.3))) is expected


@pytest.mark.parametrize(('cube', 'expected'), [
    ((0.5, 0.30, 0.3), False), ((0.5, 0.36, 0.04), True),
])
def test_apart_counts_the_horizontal_way_alone(cube, expected):
    assert holds(Apart(object='cube', target='bowl', distance=0.15), seen(cube)) is expected


@pytest.mark.parametrize(('keypoint', 'offset', 'expected'), [
    ('bowl.rim', (0, 0, 0), True), ('bowl.rim', (0, 0, 0.1), False), ('bowl', (0, 0, 0), False),
    ('bowl', (0.1, 0, 0.04), True),
])
def test_reaching_a_point_counts_height_and_offset(keypoint, offset, expected):
    view = holding(seen(), (0.6, 0.21, 0.085))
    assert holds(Reached(keypoint=keypoint, offset=offset), view) is expected


@pytest.mark.parametrize('angle', [0.0, 0.5, 1.5, 3.0])
@pytest.mark.parametrize('axis', [(0, 1, 0), (0, 0.6, 0.8)])
def test_the_tilt_is_the_angle_from_straight_down_whatever_the_heading(angle, axis):
    half = np.array([*(np.sin(angle / 2) * np.array(axis)), np.cos(angle / 2)])
    x, y, z, w = half
    # half * (1, 0, 0, 0): straight down, then turned; only the horizontal part of a turn tilts.
    view = holding(seen(), quaternion=(w, z, -y, -x))
    cosine = np.cos(angle) + axis[2] ** 2 * (1 - np.cos(angle))
    tilt = np.arccos(np.clip(cosine, -1, 1))
    assert holds(Tilted(angle=tilt + 0.02), view) is False
    if tilt > 0.03:
        assert holds(Tilted(angle=tilt - 0.02), view) is True


def test_what_has_happened_is_counted_from_the_beginning_of_the_stage():
    before = StageHistory(holding(seen((0.4, 0.0, 0.02)), (0.4, 0.0, 0.1)), 3.0)
    now = holding(seen((0.4, 0.1, 0.02)), (0.4, 0.08, 0.3))
    ahead, aside = (0.0, 1.0, 0.0), (1.0, 0.0, 0.0)
    for distance in (0.05, 0.07, 0.09, 0.11):
        pushed = Displaced(object='cube', direction=ahead, distance=distance)
        assert holds(pushed, now, before) is (distance < 0.1)
        assert holds(Moved(direction=ahead, distance=distance), now, before) is (distance < 0.08)
        assert not holds(Displaced(object='cube', direction=aside, distance=distance), now, before)
    assert not holds(Moved(direction=(0, -1, 0), distance=0.05), now, before)


@pytest.mark.parametrize(('sideways', 'expected'), [
    (None, True), (0.06, True), (0.04, False), (0.01, False),
])
@pytest.mark.parametrize('direction', [(0, 1, 0), (0, 0.1, 0)])
def test_what_went_crooked_has_not_been_displaced_as_asked(sideways, expected, direction):
    before = StageHistory(seen((0.4, 0.0, 0.02)), 3.0)
    pushed = Displaced(object='cube', direction=direction, distance=0.08, sideways=sideways)
    for strayed in (-0.05, 0.05):
        assert holds(pushed, seen((0.4 + strayed, 0.1, 0.02)), before) is expected
        assert holds(pushed, seen((0.4, 0.1, 0.02 + abs(strayed))), before) is expected
    assert not holds(pushed, seen((0.4, 0.07, 0.02)), before)


def test_the_length_of_a_direction_does_not_matter():
    before, now = StageHistory(holding(seen()), 1.0), holding(seen(), (0.4, 0.06, 0.3))
    for size in (0.1, 1.0):
        assert holds(Moved(direction=(0, size, 0), distance=0.05), now, before)
        assert not holds(Moved(direction=(0, size, 0), distance=0.07), now, before)


@pytest.mark.parametrize(('elapsed', 'expected'), [(0.9, False), (1.0, True), (5.0, True)])
def test_time_is_counted_from_the_beginning_of_the_stage(elapsed, expected):
    assert holds(Elapsed(duration=1.0), seen(), StageHistory(seen(), elapsed)) is expected


@pytest.mark.parametrize('predicate', [
    Displaced(object='cube', direction=(1, 0, 0)), Moved(direction=(1, 0, 0)), Elapsed(),
])
def test_nothing_has_happened_yet_when_a_stage_begins(predicate):
    assert not holds(predicate, seen())
