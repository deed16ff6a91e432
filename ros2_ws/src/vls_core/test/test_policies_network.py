"""The shared network: shapes, and that time and condition matter."""

import torch

from vls_core.policies.network import ChunkNetwork


def network():
    torch.manual_seed(0)
    made = ChunkNetwork(horizon=5, action_width=3, feature_width=4, width=16, blocks=2)
    for block in made.blocks:
        torch.nn.init.normal_(block.modulation.weight, std=0.1)
    return made


def test_a_prediction_has_the_shape_of_its_chunk_and_may_share_time_and_condition():
    made, actions = network(), torch.randn(6, 5, 3)
    condition = made.feature_layers(torch.randn(1, 4))
    shared = made(actions, torch.tensor([0.3]), condition)
    each = made(actions, torch.full((6,), 0.3), condition.expand(6, -1))
    assert shared.shape == actions.shape
    torch.testing.assert_close(shared, each)


def test_time_and_condition_change_the_prediction():
    made, actions = network(), torch.randn(2, 5, 3)
    one, other = made.feature_layers(torch.randn(2, 1, 4))
    first = made(actions, torch.tensor([0.3]), one)
    assert not torch.allclose(first, made(actions, torch.tensor([0.9]), one))
    assert not torch.allclose(first, made(actions, torch.tensor([0.3]), other))
