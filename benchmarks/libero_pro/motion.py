"""What the simulator's actions do: the arm follows them with a lag, which demonstrations tell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch


@dataclass(frozen=True)
class Response:
    """Every step moves by `share` of the step before and by `gain` times the action.

    Attributes:
        gain: [m or rad] for an action of 1.
        share: 0..1.
    """

    gain: float
    share: float

    def steps(self, actions: torch.Tensor) -> torch.Tensor:
        """Actions (B, H, D) to the displacement of each step, same shape; linear."""
        horizon = actions.shape[1]
        age = torch.arange(horizon)[:, None] - torch.arange(horizon)[None]
        left = actions.new_tensor(self.share) ** age.clamp_min(0).to(actions)
        kernel = torch.where(age >= 0, self.gain * left, 0.0)
        return torch.einsum('th,bhd->btd', kernel, actions)

    def actions(self, steps: torch.Tensor) -> torch.Tensor:
        """The inverse of `steps`."""
        before = torch.cat([torch.zeros_like(steps[:, :1]), steps[:, :-1]], 1)
        return (steps - self.share * before) / self.gain


def fit_response(steps: list[np.ndarray], actions: list[np.ndarray]) -> Response:
    """Least squares over episodes and axes alike.

    Args:
        steps: (T - 1, 3) displacements of each episode [m or rad].
        actions: (T, 3) in each; what was added to them as noise does not bias the fit.
    """
    known = np.concatenate([
        np.stack([moved[:-1], asked[1:len(moved)]], -1).reshape(-1, 2)
        for moved, asked in zip(steps, actions, strict=True)
    ])
    found = np.concatenate([moved[1:].reshape(-1) for moved in steps])
    (share, gain), *_ = np.linalg.lstsq(known, found, rcond=None)
    return Response(float(gain), float(share))
