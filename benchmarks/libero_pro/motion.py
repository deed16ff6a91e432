"""What the simulator's actions do: the arm follows them with a lag, which demonstrations tell."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

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

    def steps(self, actions: torch.Tensor, before: torch.Tensor) -> torch.Tensor:
        """Actions (B, H, D) to the displacement of each step, same shape.

        Args:
            before: (D,) displacement of the step before: an arm in motion does not stop at once.
        """
        kernel = _kernel(self, actions.shape[1], actions.dtype)
        coasting = self.share / self.gain * kernel[:, :1] * before
        return coasting + kernel @ actions

    def actions(self, steps: torch.Tensor, before: torch.Tensor) -> torch.Tensor:
        """The inverse of `steps`."""
        first = before.expand_as(steps[:, :1])
        return (steps - self.share * torch.cat([first, steps[:, :-1]], 1)) / self.gain


@lru_cache(maxsize=8)
def _kernel(response: Response, horizon: int, dtype: torch.dtype) -> torch.Tensor:
    """(T, H) what an action of 1 at step H adds to the displacement of step T; T = H."""
    age = torch.arange(horizon)[:, None] - torch.arange(horizon)[None]
    left = torch.tensor(response.share, dtype=dtype) ** age.clamp_min(0).to(dtype)
    return torch.where(age >= 0, response.gain * left, 0.0)


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
