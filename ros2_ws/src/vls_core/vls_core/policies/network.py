"""The network of our small policies: residual blocks with adaptive layer norm."""

from __future__ import annotations

import math

import torch
from torch import nn

_FREQUENCIES = 32


class ResidualBlock(nn.Module):
    """A perceptron whose norm is shifted, scaled and gated by what is known (AdaLN-zero)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.modulation = nn.Linear(width, 3 * width)
        self.layers = nn.Sequential(
            nn.Linear(width, 2 * width), nn.SiLU(), nn.Linear(2 * width, width)
        )
        nn.init.zeros_(self.modulation.weight)
        nn.init.zeros_(self.modulation.bias)

    def forward(self, hidden: torch.Tensor, context: torch.Tensor) -> torch.Tensor:
        """Hidden (B, width) and what is known (B, width) to hidden."""
        shift, scale, gate = self.modulation(context).chunk(3, -1)
        return hidden + gate * self.layers(self.norm(hidden) * (1 + scale) + shift)


class ChunkNetwork(nn.Module):
    """Noisy chunks, time and a condition to a prediction of the chunks' shape.

    Args:
        horizon, action_width: H and D of a chunk.
        feature_width: of what a condition is made of.
        width, blocks: of the residual blocks.
    """

    def __init__(
        self, horizon: int, action_width: int, feature_width: int, width: int, blocks: int
    ) -> None:
        super().__init__()
        flat = horizon * action_width
        self.inlet = nn.Linear(flat, width)
        self.time_layers = _perceptron(2 * _FREQUENCIES, width)
        self.feature_layers = _perceptron(feature_width, width)
        self.blocks = nn.ModuleList(ResidualBlock(width) for _ in range(blocks))
        self.outlet = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, flat))

    def forward(
        self, actions: torch.Tensor, time: torch.Tensor, condition: torch.Tensor
    ) -> torch.Tensor:
        """Prediction (B, H, D).

        Args:
            actions: (B, H, D) noisy.
            time: (B,), or (1,) where all share it; 0..1.
            condition: (B, width) or (1, width), from `feature_layers`.
        """
        frequencies = torch.exp(torch.linspace(0, math.log(1000.0), _FREQUENCIES))
        phase = time.unsqueeze(-1) * frequencies.to(time)
        context = self.time_layers(torch.cat([phase.sin(), phase.cos()], -1)) + condition
        context = nn.functional.silu(context)
        hidden = self.inlet(actions.flatten(1))
        for block in self.blocks:
            hidden = block(hidden, context)
        return self.outlet(hidden).view_as(actions)


def _perceptron(inputs: int, width: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inputs, width), nn.SiLU(), nn.Linear(width, width))
