"""Sources of rewards, and tensors to evaluate them on, for the tests of rewards/code."""

import torch

REACH = '''def reach(keypoints, trajectory):
    """goal: red cube"""
    distance = torch.norm(trajectory[:, 1:] - keypoints['red cube'], dim=-1)
    weights = torch.linspace(0.1, 1.0, distance.shape[1])
    return -(distance * weights).sum(dim=1) / weights.sum()
'''
POINTS = {'red cube': torch.tensor([0.5, 0.1, 0.02])}


def function(lines, value='trajectory[:, 0, 0]'):
    """A function of the given statements that returns a value."""
    body = ''.join(f'    {line}\n' for line in [*lines.split('\n'), f'return {value}'] if line)
    return f'def reward(keypoints, trajectory, gripper):\n{body}'


def inputs(particles=4, steps=5, dtype=torch.float32):
    """A trajectory and a gripper, random but always the same, that ask for gradients."""
    generator = torch.Generator().manual_seed(0)
    trajectory = torch.rand(particles, steps + 1, 3, generator=generator, dtype=dtype)
    gripper = torch.rand(particles, steps + 1, generator=generator, dtype=dtype)
    return trajectory.requires_grad_(), gripper.requires_grad_()
