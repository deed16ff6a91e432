from dataclasses import replace
from functools import partial
from itertools import pairwise

import pytest
import torch
from two_way_policy import LEFT_END, TwoWayPolicy, box, observation

from vls_core.policies.process import DiffusionProcess, FlowProcess
from vls_core.rewards.program import Reach, Released, Stage
from vls_core.rewards.stage_reward import StageReward
from vls_core.steering.baselines.best_of_n import BestOfN
from vls_core.steering.baselines.common import Particles, with_noise_changed
from vls_core.steering.baselines.potential import ExponentialPotential, MaxPotential
from vls_core.steering.baselines.published import PublishedSteering, _with_prediction_changed
from vls_core.steering.baselines.resampling_only import ResamplingOnly
from vls_core.steering.baselines.stochastic_sampling import StochasticSampling
from vls_core.steering.baselines.universal_guidance import UniversalGuidance
from vls_core.steering.errors import NoParticlesError, ShapeMismatchError
from vls_core.steering.realtime import PreviousChunk
from vls_core.steering.sampler import sample_base

PROCESSES = {
    'flow, clean at 0': FlowProcess(clean_time=0),
    'flow, clean at 1': FlowProcess(clean_time=1),
    'noise': DiffusionProcess(prediction='noise', clean_limit=1.5),
    'velocity': DiffusionProcess(prediction='velocity', clean_limit=1.5),
    'clean': DiffusionProcess(prediction='clean', clean_limit=1.5),
}
STEERED = {
    'best of n': BestOfN(),
    'resampling only': ResamplingOnly(sharpness=300.0),
    'as coded': PublishedSteering('as_coded', strength=20.0),
    'as published': PublishedSteering('as_published', strength=300.0),
    'stochastic sampling': StochasticSampling(guide_ratio=5.0),
    'universal guidance': UniversalGuidance(),
    'universal guidance, backward': UniversalGuidance(weight=0.0, backward_steps=3),
}
GUIDED = {name: it for name, it in STEERED.items() if name not in ('best of n', 'resampling only')}
BASE = BestOfN(1)
SAMPLERS = {'base': BASE, **STEERED}


@pytest.fixture(params=PROCESSES.values(), ids=PROCESSES)
def process(request):
    return request.param


@pytest.fixture(params=SAMPLERS.values(), ids=SAMPLERS)
def sampler(request):
    return request.param


@pytest.fixture(params=STEERED.values(), ids=STEERED)
def steered(request):
    return request.param


@pytest.fixture(params=GUIDED.values(), ids=GUIDED)
def guided(request):
    return request.param


def left_goal():
    seen = observation(box('goal', LEFT_END - [0, 0, 0.02]))
    stage = Stage(name='test', terms=(Reach(object='goal'),), completion=[Released()])
    return seen, StageReward(stage, seen.scene)


def plan(sampler, policy=None, seed=0, reward=None, previous=None):
    seen, left = left_goal()
    return sampler(
        policy or TwoWayPolicy(), seen, reward or left, torch.Generator().manual_seed(seed),
        previous,
    )


def mean_reward(sampler, policy, seeds=5):
    return sum(plan(sampler, policy, seed).reward for seed in range(seeds)) / seeds


class RecordingPolicy(TwoWayPolicy):
    """Keeps what its network was asked."""

    def __init__(self, **options):
        super().__init__(**options)
        self.asked = []

    def predict(self, actions, time, condition):
        self.asked.append(actions.detach())
        return super().predict(actions, time, condition)


class TestEveryBaseline:
    def test_gives_the_same_plan_for_the_same_seed(self, sampler, process):
        policy = TwoWayPolicy(process=process)
        first, again, other = (plan(sampler, policy, seed) for seed in (3, 3, 4))
        assert torch.equal(first.trajectory.positions, again.trajectory.positions)
        assert not torch.equal(first.trajectory.positions, other.trajectory.positions)

    def test_returns_one_finite_plan_with_its_own_reward(self, sampler, process):
        chunk = plan(sampler, TwoWayPolicy(process=process))
        _, reward = left_goal()
        assert chunk.trajectory.positions.shape == (1, 17, 3)
        assert chunk.trajectory.finite().all()
        assert chunk.reward == pytest.approx(float(reward(chunk.trajectory)), abs=1e-6)
        assert chunk.denoising_steps == 10
        assert chunk.reason

    def test_counts_its_network_evaluations(self, sampler, process):
        policy = RecordingPolicy(process=process)
        chunk = plan(sampler, policy)
        assert chunk.network_evaluations == sum(map(len, policy.asked))
        assert chunk.network_evaluations == (10 if sampler == BASE else 200)

    def test_does_better_than_the_base_policy_whatever_the_convention(self, steered, process):
        policy = TwoWayPolicy(process=process)
        assert mean_reward(steered, policy) > mean_reward(BASE, policy) + 0.01

    def test_guidance_has_the_right_sign_in_every_convention(self, guided, process):
        # A single particle: neither resampling nor choosing among several can help.
        repeats = {'as_published': 1 if isinstance(process, FlowProcess) else 4, 'as_coded': 1}
        if isinstance(guided, PublishedSteering):
            alone = replace(guided, evaluations_per_step=repeats[guided.variant])
            plain = replace(alone, strength=0.0)
        elif isinstance(guided, StochasticSampling):
            alone = replace(guided, count=1)
            plain = replace(alone, guide_ratio=0.0)
        else:
            alone = replace(guided, count=1)
            plain = replace(alone, weight=0.0, backward_steps=0)
        policy = TwoWayPolicy(process=process)
        assert mean_reward(alone, policy) > mean_reward(plain, policy) + 0.01

    def test_survives_a_reward_that_is_not_finite(self, sampler, process):
        chunk = plan(sampler, TwoWayPolicy(process=process), reward=Undefined())
        assert chunk.trajectory.finite().all()


class Undefined:
    """A reward that is never a number."""

    def __call__(self, trajectory):
        return trajectory.positions.sum((1, 2)) * torch.nan

    def terms(self, trajectory):
        return self(trajectory).unsqueeze(1)

    def weights(self, like):
        return like.new_ones(1)

    def passes(self, trajectory):
        return torch.ones(trajectory.particles, dtype=torch.bool)


def test_without_guidance_the_published_sampler_is_the_base_policy():
    sampler = PublishedSteering(evaluations_per_step=1, strength=0.0)
    policy = TwoWayPolicy()
    assert torch.allclose(
        plan(sampler, policy).trajectory.positions,
        plan(BASE, policy).trajectory.positions,
        atol=1e-5,
    )


def test_the_base_policy_is_sampled_plainly(process):
    policy = TwoWayPolicy(process=process)
    seen, _ = left_goal()
    actions = sample_base(policy, seen, torch.Generator().manual_seed(5))
    expected = policy.decode(actions, seen).positions
    assert torch.equal(plan(BASE, policy, seed=5).trajectory.positions, expected)


@pytest.mark.parametrize('sampler', [
    BestOfN(0), ResamplingOnly(0), StochasticSampling(0), UniversalGuidance(0),
    PublishedSteering(evaluations_per_step=0),
])
def test_sampling_nothing_is_refused(sampler):
    with pytest.raises(NoParticlesError):
        plan(sampler)


@pytest.mark.parametrize('sampler', [PublishedSteering(), StochasticSampling(),
                                     UniversalGuidance()])
def test_a_reward_of_another_shape_is_refused(sampler):
    class Total(Undefined):
        def __call__(self, trajectory):
            return trajectory.positions.sum()

    with pytest.raises(ShapeMismatchError):
        plan(sampler, reward=Total())


def test_more_samples_to_choose_from_are_never_worse_on_average():
    policy = TwoWayPolicy()
    few, many = (mean_reward(BestOfN(count), policy, 20) for count in (2, 20))
    assert many > few


def test_best_of_n_prefers_plans_that_pass_the_hard_check():
    class RightOnly(StageReward):
        def passes(self, trajectory):
            return trajectory.positions[:, -1, 1] < 0

    _, left = left_goal()
    assert plan(BestOfN(), reward=left).trajectory.positions[0, -1, 1] > 0
    chunk = plan(BestOfN(), reward=RightOnly(left.stage, left.scene))
    assert chunk.trajectory.positions[0, -1, 1] < 0
    assert chunk.passes


def push_on_the_first(variant, count):
    """The gradient that `count` equal particles give to one of them."""
    seen, reward = left_goal()
    particles = Particles(TwoWayPolicy(), seen, reward, torch.Generator(), count)
    return PublishedSteering(variant)._uphill(particles, torch.ones(count, 16, 4))[0]


def test_as_coded_the_push_on_a_particle_falls_with_the_number_of_particles():
    assert push_on_the_first('as_coded', 1).norm() == pytest.approx(1.0, abs=1e-3)
    assert push_on_the_first('as_coded', 16).norm() == pytest.approx(0.25, abs=1e-3)


def test_as_published_the_push_on_a_particle_does_not_depend_on_the_number_of_particles():
    alone, crowded = (push_on_the_first('as_published', count) for count in (1, 16))
    assert alone.norm() > 0
    assert torch.allclose(alone, crowded, atol=1e-7)


@pytest.mark.parametrize('clean_time', [0, 1])
def test_as_coded_resampling_never_fires_for_flow(clean_time):
    policy = TwoWayPolicy(process=FlowProcess(clean_time=clean_time), denoising_steps=50)
    chunk = plan(PublishedSteering('as_coded', sharpness=1e4), policy)
    assert chunk.resamplings == 0
    assert chunk.effective_sample_size == 20


def test_as_coded_resampling_fires_for_diffusion_and_the_best_particle_comes_first():
    policy = TwoWayPolicy(process=DiffusionProcess(clean_limit=1.5), denoising_steps=50)
    unguided = partial(PublishedSteering, 'as_coded', strength=0.0, diversity=0.0)
    sharp = plan(unguided(sharpness=1e4), policy)
    assert sharp.resamplings > 1
    assert mean_reward(unguided(sharpness=1e4), policy) > mean_reward(
        BASE, policy) + 0.01


@pytest.mark.parametrize('variant', ['as_coded', 'as_published'])
def test_executing_the_best_particle_of_a_flow_is_better_than_executing_the_first(variant):
    policy = TwoWayPolicy()
    first = PublishedSteering(variant, strength=5.0)
    best = replace(first, best_executed=True)
    assert mean_reward(best, policy) > mean_reward(first, policy) + 0.005


def test_as_published_particles_are_resampled_after_every_guided_step():
    assert plan(PublishedSteering('as_published')).resamplings == 8


@pytest.mark.parametrize('clean_time', [0, 1])
def test_a_published_change_of_the_velocity_moves_the_sample_as_far_as_its_euler_step(clean_time):
    # v -= strength * g over a step of 0.1 has to move samples by 0.1 * strength * g uphill.
    policy = TwoWayPolicy(process=FlowProcess(clean_time=clean_time))
    seen, reward = left_goal()
    particles = Particles(policy, seen, reward, torch.Generator().manual_seed(0), 2)
    change = torch.randn(2, 16, 4, generator=torch.Generator().manual_seed(1))
    noisy = particles.start()
    for level, next_level in particles.levels:
        clean = particles.estimate(noisy, level)
        plain = particles.advance(noisy, clean, level, next_level)
        changed = _with_prediction_changed(particles, clean, -change, level)
        moved = particles.advance(noisy, changed, level, next_level)
        assert torch.allclose(moved - plain, 0.1 * change, atol=1e-5)


@pytest.mark.parametrize('prediction', ['noise', 'velocity', 'clean'])
def test_changing_the_noise_estimate_is_what_the_scheduler_would_make_of_it(prediction):
    process = DiffusionProcess(prediction=prediction)
    seen, reward = left_goal()
    particles = Particles(
        TwoWayPolicy(process=process), seen, reward, torch.Generator().manual_seed(0), 2
    )
    change = torch.randn(2, 16, 4, generator=torch.Generator().manual_seed(1))
    noisy = particles.start()
    for level, next_level in particles.levels[1:]:
        clean, noise = process.estimate(noisy, particles.predict(noisy, level), level)
        moved = particles.advance(
            noisy, with_noise_changed(clean, change, level), level, next_level)
        as_noise = replace(process, prediction='noise')
        expected = as_noise.step(noisy, noise + change, level, next_level, particles.generator)
        assert torch.allclose(moved, expected, atol=1e-4)


def test_the_warm_up_drives_particles_apart():
    seen, reward = left_goal()
    for variant in ('as_coded', 'as_published'):
        generator = torch.Generator().manual_seed(0)
        particles = Particles(TwoWayPolicy(), seen, reward, generator, 6)
        x, sampler = particles.start(), PublishedSteering(variant)
        towards = sampler._towards_others(particles, x, 'flow')
        small = 1e-3 * towards / towards.norm()
        before, after = (torch.pdist(places(particles, it, variant)).reciprocal().sum()
                         for it in (x, x - small))
        assert after < before


def places(particles, actions, variant):
    if variant == 'as_published':
        return actions.flatten(1)
    return particles.policy.decode(actions, particles.observation).positions.flatten(1)


def asked(sampler, **options):
    """All noisy batches (B, H, D) that one plan takes, in order."""
    policy = RecordingPolicy(**options)
    plan(sampler, policy)
    return policy.asked


@pytest.mark.parametrize('variant', ['as_coded', 'as_published'])
def test_particles_are_driven_apart_from_the_first_step_on(process, variant):
    repeats = 4 if variant == 'as_published' and isinstance(process, DiffusionProcess) else 1
    apart = []
    for diversity in (0.0, 20.0):
        sampler = PublishedSteering(variant, diversity=diversity)
        noisy = asked(sampler, process=process)[repeats]
        apart.append(float(torch.pdist(noisy.flatten(1)).mean()))
    assert apart[1] > 1.001 * apart[0]


def test_published_strength_falls_as_the_stage_gets_done():
    strengths = []
    for progress in (0.0, 0.8, 1.0):
        previous = PreviousChunk(torch.zeros(0, 4), torch.zeros(0, 3), progress=progress)
        strengths.append(plan(PublishedSteering(), previous=previous).strength)
    assert strengths == pytest.approx([80.0, 40.0, 80.0 / (1 + 148.41)], rel=1e-3)


def test_the_last_step_of_stochastic_sampling_is_not_guided():
    class Recording(StageReward):
        gradients = 0

        def __call__(self, trajectory):
            Recording.gradients += trajectory.positions.requires_grad
            return super().__call__(trajectory)

    _, left = left_goal()
    plan(StochasticSampling(), reward=Recording(left.stage, left.scene))
    assert Recording.gradients == 9 * 4


@pytest.mark.parametrize('process', [FlowProcess(), DiffusionProcess(clean_limit=1.5)])
def test_resampling_makes_the_rewarded_way_the_common_one(process):
    share = []
    for sharpness in (0.0, 1e3):
        ended = asked(ResamplingOnly(sharpness=sharpness), process=process, rare=0.2)[-1]
        share.append(float((ended[..., 1].mean(1) > 0).double().mean()))
    assert share[0] < 0.5 < 0.8 < share[1]


@pytest.mark.parametrize('sampler', [
    StochasticSampling(guide_ratio=0.0), UniversalGuidance(weight=0.0),
], ids=['stochastic sampling', 'universal guidance'])
def test_every_repetition_begins_with_fresh_noise(process, sampler):
    noisy = asked(sampler, process=process)
    for first, again in pairwise(noisy[:4]):
        # At the first level samples are nearly all noise: two draws are sqrt(2) apart.
        assert float((first - again).std()) == pytest.approx(2**0.5, abs=0.2)


class TestMaxPotential:
    def test_keeps_everyone_while_the_weights_are_even(self):
        potential = MaxPotential(1.0)
        indices = potential.resample(torch.zeros(8), torch.Generator().manual_seed(0))
        assert indices.tolist() == list(range(8))
        assert (potential.resamplings, potential.sample_size) == (0, pytest.approx(8.0))

    def test_copies_the_best_when_the_weights_are_uneven(self):
        potential = MaxPotential(100.0)
        rewards = torch.tensor([0.0, -1.0, -1.0, -1.0])
        indices = potential.resample(rewards, torch.Generator().manual_seed(0))
        assert indices.tolist() == [0, 0, 0, 0]
        assert potential.resamplings == 1

    def test_remembers_the_best_reward_a_particle_ever_had(self):
        potential = MaxPotential(1.0)
        generator = torch.Generator().manual_seed(0)
        potential.resample(torch.tensor([0.0, -1.0, -0.5, -0.9]), generator)
        indices = potential.resample(torch.full((4,), -2.0), generator, last=True)
        had = torch.tensor([0.0, -1.0, -0.5, -0.9])[indices]
        assert had.tolist() == sorted(had.tolist(), reverse=True)


def test_weights_of_the_published_equation_are_exponential_in_the_reward():
    potential, generator = ExponentialPotential(), torch.Generator().manual_seed(0)
    rewards = torch.tensor([0.0, -1.0]).repeat(2000)
    share = (potential.resample(rewards, generator) % 2 == 0).double().mean()
    assert float(share) == pytest.approx(1 / (1 + 2.71828**-1), abs=0.03)


def test_a_single_denoising_step_is_enough(process):
    policy = TwoWayPolicy(denoising_steps=1, process=process)
    for sampler in SAMPLERS.values():
        chunk = plan(sampler, policy)
        assert chunk.trajectory.finite().all()
        assert chunk.denoising_steps == 1
