"""What holds for every vetted term, whatever it wants."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from term_examples import (
    DOWN,
    EXAMPLES,
    HANDLE,
    SCENE,
    STEP_DURATION,
    evaluate,
    gradients,
    line,
    moved,
    stand,
    wander,
)

from vls_core.rewards import keypoints, program, terms
from vls_core.rewards.geometry import box_signed_distance
from vls_core.trajectory import Trajectory
from vls_core.types import Keypoint, Scene, SceneObject

KINDS = {model.model_fields['kind'].default for model in program.Term.__origin__.__args__}
CONSTANT_FUNNEL = ('grasp', 'place')
"""Their funnel and the moment of closing are held constant on purpose."""


def over(examples):
    return pytest.mark.parametrize(
        'example', examples,
        ids=[f'{number}-{item.term.kind}' for number, item in enumerate(examples)],
    )


by_example = over(EXAMPLES)
LEADING = ('reach', 'reach_point', 'waypoint', 'soft_choice', 'grasp', 'place', 'retract', 'lift',
           'displace', 'anchor_contact')
seeds = st.integers(0, 10_000)


def test_every_term_of_the_specification_has_a_function_and_an_example():
    assert KINDS - {'code'} == set(terms.FUNCTIONS) == {item.term.kind for item in EXAMPLES}


@by_example
@settings(max_examples=20)
@given(seed=seeds)
def test_rewards_are_finite_per_particle_and_never_positive(example, seed):
    rewards = evaluate(example.term, wander(seed))
    assert rewards.shape == (3,)
    assert torch.isfinite(rewards).all() and (rewards <= 0.0).all()


@by_example
def test_a_satisfied_term_is_zero_and_an_unsatisfied_one_is_not(example):
    assert example.best <= evaluate(example.term, example.approach(1.0)).item() + 1e-9
    assert evaluate(example.term, example.approach(0.0)).item() < -1e-3


@by_example
@settings(max_examples=20)
@given(shares=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_coming_closer_to_what_a_term_wants_is_rewarded(example, shares):
    worse, better = (evaluate(example.term, example.approach(share)).item()
                     for share in sorted(shares))
    assert better >= worse - 1e-9
    if abs(shares[0] - shares[1]) > 0.02 and worse < -1e-4 + example.best:
        assert better > worse


@by_example
@settings(max_examples=10)
@given(share=st.floats(0, 0.8))
def test_an_unsatisfied_term_has_a_gradient_that_leads_uphill(example, share):
    trajectory = example.approach(share)
    # Off the axes of symmetry, where there may be no better direction than another.
    trajectory.positions[:, 1:] += 1e-4 * torch.arange(1, 17).view(-1, 1).sin()
    reward, slopes = gradients(example.term, trajectory)
    size = sum(slope.square().sum() for slope in slopes).sqrt()
    if reward.item() < -1e-2:
        assert size > 1e-4
    if size > 1e-4:
        ahead = moved(trajectory, 1e-6 / size, slopes)
        assert evaluate(example.term, ahead).item() > reward.item()


@by_example
@settings(max_examples=10)
@given(seed=seeds)
def test_a_particle_is_rewarded_for_itself_alone(example, seed):
    batch = wander(seed)
    alone = torch.cat([evaluate(example.term, batch[i : i + 1]) for i in range(3)])
    torch.testing.assert_close(evaluate(example.term, batch), alone)
    order = torch.tensor([2, 0, 1])
    torch.testing.assert_close(evaluate(example.term, batch[order]), alone[order])


@by_example
@settings(max_examples=10)
@given(seed=seeds, shift=st.tuples(*3 * [st.floats(-0.3, 0.3)]))
def test_moving_scene_and_motion_together_changes_nothing(example, seed, shift):
    if example.term.kind in ('lift', 'stay_above'):
        shift = (*shift[:2], 0.0)  # these count heights from the table
    still = wander(seed)
    along = Trajectory(still.positions + torch.tensor(shift, dtype=torch.float64),
                       still.gripper, STEP_DURATION, still.rotations)
    scene = Scene(0.0, tuple(_shifted(item, np.array(shift)) for item in SCENE.objects))
    torch.testing.assert_close(
        evaluate(example.term, along, scene), evaluate(example.term, still)
    )


def _shifted(item, shift):
    points = tuple(Keypoint(point.name, point.position + shift, point.covariance)
                   for point in item.keypoints)
    return SceneObject(item.name, item.kind, item.center + shift, item.extent, points)


@over([item for item in EXAMPLES if item.term.kind not in CONSTANT_FUNNEL])
@settings(max_examples=15)
@given(seed=seeds)
def test_gradients_agree_with_finite_differences(example, seed):
    trajectory = wander(seed, start=HANDLE.position if seed % 2 else (0.45, 0.1, 0.15))
    _, slopes = gradients(example.term, trajectory)
    generator = torch.Generator().manual_seed(seed)
    directions = [torch.randn(slope.shape, generator=generator, dtype=torch.float64)
                  for slope in slopes]
    step = 1e-7
    ahead, behind = (evaluate(example.term, moved(trajectory, sign * step, directions)).sum()
                     for sign in (1, -1))
    expected = sum((slope * direction).sum()
                   for slope, direction in zip(slopes, directions, strict=True))
    assert float(ahead - behind) / (2 * step) == pytest.approx(
        float(expected), rel=1e-4, abs=1e-5
    )


PLACES = [*keypoints.positions(SCENE).values(), np.zeros(3), np.array([5.0, -5.0, 5.0])]
TURNS = [None, DOWN, -DOWN, torch.eye(3).double(), torch.eye(3).double()[[2, 0, 1]]]


@by_example
@pytest.mark.parametrize('dtype', [torch.float32, torch.float64])
def test_values_and_gradients_are_finite_at_every_goal_and_far_from_all(example, dtype):
    for number, place in enumerate(PLACES):
        there = stand(place)
        turn = TURNS[number % len(TURNS)]
        rotations = None if turn is None else turn.expand(1, 17, 3, 3).to(dtype)
        reward, slopes = gradients(example.term, Trajectory(
            there.positions.to(dtype), there.gripper.to(dtype), STEP_DURATION, rotations
        ))
        assert torch.isfinite(reward).all() and (reward <= 0.0).all()
        assert all(torch.isfinite(slope).all() for slope in slopes)


@by_example
def test_gradients_are_finite_where_the_term_is_satisfied(example):
    _, slopes = gradients(example.term, example.approach(1.0))
    assert all(torch.isfinite(slope).all() for slope in slopes)


@by_example
def test_rewards_keep_the_precision_of_the_plan(example):
    exact = wander(7)
    single = Trajectory(exact.positions.float(), exact.gripper.float(), STEP_DURATION,
                        exact.rotations.float())
    rewards = evaluate(example.term, single)
    assert rewards.dtype == torch.float32
    torch.testing.assert_close(rewards.double(), evaluate(example.term, exact),
                               atol=1e-5, rtol=1e-4)


@over([item for item in EXAMPLES if item.term.kind in LEADING])
def test_putting_off_what_a_term_wants_never_pays(example):
    """Only the first part of a chunk is executed: what comes late in each would never come."""
    far, near = (example.approach(share).positions[0, -1] for share in (0.3, 0.6))
    gripper = 0.0 if example.term.kind == 'place' else 1.0
    early, late = line(far, near, gripper), line(far, near, gripper)
    early.positions[:, 8:], late.positions[:, :9] = near, far
    early.positions[:, :9] = line(far, near, steps=8).positions
    late.positions[:, 8:] = line(far, near, steps=8).positions
    assert evaluate(example.term, early) > evaluate(example.term, late)


@settings(max_examples=50)
@given(st.lists(st.floats(-1, 1), min_size=3, max_size=3))
def test_box_distance_is_exact_outside_and_negative_inside(values):
    point, extent = torch.tensor(values, dtype=torch.float64), torch.tensor([0.4, 0.2, 0.6])
    distance = float(box_signed_distance(point, torch.zeros(3), extent))
    nearest = torch.minimum(torch.maximum(point, -extent / 2), extent / 2)
    if torch.equal(nearest, point):
        assert distance <= 1e-6
    else:
        assert distance == pytest.approx(float((point - nearest).norm()), abs=1e-6)
