"""Whatever a reward returns, a chunk never holds a number that is not finite."""

from dataclasses import replace

import pytest
import torch
from two_way_policy import DEVIATION, LEFT_END, TwoWayPolicy, box, observation

from vls_core.rewards.program import Avoid, Reach, Released, Stage
from vls_core.rewards.stage_reward import StageReward
from vls_core.steering.config import SteeringConfig
from vls_core.steering.errors import (
    NoFinitePlanError,
    NoParticlesError,
    ShapeMismatchError,
    SteeringError,
)
from vls_core.steering.sampler import sample_base, sample_steered

SEEN = observation(box('goal', LEFT_END - [0, 0, 0.02]))
GOOD = StageReward(
    Stage(name='go', terms=(Reach(object='goal'),), completion=(Released(),)), SEEN.scene
)


class Changed:
    """A reward that is fine but for what `change` makes of its value, given the trajectory."""

    def __init__(self, change):
        self.change = change

    def __call__(self, trajectory):
        return self.change(GOOD(trajectory), trajectory)

    def terms(self, trajectory):
        return GOOD.terms(trajectory)

    def weights(self, like):
        return GOOD.weights(like)

    def passes(self, trajectory):
        return GOOD.passes(trajectory)


class SpoiledGradient(torch.autograd.Function):
    @staticmethod
    def forward(context, values):
        return values.clone()

    @staticmethod
    def backward(context, gradient):
        return gradient * torch.nan


def run(reward, config=SteeringConfig()):  # noqa: B008
    return sample_steered(TwoWayPolicy(), SEEN, reward, config, torch.Generator().manual_seed(0))


@pytest.mark.parametrize('change', [
    lambda value, trajectory: value * torch.nan,
    lambda value, trajectory: value * torch.inf,
    lambda value, trajectory: torch.where(torch.arange(len(value)) % 2 == 0, value, torch.nan),
    lambda value, trajectory: SpoiledGradient.apply(value),
    lambda value, trajectory: value.detach(),
    lambda value, trajectory: value.round(),
    lambda value, trajectory: value * 0 - 1,
], ids=['nan', 'infinite', 'nan for some', 'nan gradient', 'detached', 'dead', 'constant'])
@pytest.mark.parametrize('backpropagate', [False, True])
def test_a_broken_reward_never_puts_a_nan_into_a_chunk(change, backpropagate):
    config = SteeringConfig(backpropagate=backpropagate)
    chunk = run(Changed(change), config)
    assert chunk.trajectory.finite().all()


@pytest.mark.parametrize('change', [
    lambda value, trajectory: value * torch.nan,
    lambda value, trajectory: value.detach(),
    lambda value, trajectory: SpoiledGradient.apply(value),
], ids=['nan', 'detached', 'nan gradient'])
def test_a_reward_that_cannot_guide_leaves_the_plan_unsteered_and_says_so(change):
    chunk = run(Changed(change))
    assert chunk.strength == 0.0
    assert 'finite' in chunk.reason or 'no gradient' in chunk.reason


@pytest.mark.parametrize('change', [
    lambda value, trajectory: value.sum(),
    lambda value, trajectory: value.unsqueeze(1),
    lambda value, trajectory: value[:1],
], ids=['scalar', 'column', 'too few'])
def test_a_reward_of_another_shape_is_named(change):
    with pytest.raises(ShapeMismatchError, match='one number per particle'):
        run(Changed(change))


@pytest.mark.parametrize('config', [{'rungs': ()}, {'particles_per_rung': 0}])
def test_no_particles_are_refused(config):
    with pytest.raises(NoParticlesError, match='leave nothing'):
        SteeringConfig(**config)
    with pytest.raises(NoParticlesError):
        sample_base(TwoWayPolicy(), SEEN, torch.Generator(), 0)


@pytest.mark.parametrize('config', [
    {'rungs': (1.0, 0.0)}, {'rungs': (-1.0,)}, {'inner_steps': 0}, {'refinements': 0},
    {'warm_start': 1.0}, {'tolerance': -0.1}, {'trust': 0.0}, {'rungs': (float('nan'),)},
    {'coherence': float('nan')}, {'resample_size': 2.0}, {'softness': -0.1},
    {'last_inner_steps': 0}, {'momentum': 1.5}, {'levelling': -0.5}, {'base_share': 2.0},
])
def test_numbers_without_a_meaning_are_refused(config):
    with pytest.raises(SteeringError):
        SteeringConfig(**config)


def test_a_dead_reward_takes_an_unsteered_plan_that_passes_the_check():
    class Picky(Changed):
        def passes(self, trajectory):
            return trajectory.positions[:, -1, 1] > 0  # only the left way is open

    reward = Picky(lambda value, trajectory: value.detach())
    for seed in range(5):
        chunk = sample_steered(TwoWayPolicy(rare=0.3), SEEN, reward, SteeringConfig(),
                               torch.Generator().manual_seed(seed))
        assert chunk.passes and float(chunk.trajectory.positions[0, -1, 1]) > 0
        assert chunk.strength == 0.0 and 'no gradient' in chunk.reason


def test_a_network_that_breaks_down_entirely_is_a_named_error():
    class Broken(TwoWayPolicy):
        def predict(self, actions, time, condition):
            return super().predict(actions, time, condition) * torch.nan

    for config in (SteeringConfig(), SteeringConfig(rungs=(0.0,))):
        with pytest.raises(NoFinitePlanError, match='without NaN'):
            sample_steered(Broken(), SEEN, GOOD, config, torch.Generator().manual_seed(0))


def test_a_network_that_breaks_down_for_some_particles_is_survived():
    class Breaking(TwoWayPolicy):
        def predict(self, actions, time, condition):
            prediction = super().predict(actions, time, condition)
            prediction[-4:] = torch.nan
            return prediction

    whole_arm = StageReward(
        Stage(name='go', terms=(Reach(object='goal'), Avoid(object='post')),
              completion=(Released(),)),
        observation(box('goal', LEFT_END), box('post', [0.4, -0.3, 0.1])).scene, SEEN.robot,
    )
    chunk = sample_steered(Breaking(), SEEN, whole_arm, SteeringConfig(),
                           torch.Generator().manual_seed(0))
    assert chunk.trajectory.finite().all()


@pytest.mark.parametrize('strength', [1.0, 4.0, 100.0])
def test_a_wrong_reward_cannot_pull_further_than_the_trust_region(strength):
    """The goal is 30 cm off: how far a plan strays from the demonstrations is bounded."""
    seen = observation(box('goal', LEFT_END + [0.0, 0.0, 0.30]))
    wrong = StageReward(GOOD.stage, seen.scene)
    config = SteeringConfig(rungs=(strength,), particles_per_rung=8, trust=1.0)
    policy = TwoWayPolicy()
    policy.clip = lambda actions: actions
    chunk = sample_steered(policy, seen, wrong, config, torch.Generator().manual_seed(0))
    actions = policy.embed(chunk.trajectory, seen)
    stray = (actions.unsqueeze(1) - policy.means).square().mean((2, 3)).sqrt().min()
    free = replace(config, trust=100.0)
    unbounded = sample_steered(policy, seen, wrong, free, torch.Generator().manual_seed(0))
    far = (policy.embed(unbounded.trajectory, seen).unsqueeze(1) - policy.means)
    # The estimates an exact policy returns to lie within four deviations of a demonstration, for
    # they remember what steering did before; from there, one trust region.
    assert float(stray) <= 1.0 + 4 * DEVIATION
    if strength >= 4:
        assert float(far.square().mean((2, 3)).sqrt().min()) > float(stray)
