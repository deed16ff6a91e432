from dataclasses import replace

import numpy as np
import pytest
import torch
from conventions import PROCESSES
from hypothesis import given, settings
from hypothesis import strategies as st
from two_way_policy import LEFT_END, START, STEP_LENGTH, TwoWayPolicy, box, observation

from vls_core.rewards.program import Reach, Released, Stage
from vls_core.rewards.stage_reward import StageReward
from vls_core.steering.config import SteeringConfig
from vls_core.steering.errors import CommittedPrefixError, ShapeMismatchError
from vls_core.steering.realtime import Deadline, Inpainting, PreviousChunk
from vls_core.steering.sampler import sample_steered

SEEN = observation(box('goal', LEFT_END - [0, 0, 0.02]))
REWARD = StageReward(
    Stage(name='go', terms=(Reach(object='goal'),), completion=(Released(),)), SEEN.scene
)
CONFIG = SteeringConfig()
HORIZON = TwoWayPolicy.horizon


def previous(steps=10, committed=4, sideways=-0.6, **kwargs):
    """The rest of a chunk that was going right while the goal is on the left."""
    actions = torch.tensor([0.6, sideways, 0.0, 1.0]).repeat(steps, 1)
    positions = torch.as_tensor(START).float() + STEP_LENGTH * actions[:, :3].cumsum(0)
    return PreviousChunk(actions, positions, committed, **kwargs)


def plan(last, config=CONFIG, policy=None, **kwargs):
    generator = torch.Generator().manual_seed(0)
    policy = policy or TwoWayPolicy()
    return sample_steered(policy, SEEN, REWARD, config, generator, last, **kwargs)


def actions_of(chunk):
    return TwoWayPolicy().embed(chunk.trajectory, SEEN)[0]


@settings(max_examples=15)
@given(committed=st.integers(1, 10), strength=st.floats(0.1, 20.0),
       name=st.sampled_from(sorted(PROCESSES)), softness=st.sampled_from([0.0, 0.7]))
def test_committed_steps_are_never_touched(committed, strength, name, softness):
    last = previous(committed=committed)
    config = replace(CONFIG, rungs=(0.0, strength), softness=softness)
    chunk = plan(last, config, TwoWayPolicy(process=PROCESSES[name]))
    kept = actions_of(chunk)[:committed]
    torch.testing.assert_close(kept, last.actions[:committed], atol=2e-5, rtol=0)


def test_behind_the_committed_steps_the_plan_is_steered():
    chunk = plan(previous(committed=4))
    beyond = chunk.trajectory.positions[0, 5:] - chunk.trajectory.positions[0, 4]
    assert float(beyond[-1, 1]) > 0.02


def test_softness_keeps_a_plan_closer_to_the_last_one():
    last = previous(committed=2, sideways=0.6)

    def change(softness):
        config = replace(CONFIG, rungs=(0.0,), coherence=0.0, softness=softness)
        return float((actions_of(plan(last, config))[2:10] - last.actions[2:]).square().mean())

    assert change(0.9) < change(0.0)


def test_weights_are_one_then_fall_to_zero():
    inpainting = Inpainting.towards(previous(steps=10, committed=4), HORIZON, 0.8)
    weights = inpainting.weights[:, 0]
    assert (weights[:4] == 1).all() and (weights[10:] == 0).all()
    assert (weights[4:10].diff() < 0).all() and 0 < float(weights[4]) < 0.8


def test_a_warm_start_asks_the_network_less_and_stays_near_the_last_plan():
    last = previous(committed=0, sideways=0.6)
    cold, warm = TwoWayPolicy(rare=0.5), TwoWayPolicy(rare=0.5)
    one = replace(CONFIG, rungs=(0.0,), coherence=0.0, plausibility_at=0.0)
    plan(last, one, cold)
    near = actions_of(plan(last, replace(one, warm_start=0.5), warm))
    assert (cold.calls, warm.calls) == (10, 5)
    assert float(near[:10, 1].mean()) > 0.3


class Clock:
    """Each denoising step takes so many seconds."""

    def __init__(self, step):
        self.now, self.step = 0.0, step

    def __call__(self):
        return self.now


class SlowPolicy(TwoWayPolicy):
    def __init__(self, clock):
        super().__init__()
        self.clock = clock

    def predict(self, *arguments):
        self.clock.now += self.clock.step
        return super().predict(*arguments)


@settings(max_examples=20)
@given(step=st.floats(0.01, 0.3), seconds=st.floats(0.1, 2.0))
def test_the_deadline_is_kept_and_the_plan_still_counts(step, seconds):
    clock = Clock(step)
    deadline = Deadline(seconds, clock)
    chunk = plan(None, policy=SlowPolicy(clock), out_of_time=deadline)
    assert clock.now <= max(seconds, step) + 1e-9
    assert 1 <= chunk.denoising_steps <= 10
    assert chunk.denoising_steps == 10 or clock.now + step > seconds
    assert chunk.trajectory.finite().all()


def test_a_plan_cut_short_is_still_better_than_none():
    """After half of the steps the clean estimate already leads to the goal."""
    clock = Clock(0.1)
    chunk = plan(None, policy=SlowPolicy(clock), out_of_time=Deadline(0.55, clock))
    start = float(REWARD(TwoWayPolicy().decode(torch.zeros(1, HORIZON, 4), SEEN)))
    assert chunk.denoising_steps == 5 and chunk.reward > 0.6 * start


@pytest.mark.parametrize(('last', 'error', 'text'), [
    (previous(committed=-1), CommittedPrefixError, '-1 committed'),
    (previous(steps=3, committed=4), CommittedPrefixError, 'has 3 left'),
    (previous(steps=20, committed=17), CommittedPrefixError, 'horizon is 16'),
    (PreviousChunk(torch.zeros(5, 3), torch.zeros(5, 3)), ShapeMismatchError, r'\(K, 4\)'),
    (PreviousChunk(torch.full((5, 4), np.nan), torch.zeros(5, 3)), ShapeMismatchError, 'finite'),
])
def test_a_previous_chunk_that_does_not_fit_is_refused(last, error, text):
    with pytest.raises(error, match=text):
        plan(last)


def test_progress_within_a_stage_weakens_steering():
    config = replace(CONFIG, rungs=(1.0,), stage_floor=0.0, coherence=0.0)
    last = previous(committed=0, sideways=0.6)
    begun, done = plan(last, config), plan(replace(last, progress=1.0), config)
    assert done.reward < begun.reward
