import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from vls_core.rewards import program, terms
from vls_core.rewards.geometry import box_signed_distance
from vls_core.trajectory import Trajectory
from vls_core.types import ObjectKind, Scene, SceneObject

CUBE = SceneObject('cube', ObjectKind.GRASPABLE, np.array([0.5, 0.0, 0.02]), np.full(3, 0.04))
PLATE = SceneObject('plate', ObjectKind.SURFACE, np.array([0.5, 0.3, 0.006]),
                    np.array([0.15, 0.15, 0.012]))
BOTTLE = SceneObject('bottle', ObjectKind.OBSTACLE, np.array([0.4, 0.15, 0.1]),
                     np.array([0.06, 0.06, 0.2]))
SCENE = Scene(0.0, (CUBE, PLATE, BOTTLE))
ALL = (
    program.Reach(object='plate', height=0.1),
    program.Grasp(object='cube'),
    program.Place(object='plate', subject='cube'),
    program.Lift(height=0.2),
    program.Avoid(object='bottle', margin=0.05),
    program.Smooth(),
    program.HoldGripper(state='open'),
)
by_kind = pytest.mark.parametrize('term', ALL, ids=lambda term: term.kind)


def evaluate(term, trajectory, scene=SCENE):
    return terms.FUNCTIONS[term.kind](term, scene, trajectory)


def line(start, end, gripper=1.0, steps=16):
    share = torch.linspace(0, 1, steps + 1, dtype=torch.float64).view(-1, 1)
    positions = torch.tensor(start).double() * (1 - share) + torch.tensor(end).double() * share
    return Trajectory(positions[None], torch.full((1, steps + 1), gripper).double(), 1 / 15)


def wander(seed, particles=3, steps=16):
    generator = torch.Generator().manual_seed(seed)
    moves = 0.02 * torch.randn(particles, steps + 1, 3, generator=generator, dtype=torch.float64)
    positions = torch.tensor([0.45, 0.1, 0.15]).double() + moves.cumsum(1)
    gripper = torch.rand(particles, steps + 1, generator=generator, dtype=torch.float64)
    return Trajectory(positions, gripper, 1 / 15)


def test_every_term_of_the_specification_has_a_function():
    kinds = {term.model_fields['kind'].default for term in program.Term.__origin__.__args__}
    assert kinds - {'code'} == set(terms.FUNCTIONS)


@by_kind
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_rewards_are_finite_per_particle_and_never_positive(term, seed):
    rewards = evaluate(term, wander(seed))
    assert rewards.shape == (3,)
    assert torch.isfinite(rewards).all() and (rewards <= 1e-12).all()


@by_kind
def test_a_particle_is_rewarded_for_itself_alone(term):
    batch = wander(1)
    alone = torch.cat([evaluate(term, batch[i : i + 1]) for i in range(3)])
    torch.testing.assert_close(evaluate(term, batch), alone)


@by_kind
def test_moving_scene_and_motion_together_changes_nothing(term):
    shift = np.array([0.05, -0.07, 0.0])
    moved = Scene(0.0, tuple(
        SceneObject(item.name, item.kind, item.center + shift, item.extent)
        for item in SCENE.objects
    ))
    still = wander(2)
    along = Trajectory(still.positions + torch.tensor(shift), still.gripper, still.step_duration)
    torch.testing.assert_close(evaluate(term, still), evaluate(term, along, moved))


@by_kind
def test_gradients_are_finite_and_agree_with_finite_differences(term):
    trajectory = wander(3)
    positions = trajectory.positions.clone().requires_grad_(True)
    gripper = trajectory.gripper.clone().requires_grad_(True)
    live = Trajectory(positions, gripper, 1 / 15)
    gradients = torch.autograd.grad(evaluate(term, live).sum(), (positions, gripper),
                                    allow_unused=True)
    for gradient in gradients:
        assert gradient is None or torch.isfinite(gradient).all()
    if term.kind in ('grasp', 'place'):
        return  # the funnel and the moment of closing are held constant on purpose
    direction = torch.randn(positions.shape, generator=torch.Generator().manual_seed(0)).double()
    step = 1e-6
    ahead = Trajectory(positions.detach() + step * direction, trajectory.gripper, 1 / 15)
    behind = Trajectory(positions.detach() - step * direction, trajectory.gripper, 1 / 15)
    slope = (evaluate(term, ahead) - evaluate(term, behind)).sum() / (2 * step)
    expected = 0.0 if gradients[0] is None else (gradients[0] * direction).sum()
    assert float(slope) == pytest.approx(float(expected), rel=1e-3, abs=1e-6)


def test_gradients_exist_at_the_goal_itself():
    at_goal = line(PLATE.top + [0, 0, 0.1], PLATE.top + [0, 0, 0.1])
    positions = at_goal.positions.requires_grad_(True)
    reward = evaluate(program.Reach(object='plate', height=0.1),
                      Trajectory(positions, at_goal.gripper, 1 / 15))
    (gradient,) = torch.autograd.grad(reward.sum(), positions)
    assert reward.item() == pytest.approx(0.0, abs=1e-9) and torch.isfinite(gradient).all()


@pytest.mark.parametrize(('term', 'goal', 'gripper'), [
    (program.Reach(object='plate', height=0.1), PLATE.top + [0, 0, 0.1], 0.0),
    (program.Grasp(object='cube'), CUBE.center, 1.0),
    (program.Place(object='plate', subject='cube'), PLATE.top + [0, 0, 0.03], 0.0),
])
def test_going_to_the_goal_beats_staying_and_staying_beats_going_away(term, goal, gripper):
    start, away = goal + [0.0, 0.0, 0.2], goal + [0.0, 0.0, 0.4]
    towards, still, off = (evaluate(term, line(start, end, gripper))
                           for end in (goal, start, away))
    assert towards > still > off


def test_grasping_comes_down_from_above_and_not_from_the_side():
    term = program.Grasp(object='cube')
    above, beside = CUBE.center + [0.1, 0, 0.12], CUBE.center + [0.1, 0, 0.0]
    over = CUBE.center + [0.05, 0, 0.10]
    assert evaluate(term, line(above, over)) > evaluate(term, line(beside, CUBE.center
                                                                   + [0.05, 0, 0.0]))


def test_the_gripper_closes_at_the_object_and_not_before():
    term = program.Grasp(object='cube')
    still = (CUBE.center, CUBE.center)
    assert evaluate(term, line(*still, gripper=0.0)) > evaluate(term, line(*still, gripper=1.0))
    far = (CUBE.center + [0, 0, 0.2], CUBE.center + [0, 0, 0.1])
    assert evaluate(term, line(*far, gripper=1.0)) > evaluate(term, line(*far, gripper=0.0))


def test_placing_opens_over_the_target_and_not_before():
    term = program.Place(object='plate', subject='cube')
    spot = PLATE.top + [0, 0, 0.02 + terms.RELEASE_CLEARANCE]
    assert evaluate(term, line(spot, spot, 1.0)) > evaluate(term, line(spot, spot, 0.0))
    far = spot + [0.2, 0.0, 0.1]
    assert evaluate(term, line(far, far, 0.0)) > evaluate(term, line(far, far, 1.0))


@pytest.mark.parametrize(('term', 'goal', 'gripper'), [
    (program.Grasp(object='cube'), CUBE.center, 1.0),
    (program.Place(object='plate', subject='cube'), PLATE.top + [0, 0, 0.032], 0.0),
])
def test_it_never_pays_to_hover_short_of_the_goal(term, goal, gripper):
    """Regression: a plan stayed 2 cm away, as arriving without acting was punished."""
    hovering = goal + [0.0, 0.0, 0.02]
    arrived = evaluate(term, line(goal, goal, gripper))
    assert arrived > evaluate(term, line(hovering, hovering, gripper))


def test_arriving_early_is_worth_more_than_arriving_at_the_end():
    """Regression: plans put off arriving from chunk to chunk when only their end counted."""
    term = program.Reach(object='plate', height=0.1)
    goal, start = PLATE.top + [0, 0, 0.1], PLATE.top + [0, 0, 0.2]
    early, late = line(start, goal), line(start, goal)
    early.positions[:, 8:] = early.positions[:, -1:]
    late.positions[:, :8] = late.positions[:, :1]
    assert evaluate(term, early) > evaluate(term, late)


def test_passing_through_an_obstacle_costs_and_passing_beside_it_does_not():
    term = program.Avoid(object='bottle', margin=0.03)
    through = line([0.4, -0.1, 0.1], [0.4, 0.4, 0.1])
    beside = line([0.4, -0.1, 0.5], [0.4, 0.4, 0.5])
    assert evaluate(term, beside) == 0.0
    assert evaluate(term, through) < -0.05


def test_the_obstacle_pushes_away_whatever_is_within_its_margin():
    positions = line([0.46, 0.15, 0.1], [0.47, 0.15, 0.1]).positions.requires_grad_(True)
    reward = evaluate(program.Avoid(object='bottle', margin=0.08),
                      Trajectory(positions, torch.ones(1, 17).double(), 1 / 15))
    (gradient,) = torch.autograd.grad(reward.sum(), positions)
    assert (gradient[0, 1:, 0] >= 0).all() and gradient[0, 1:, 0].sum() > 0


def test_an_obstacle_far_away_costs_nothing_and_pulls_nowhere():
    positions = line([0.3, -0.3, 0.4], [0.3, -0.2, 0.4]).positions.requires_grad_(True)
    reward = evaluate(program.Avoid(object='bottle', margin=0.02),
                      Trajectory(positions, torch.ones(1, 17).double(), 1 / 15))
    (gradient,) = torch.autograd.grad(reward.sum(), positions)
    assert reward.tolist() == [0.0]
    assert not gradient.any()


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-1, 1), min_size=3, max_size=3))
def test_box_distance_is_exact_outside_and_negative_inside(values):
    point, extent = torch.tensor(values, dtype=torch.float64), torch.tensor([0.4, 0.2, 0.6])
    distance = float(box_signed_distance(point, torch.zeros(3), extent))
    nearest = torch.minimum(torch.maximum(point, -extent / 2), extent / 2)
    if torch.equal(nearest, point):
        assert distance <= 1e-6
    else:
        assert distance == pytest.approx(float((point - nearest).norm()), abs=1e-6)
