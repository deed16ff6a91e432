"""An evaluation without numbers: torch's fake tensors have shapes, but no memory.

Whatever a reward would do, it does here first. A reward has no conditions, so that one run at one
size tells its shape, its operations and every mistake that does not depend on numbers.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from vls_core.rewards.code.compiler import CompiledReward
from vls_core.rewards.code.frame import Budget

logging.getLogger(FakeTensorMode.__module__).setLevel(logging.CRITICAL)
"""It logs a traceback for every mistake in a reward; the mistake is raised anyway."""


@dataclass(frozen=True)
class DryRun:
    """What an evaluation would do.

    Attributes:
        shape: of the result.
        operations: number of them.
        elements: of all tensors that are read and written.
    """

    shape: tuple[int, ...]
    operations: int
    elements: int


def dry_run(
    compiled: CompiledReward, names: Iterable[str], particles: int = 32, steps: int = 16
) -> DryRun:
    """Evaluates a reward on fake tensors of the given size.

    Args:
        names: of the keypoints there are.
        steps: of the chunk; the trajectory has one more position, which is now.

    Raises:
        RewardCodeError: a shape, a name, an operation or the budget does not fit.
    """
    with FakeTensorMode(), torch.no_grad():
        trajectory = torch.zeros(particles, steps + 1, 3)
        budget = Budget(trajectory.numel())
        result = compiled.evaluate(
            {name: torch.zeros(3) for name in names}, trajectory, trajectory[:, :, 0], budget
        )
    return DryRun(tuple(result.shape), budget.operations, budget.elements)
