"""What a worker does: the fixed table of the calls it answers."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch

from vls_core.rewards.code.blocks import BLOCK
from vls_core.rewards.code.compiler import CompiledReward, compile_reward
from vls_core.rewards.code.dry_run import dry_run
from vls_core.rewards.code.results import evaluated, gradients
from vls_core.rewards.verification.code_term import check_source
from vls_core.rewards.verification.declaration import Declaration

_REMEMBERED = 64
"""Rewards that are kept compiled; one that was forgotten is loaded again."""


@dataclass(frozen=True)
class _Loaded:
    compiled: CompiledReward
    keypoints: dict[str, torch.Tensor]


_loaded: OrderedDict[str, _Loaded] = OrderedDict()


def load(key: str, source: str, keypoints: dict[str, list[float]]) -> None:
    """Compiles a reward for a scene and remembers it under a key. Raises RewardCodeError."""
    compiled = compile_reward(source)
    dry_run(compiled, keypoints, BLOCK)
    _loaded[key] = _Loaded(compiled, {
        name: torch.tensor(keypoints[name], dtype=torch.float64) for name in compiled.keypoints
    })
    while len(_loaded) > _REMEMBERED:
        _loaded.popitem(last=False)


def evaluate(
    key: str, positions: np.ndarray, gripper: np.ndarray, with_gradient: bool
) -> tuple[torch.Tensor, ...] | None:
    """Values of a loaded reward, and their gradients.

    Args:
        positions: (B, T + 1, 3) [m].
        gripper: (B, T + 1) opening.

    Returns:
        Values (B,); with gradients also those by positions and by gripper, in their shapes. None
        if nothing is loaded under the key.

    Raises:
        RewardCodeError: it fails, or gives something else than B finite numbers.
    """
    loaded = _loaded.get(key)
    if loaded is None:
        return None
    _loaded.move_to_end(key)
    inputs = tuple(
        torch.from_numpy(array).requires_grad_(with_gradient) for array in (positions, gripper)
    )
    with torch.set_grad_enabled(with_gradient):
        values = evaluated(loaded.compiled, loaded.keypoints, *inputs)
    return (values.detach(), *gradients(values, inputs)) if with_gradient else (values,)


def check(
    source: str, keypoints: dict[str, list[float]] | None, declaration: Declaration | None,
    seed: int, subject: str, obstacles: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """A CodeTermReport as plain data; `checking.py` makes one of it again."""
    return asdict(check_source(source, keypoints, declaration, seed, subject, obstacles))


_SAMPLE = '''
def warm_up(keypoints, trajectory, gripper):
    """goal: sample"""
    offsets = torch.norm(trajectory - keypoints['sample'], dim=-1)
    nearest = torch.min(offsets, dim=1).values
    return -torch.where(nearest > 0.1, nearest, nearest.square()) - 0.1 * gripper.mean(dim=1)
'''


def warm_up() -> None:
    """Loads all that torch loads on first use, because no file can be opened later.

    Numbers below 1e-38 become 0: calculating with them would take a hundred times as long.
    """
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    load('sample', _SAMPLE, {'sample': [0.0, 0.0, 0.0]})
    for dtype in (np.float32, np.float64):
        evaluate('sample', np.ones((4, 5, 3), dtype), np.ones((4, 5), dtype), True)
    check(_SAMPLE, None, None, 0, 'sample')
    _loaded.clear()


HANDLERS: dict[str, Callable[..., Any]] = {
    'check': check, 'load': load, 'evaluate': evaluate,
}
