"""The network of the planar policies: the residual blocks of the stack's own small policy."""

from __future__ import annotations

import math

import torch
from torch import nn

from vls_core.policies.flow import _Block as Block

_WIDTH = 240
_BLOCKS = 3
_FREQUENCIES = 32


class PlanarNetwork(nn.Module):
    """Noisy chunks, time and a layout to a prediction; about 1.4 million parameters."""

    def __init__(self, horizon: int, action_width: int, feature_width: int) -> None:
        super().__init__()
        flat = horizon * action_width
        self.inlet = nn.Linear(flat, _WIDTH)
        self.time_layers = _perceptron(2 * _FREQUENCIES)
        self.feature_layers = _perceptron(feature_width)
        self.blocks = nn.ModuleList(Block(_WIDTH) for _ in range(_BLOCKS))
        self.outlet = nn.Sequential(nn.LayerNorm(_WIDTH), nn.Linear(_WIDTH, flat))

    def forward(
        self, actions: torch.Tensor, time: torch.Tensor, condition: torch.Tensor
    ) -> torch.Tensor:
        """Prediction (B, H, D).

        Args:
            actions: (B, H, D) noisy.
            time: (B,), or (1,) where all share it; 0..1.
            condition: (B, width) or (1, width) from `feature_layers`.
        """
        frequencies = torch.exp(torch.linspace(0, math.log(1000.0), _FREQUENCIES))
        phase = time.unsqueeze(-1) * frequencies.to(time)
        context = self.time_layers(torch.cat([phase.sin(), phase.cos()], -1)) + condition
        context = nn.functional.silu(context)
        hidden = self.inlet(actions.flatten(1))
        for block in self.blocks:
            hidden = block(hidden, context)
        return self.outlet(hidden).view_as(actions)


def _perceptron(inputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inputs, _WIDTH), nn.SiLU(), nn.Linear(_WIDTH, _WIDTH))
