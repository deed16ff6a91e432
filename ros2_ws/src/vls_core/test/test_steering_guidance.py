import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from vls_core.steering.diversity import repulsion
from vls_core.steering.guidance import (
    Guidance,
    calibration,
    guide,
    reward_gradient,
    root_mean_square,
)
from vls_core.steering.resampling import (
    clones,
    effective_sample_size,
    systematic_resample,
    tempered_weights,
)

GOAL = torch.full((4, 2), 3.0)


def to_goal(actions):
    return -(actions - GOAL).square().sum((1, 2)).sqrt()


def free(actions):
    return actions


def limited(actions):
    return actions.clamp(-1.0, 1.0)


def guided(clean, strength, reward=to_goal, trust=10.0):
    return guide(reward, clean, torch.tensor(strength).view(-1, 1, 1), scale_of(reward, clean),
                 Guidance(4, trust), free).clean


def scale_of(reward, clean):
    return calibration(reward_gradient(reward, clean)[1])


def test_guidance_raises_the_reward():
    clean = torch.randn(5, 4, 2, generator=torch.Generator().manual_seed(0))
    assert (to_goal(guided(clean, [1.0] * 5)) > to_goal(clean)).all()


@settings(max_examples=20)
@given(strength=st.floats(0.1, 100.0))
def test_guidance_however_strong_never_lowers_the_reward(strength):
    clean = GOAL + 0.1 * torch.randn(5, 4, 2, generator=torch.Generator().manual_seed(0))
    assert (to_goal(guided(clean, [strength] * 5)) >= to_goal(clean)).all()


def soon(actions):
    """To be at 1 early and to stay there, where every action is a step."""
    away = actions.cumsum(1) - 1.0
    return -(away.square().sum(2) + 1e-4).sqrt().mean(1)


def test_with_momentum_a_plan_arrives_early_instead_of_putting_it_off():
    clean = 0.1 * torch.randn(16, 16, 2, generator=torch.Generator().manual_seed(0))
    scale, strength = scale_of(soon, clean), torch.full((16, 1, 1), 8.0)
    plain, rolling = (
        guide(soon, clean, strength, scale, Guidance(32, 10.0, momentum=share), limited).clean
        for share in (0.0, 0.8)
    )
    assert soon(rolling).mean() > 0.8 * soon(plain).mean()


@settings(max_examples=20)
@given(strength=st.floats(0.1, 100.0), momentum=st.floats(0.0, 1.0), steps=st.integers(1, 12))
def test_with_momentum_too_the_reward_never_falls_and_strength_and_trust_are_kept(
    strength, momentum, steps
):
    clean = GOAL + torch.randn(5, 4, 2, generator=torch.Generator().manual_seed(0))
    moved = guide(to_goal, clean, torch.full((5, 1, 1), strength), scale_of(to_goal, clean),
                  Guidance(steps, 2.0, momentum=momentum), free).clean
    assert (to_goal(moved) >= to_goal(clean)).all()
    assert (root_mean_square(moved - clean) <= min(strength, 2.0) + 1e-5).all()


def test_a_particle_of_strength_zero_comes_back_bit_for_bit():
    clean = torch.randn(2, 4, 2, generator=torch.Generator().manual_seed(0))
    assert torch.equal(guided(clean, [0.0, 1.0])[0], clean[0])


def test_the_push_on_a_particle_does_not_depend_on_how_many_there_are():
    clean = torch.randn(16, 4, 2, generator=torch.Generator().manual_seed(0))
    scale = scale_of(to_goal, clean)
    many = guide(to_goal, clean, torch.ones(16, 1, 1), scale, Guidance(4, 10.0), free).clean
    alone = guide(to_goal, clean[:1], torch.ones(1, 1, 1), scale, Guidance(4, 10.0), free).clean
    torch.testing.assert_close(many[:1], alone)


@settings(max_examples=20)
@given(factor=st.floats(1e-3, 1e3))
def test_a_rescaled_reward_guides_the_same(factor):
    clean = torch.randn(6, 4, 2, generator=torch.Generator().manual_seed(1))
    plain = guided(clean, [1.0] * 6)
    scaled = guided(clean, [1.0] * 6, lambda actions: factor * to_goal(actions))
    torch.testing.assert_close(plain, scaled, atol=1e-4, rtol=1e-4)


@settings(max_examples=20)
@given(strength=st.floats(0.01, 100.0), trust=st.floats(0.01, 2.0))
def test_no_push_leaves_the_trust_region(strength, trust):
    clean = torch.randn(3, 4, 2, generator=torch.Generator().manual_seed(2))
    move = guided(clean, [strength] * 3, trust=trust) - clean
    assert (root_mean_square(move) <= trust * (1 + 1e-4)).all()


def test_gradients_of_particles_are_independent():
    clean = torch.randn(3, 4, 2, generator=torch.Generator().manual_seed(3))
    _, together = reward_gradient(to_goal, clean)
    _, alone = reward_gradient(to_goal, clean[1:2])
    torch.testing.assert_close(together[1:2], alone)


def test_repulsion_spreads_particles_and_leaves_a_single_one_alone():
    clean = torch.randn(8, 4, 2, generator=torch.Generator().manual_seed(4))
    apart = clean + 0.3 * repulsion(clean)
    assert torch.pdist(apart.flatten(1)).mean() > torch.pdist(clean.flatten(1)).mean()
    assert torch.equal(repulsion(clean[:1]), torch.zeros(1, 4, 2))


def test_repulsion_of_identical_particles_is_finite():
    assert torch.isfinite(repulsion(torch.ones(3, 4, 2))).all()


@settings(max_examples=50)
@given(
    rewards=st.lists(st.floats(-10, 0), min_size=4, max_size=32, unique=True),
    factor=st.floats(1e-2, 1e2),
)
def test_weights_meet_their_effective_sample_size_whatever_the_unit(rewards, factor):
    values = torch.tensor(rewards, dtype=torch.float64)
    target = max(1.5, 0.5 * len(rewards))
    weights = tempered_weights(values, target)
    assert abs(float(weights.sum()) - 1) < 1e-9
    assert float(effective_sample_size(weights)) >= target * 0.99
    torch.testing.assert_close(weights, tempered_weights(factor * values, target),
                               atol=1e-3, rtol=1e-3)


def test_equal_rewards_keep_equal_weights():
    assert torch.equal(tempered_weights(torch.zeros(4), 2.0), torch.full((4,), 0.25))


@settings(max_examples=50)
@given(st.lists(st.floats(0.01, 1), min_size=2, max_size=16), st.integers(0, 1000))
def test_systematic_resampling_takes_floor_or_ceil_of_the_expected_copies(raw, seed):
    weights = torch.tensor(raw, dtype=torch.float64)
    weights = weights / weights.sum()
    indices = systematic_resample(weights, torch.Generator().manual_seed(seed))
    counts = torch.bincount(indices, minlength=len(raw)).double()
    assert ((counts - len(raw) * weights).abs() < 1 + 1e-6).all()


def test_the_first_of_equal_indices_is_no_clone():
    assert clones(torch.tensor([2, 0, 2, 2, 1])).tolist() == [False, False, True, True, False]


@settings(max_examples=20)
@given(st.permutations(list(range(6))), st.floats(0.1, 4.0))
def test_the_order_of_particles_only_orders_the_result(order, strength):
    clean = torch.randn(6, 4, 2, generator=torch.Generator().manual_seed(5))
    torch.testing.assert_close(guided(clean, [strength] * 6)[order],
                               guided(clean[order], [strength] * 6))
    torch.testing.assert_close(repulsion(clean)[order], repulsion(clean[order]))


def test_every_dimension_of_an_action_is_moved():
    """Whatever it means: position, rotation or gripper."""
    clean = torch.zeros(2, 4, 2)
    moved = guided(clean, [1.0, 1.0])
    assert (moved > 0).all()


def test_committed_steps_are_not_moved():
    clean = torch.randn(3, 4, 2, generator=torch.Generator().manual_seed(6))
    free = torch.tensor([0.0, 0.0, 1.0, 1.0]).view(4, 1)
    moved = guide(to_goal, clean, torch.ones(3, 1, 1), scale_of(to_goal, clean),
                  Guidance(4, 10.0), lambda actions: actions.clamp(0.0, 2.0), free).clean
    assert torch.equal(moved[:, :2], clean[:, :2])
    assert not torch.equal(moved[:, 2:], clean[:, 2:])


def test_guidance_fades_near_a_perfect_reward():
    clean = GOAL - 0.01 * torch.ones(1, 4, 2)
    scale = scale_of(to_goal, clean)

    def moved(fade):
        result = guide(to_goal, clean, torch.full((1, 1, 1), 0.005), scale,
                       Guidance(1, 10.0, fade), lambda actions: actions)
        return float((result.clean - clean).abs().mean())

    assert 0 < moved(1.0) < 0.2 * moved(0.0)
