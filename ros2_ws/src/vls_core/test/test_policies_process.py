from itertools import pairwise

import pytest
import torch
from conventions import PROCESSES
from hypothesis import given
from hypothesis import strategies as st
from two_way_policy import DEVIATION, TwoWayPolicy, observation

from vls_core.policies.process import DiffusionProcess, FlowProcess, NoiseLevel, mix, renoise
from vls_core.steering.sampler import sample_base

processes = pytest.mark.parametrize('process', PROCESSES.values(), ids=PROCESSES.keys())


def random(seed, *shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def predicted(process, clean, noise, level):
    """What a perfect network would say about a known mixture."""
    if isinstance(process, FlowProcess):
        return noise - clean if process.clean_time == 0 else clean - noise
    return {'noise': noise, 'clean': clean,
            'velocity': level.signal * noise - level.noise * clean}[process.prediction]


@processes
def test_a_perfect_prediction_gives_back_actions_and_noise(process):
    clean, noise = random(0, 3, 4, 2), random(1, 3, 4, 2)
    for level in process.levels(10)[1:-1]:
        noisy = level.signal * clean + level.noise * noise
        estimates = process.estimate(noisy, predicted(process, clean, noise, level), level)
        torch.testing.assert_close(estimates[0], clean, atol=1e-3, rtol=1e-3)
        torch.testing.assert_close(estimates[1], noise, atol=1e-3, rtol=1e-3)


@processes
def test_levels_go_from_noise_to_clean(process):
    levels = process.levels(7)
    assert len(levels) == 8
    assert levels[0].progress < 0.02 and levels[-1].noise == 0.0 and levels[-1].signal == 1.0
    assert all(after.progress > before.progress for before, after in pairwise(levels))


@processes
def test_plain_steps_with_perfect_predictions_arrive_at_the_actions(process):
    clean, noise = random(2, 3, 4, 2), random(3, 3, 4, 2)
    levels, generator = process.levels(10), torch.Generator().manual_seed(0)
    x = levels[0].signal * clean + levels[0].noise * noise
    for level, next_level in pairwise(levels):
        current = (x - level.signal * clean) / level.noise
        prediction = predicted(process, clean, current, level)
        x = process.step(x, prediction, level, next_level, generator)
    torch.testing.assert_close(x, clean, atol=1e-3, rtol=1e-3)


@processes
def test_the_base_policy_samples_its_demonstrations(process):
    policy = TwoWayPolicy(100, process=process)
    actions = sample_base(policy, observation(), torch.Generator().manual_seed(0), 200)
    error = (actions.unsqueeze(1) - policy.means).square().mean((2, 3)).sqrt().amin(1)
    assert 0.8 * DEVIATION < float(error.mean()) < 1.2 * DEVIATION
    left = (actions[:, :, 1].mean(1) > 0).float().mean()
    assert 0.35 < float(left) < 0.65


@processes
def test_less_than_one_step_is_refused(process):
    with pytest.raises(ValueError, match='at least one'):
        process.levels(0)


def test_more_steps_than_were_trained_are_refused():
    with pytest.raises(ValueError, match='101 denoising steps of 100'):
        DiffusionProcess().levels(101)


@given(st.floats(0.05, 0.9), st.floats(0.05, 0.95), st.floats(0, 1))
def test_mixing_keeps_the_noise_share_of_the_next_level(progress, ahead, stochasticity):
    """However much noise is fresh, what is mixed in has unit deviation."""
    done = progress + (0.95 - progress) * ahead if progress < 0.95 else 0.95
    level = NoiseLevel(0.0, progress, 1 - progress)
    next_level = NoiseLevel(0.0, max(done, progress), 1 - max(done, progress))
    clean, noise = torch.zeros(20_000, 1, 1), random(4, 20_000, 1, 1)
    generator = torch.Generator().manual_seed(5)
    mixed = mix(clean, noise, level, next_level, stochasticity, generator)
    assert float(mixed.std()) == pytest.approx(next_level.noise, rel=0.05)


@processes
def test_going_back_to_a_noisier_level_restores_its_shares(process):
    noisier, level = process.levels(10)[3:5]
    clean = torch.full((20_000, 1, 1), 2.0)
    x = level.signal * clean + level.noise * random(6, 20_000, 1, 1)
    back = renoise(x, level, noisier, torch.Generator().manual_seed(7))
    assert float(back.mean()) == pytest.approx(2.0 * noisier.signal, abs=0.03)
    assert float(back.std()) == pytest.approx(noisier.noise, rel=0.05)
