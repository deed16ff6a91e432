"""Code terms as rewards of trajectories: in a worker, or in this process.

Both are what `stage_reward.CodeEvaluator` describes.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from functools import lru_cache
from typing import Any

import torch
from torch.autograd.function import once_differentiable

from vls_core.rewards.code.compiler import compile_reward
from vls_core.rewards.code.results import evaluated
from vls_core.rewards.code.worker import Worker, WorkerDiedError
from vls_core.rewards.keypoints import positions
from vls_core.rewards.term_models import Code
from vls_core.trajectory import Trajectory
from vls_core.types import Scene

_REMEMBERED = 64


class InProcessEvaluator:
    """Evaluates compiled closures here, within their budget but without a deadline."""

    def __call__(self, term: Code, scene: Scene, trajectory: Trajectory) -> torch.Tensor:
        """(B,) rewards.

        Raises RewardCodeError: the code is not allowed, fails, or gives no B finite numbers.
        """
        points = {
            name: torch.tensor(where) for name, where in positions(scene).items()
        }
        return evaluated(
            _compiled(term.source), points, trajectory.positions, trajectory.gripper
        )


_compiled = lru_cache(_REMEMBERED)(compile_reward)


class SandboxedEvaluator:
    """Evaluates in a worker; one round trip gives values and gradients.

    The gradient is handed on particle by particle, which is right for rewards of which each value
    depends on its own particle alone. Verification refuses all others.

    Args:
        deadline: how long one evaluation may take [s].
        stretch: how many times as long where others use the processor, too.
    """

    def __init__(self, worker: Worker, deadline: float = 1.0, stretch: float = 1.0) -> None:
        self._worker = worker
        self._patience = {'deadline': deadline, 'stretch': stretch}
        self._bindings: OrderedDict[tuple[str, int], tuple[Scene, str]] = OrderedDict()

    def __call__(self, term: Code, scene: Scene, trajectory: Trajectory) -> torch.Tensor:
        """(B,) rewards.

        Raises:
            RewardCodeError: the code is not allowed, fails, or gives no B finite numbers.
            WorkerError: the worker died or was too slow; it is replaced.
        """
        key = self._key(term, scene)
        inputs = (trajectory.positions, trajectory.gripper)
        differentiable = torch.is_grad_enabled() and any(item.requires_grad for item in inputs)
        arguments = (key, *(item.detach().cpu().numpy() for item in inputs), differentiable)
        answer = self._worker.call('evaluate', *arguments, **self._patience)
        if answer is None:
            self._load(key, term, scene)
            answer = self._worker.call('evaluate', *arguments, **self._patience)
        if answer is None:
            raise WorkerDiedError('the worker was replaced before it could evaluate')
        results = [item.to(inputs[0].device) for item in answer]
        return _HandedOn.apply(*inputs, *results) if differentiable else results[0]

    def _load(self, key: str, term: Code, scene: Scene) -> None:
        points = {name: where.tolist() for name, where in positions(scene).items()}
        self._worker.call('load', key, term.source, points, **self._patience)

    def _key(self, term: Code, scene: Scene) -> str:
        """Under which the worker knows a term in a scene; scenes are told apart by identity."""
        found = self._bindings.get((term.source, id(scene)))
        if found is None:
            points = sorted((name, where.tolist()) for name, where in positions(scene).items())
            key = hashlib.sha256(repr((term.source, points)).encode()).hexdigest()
            found = self._bindings[(term.source, id(scene))] = (scene, key)
            if len(self._bindings) > _REMEMBERED:
                self._bindings.popitem(last=False)
        return found[1]


class _HandedOn(torch.autograd.Function):
    """Values that were calculated elsewhere, with their gradients."""

    @staticmethod
    def forward(
        context: Any, positions: torch.Tensor, gripper: torch.Tensor, values: torch.Tensor,
        by_positions: torch.Tensor, by_gripper: torch.Tensor,
    ) -> torch.Tensor:
        """The values (B,) as they are."""
        context.save_for_backward(by_positions, by_gripper)
        return values.clone()

    @staticmethod
    @once_differentiable
    def backward(context: Any, upstream: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        """The gradient of each particle, times what comes from above."""
        by_positions, by_gripper = context.saved_tensors
        return (
            upstream[:, None, None] * by_positions, upstream[:, None] * by_gripper,
            None, None, None,
        )
