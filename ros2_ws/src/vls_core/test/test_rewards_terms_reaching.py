"""Ways to a point: offsets, points to pass, and choices that are made."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from term_examples import CUBE, HANDLE, PLATE, evaluate, gradients, line, stand

from vls_core.rewards import program
from vls_core.trajectory import Trajectory
from vls_core.types import Keypoint, ObjectKind, Scene, SceneObject, UnknownObjectError

PASS = program.Waypoint(keypoint='drawer.handle')


def test_a_point_is_its_place_in_the_scene_and_not_its_object():
    there, centre = (evaluate(program.ReachPoint(keypoint=name), stand(HANDLE.position)).item()
                     for name in ('drawer.handle', 'drawer'))
    assert there == pytest.approx(0.0, abs=1e-9) and centre < -0.05


def test_reaching_an_object_and_the_point_at_the_same_place_is_the_same():
    plan = line([0.4, 0, 0.3], PLATE.top)
    reach = program.Reach(object='plate', height=0.1, offset=(0.02, 0, 0))
    point = program.ReachPoint(keypoint='plate.top', offset=(0.02, 0, 0.1))
    torch.testing.assert_close(evaluate(reach, plan), evaluate(point, plan))


@pytest.mark.parametrize('term', [
    program.ReachPoint(keypoint='drawer.knob'), program.Waypoint(keypoint='cup'),
    program.SoftChoice(keypoints=('cube', 'cup')),
])
def test_an_unknown_point_is_an_error(term):
    with pytest.raises(UnknownObjectError):
        evaluate(term, stand(CUBE.center))


def test_what_comes_after_a_waypoint_is_free():
    through = np.concatenate([line([0.4, 0, 0.3], HANDLE.position, steps=8).positions[0]] * 2)[:17]
    rewards = []
    for end in ([0.4, 0.4, 0.4], [0.7, -0.4, 0.1]):
        through[8:] = line(HANDLE.position, end, steps=8).positions[0]
        plan = Trajectory(torch.tensor(through)[None], torch.ones(1, 17).double(), 1 / 15)
        rewards.append(evaluate(PASS, plan).item())
    assert rewards[0] == pytest.approx(rewards[1], abs=1e-9)
    assert rewards[0] > evaluate(PASS, line([0.4, 0, 0.3], [0.4, 0.4, 0.4])).item()


def test_plans_that_only_lead_away_from_a_waypoint_are_called_back():
    _, (slopes, *_) = gradients(PASS, line(HANDLE.position + [0, 0, 0.1],
                                           HANDLE.position + [0, 0, 0.3]))
    assert slopes[0, 1:, 2].sum() < -0.5


def pair(separation):
    """An object with two named points along y, at y = 0 and y = separation [m]."""
    points = tuple(Keypoint(name, np.array([0.5, y, 0.1]), np.eye(3) * 1e-6)
                   for name, y in (('near', 0.0), ('far', separation)))
    box = SceneObject('box', ObjectKind.SURFACE, np.array([0.5, 0.0, 0.05]), np.full(3, 0.1),
                      points)
    return Scene(0.0, (box,))


@settings(max_examples=50)
@given(separation=st.floats(0.02, 0.6), share=st.floats(0.05, 0.95))
def test_a_choice_leads_to_the_nearer_point_and_rests_nowhere_in_between(separation, share):
    if abs(share - 0.5) < 0.02:
        share = 0.4
    term = program.SoftChoice(keypoints=('box.near', 'box.far'))
    reward, (slopes, *_) = gradients(
        term, stand([0.5, share * separation, 0.1]), pair(separation))
    to_far = float(slopes[0, 1:, 1].sum())
    assert reward.item() < 0.0
    assert to_far > 0.0 if share > 0.5 else to_far < 0.0


def test_either_point_satisfies_a_choice_and_two_names_of_one_point_are_no_trap():
    term = program.SoftChoice(keypoints=('box.near', 'box.far', 'box.near'))
    scene = pair(0.2)
    for y in (0.0, 0.2):
        reward, (slopes, *_) = gradients(term, stand([0.5, y, 0.1]), scene)
        assert reward.item() == pytest.approx(0.0, abs=1e-9) and torch.isfinite(slopes).all()
    assert evaluate(term, stand([0.5, 0.01, 0.1]), scene).item() < 0.0
