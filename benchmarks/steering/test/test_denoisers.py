import pytest
import torch

from benchmarks.steering.cost import demo_situation
from benchmarks.steering.denoisers import ACTION_WIDTH, HORIZON, RealSizePolicy, Transformer, UNet


@pytest.fixture(params=[UNet, Transformer], scope='module')
def policy(request):
    return RealSizePolicy(request.param)


def test_has_the_size_of_a_real_policy(policy):
    assert 15e6 < policy.parameter_count < 18e6


def test_particles_do_not_see_each_other(policy):
    actions = torch.randn(3, HORIZON, ACTION_WIDTH, generator=torch.Generator().manual_seed(0))
    condition = policy.encode(None)
    with torch.no_grad():
        together = policy.predict(actions, 0.5, condition)
        alone = policy.predict(actions[1:2], 0.5, condition)
    assert together.shape == actions.shape
    torch.testing.assert_close(together[1:2], alone, atol=1e-4, rtol=1e-4)


def test_actions_and_time_both_matter(policy):
    actions, condition = torch.zeros(1, HORIZON, ACTION_WIDTH), policy.encode(None)
    with torch.no_grad():
        plain = policy.predict(actions, 0.5, condition)
        assert not torch.allclose(plain, policy.predict(actions + 1, 0.5, condition))
        assert not torch.allclose(plain, policy.predict(actions, 0.1, condition))


def test_decoding_is_undone_by_embedding(policy):
    observation, _ = demo_situation()
    actions = torch.zeros(2, HORIZON, ACTION_WIDTH)
    actions[..., :3] = torch.randn(2, HORIZON, 3, generator=torch.Generator().manual_seed(1))
    actions[..., -1] = 0.3
    back = policy.embed(policy.decode(actions, observation), observation)
    torch.testing.assert_close(back, actions, atol=1e-4, rtol=1e-4)


def test_making_one_leaves_the_random_state_alone():
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    RealSizePolicy(UNet)
    assert torch.equal(torch.rand(3), expected)
