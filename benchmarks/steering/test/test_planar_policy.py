import numpy as np
import pytest
import torch

from benchmarks.steering.planar import HORIZON, PlanarTest, layout_of, make_scene
from benchmarks.steering.planar_judge import Judge
from benchmarks.steering.planar_policy import (
    CHECKPOINTS,
    FAMILIES,
    PlanarPolicy,
    TrainingConfig,
    train,
)
from vls_core.policies.flow import CheckpointError
from vls_core.steering.sampler import sample_base

SCENE = make_scene(PlanarTest.DISPLACED_GOAL, 2000)


@pytest.fixture(params=FAMILIES)
def policy(request):
    return PlanarPolicy.load(request.param)


def modes(trajectory, scene):
    """Goal (B,) reached and side (B,) taken by plans."""
    start, goals = layout_of(scene.observation)
    path = trajectory.positions[..., :2].numpy()
    goal = np.linalg.norm(path[:, -1:] - goals, axis=-1).argmin(1)
    along, middle = path[:, -1] - start, path[:, HORIZON // 2] - start
    return goal, along[:, 0] * middle[:, 1] > along[:, 1] * middle[:, 0]


def test_the_policy_does_all_that_was_demonstrated(policy):
    """All six modes appear, and none is hardly ever chosen."""
    actions = sample_base(policy, SCENE.observation, torch.Generator().manual_seed(0), 240)
    goal, left = modes(policy.decode(actions, SCENE.observation), SCENE)
    assert np.bincount(2 * goal + left, minlength=6).min() > 12


def test_samples_end_at_a_goal_and_lie_about_where_demonstrations_lie(policy):
    deviations, misses = [], []
    for seed in range(2000, 2010):
        scene = make_scene(PlanarTest.COMMANDED_MODE, seed)
        judge, goals = Judge(scene), layout_of(scene.observation)[1]
        actions = sample_base(policy, scene.observation, torch.Generator().manual_seed(seed), 10)
        plans = policy.decode(actions, scene.observation)
        ends = plans.positions[:, None, -1, :2].numpy()
        misses += np.linalg.norm(ends - goals, axis=-1).min(1).tolist()
        deviations += [judge(plans[index : index + 1]).deviation for index in range(10)]
    assert np.quantile(misses, 0.8) < 0.05
    assert np.median(deviations) < 2.5


def test_decoding_undoes_embedding(policy):
    actions = torch.randn(3, HORIZON, 2, generator=torch.Generator().manual_seed(0))
    plan = policy.decode(actions, SCENE.observation)
    torch.testing.assert_close(
        policy.embed(plan, SCENE.observation), actions, atol=1e-4, rtol=1e-4
    )
    start = torch.tensor(SCENE.observation.robot.end_effector_position, dtype=torch.float32)
    assert torch.equal(plan.positions[:, 0], start.expand(3, 3))


def test_one_shared_time_and_condition_predict_the_same_as_one_for_each_particle(policy):
    actions = torch.randn(3, HORIZON, 2, generator=torch.Generator().manual_seed(0))
    condition = policy.encode(SCENE.observation)
    time = 0.3 / policy.time_scale
    separately = policy.network(actions, torch.full((3,), 0.3), condition.expand(3, -1))
    torch.testing.assert_close(policy.predict(actions, time, condition), separately)


def test_predictions_can_be_differentiated_but_weights_are_frozen(policy):
    actions = torch.zeros(1, HORIZON, 2, requires_grad=True)
    prediction = policy.predict(actions, 0.5 / policy.time_scale, policy.encode(SCENE.observation))
    (gradient,) = torch.autograd.grad(prediction.sum(), actions)
    assert gradient.abs().sum() > 0
    assert not any(parameter.requires_grad for parameter in policy.parameters())


def test_clipping_leaves_demonstrated_actions_alone_and_stops_wild_ones(policy):
    usual = (policy.action_low + policy.action_high) / 2
    wild = torch.full((1, HORIZON, 2), 50.0)
    assert torch.equal(policy.clip(usual.expand(1, HORIZON, 2)), usual.expand(1, HORIZON, 2))
    assert torch.equal(policy.clip(wild), policy.action_high.expand(1, HORIZON, 2))


def test_checkpoints_are_small(policy):
    assert (CHECKPOINTS / f'planar_{policy.family}.safetensors').stat().st_size <= 3_000_000
    assert sum(parameter.numel() for parameter in policy.parameters()) > 1_300_000


@pytest.mark.parametrize('family', FAMILIES)
def test_training_is_decided_by_its_seed_and_survives_saving(family, tmp_path):
    config = TrainingConfig(iterations=3, batch_size=8)
    first, second = train(family, config)[0], train(family, config)[0]
    for one, other in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.equal(one, other)
    first.save(tmp_path / 'policy.safetensors', note='test')
    loaded = PlanarPolicy.load(family, tmp_path / 'policy.safetensors')
    for one, other in zip(first.state_dict().values(), loaded.state_dict().values(), strict=True):
        assert torch.equal(one.half().float(), other)


def test_a_missing_or_foreign_checkpoint_is_named(tmp_path):
    with pytest.raises(CheckpointError, match='planar_policy --family flow'):
        PlanarPolicy.load('flow', tmp_path / 'missing.safetensors')
    (tmp_path / 'foreign.safetensors').write_bytes(b'something else')
    with pytest.raises(CheckpointError, match='no checkpoint of PlanarPolicy'):
        PlanarPolicy.load('flow', tmp_path / 'foreign.safetensors')
