"""Denoisers of a real policy's size with random weights, to measure what steering costs.

Time does not depend on what a network has learnt. The two shapes are those most diffusion and flow
policies have: a one-dimensional U-Net over the chunk, conditioned by feature-wise scales and
shifts as in Diffusion Policy (arXiv 2303.04137), and a transformer whose action tokens attend to
condition tokens. Both have about 16 million parameters; an image encoder would come on top, once
per observation, steered or not.
"""

from __future__ import annotations

import math

import torch
from torch import nn

from vls_core.policies.process import DenoisingProcess, FlowProcess
from vls_core.trajectory import Trajectory
from vls_core.types import Observation

HORIZON, ACTION_WIDTH = 16, 7
"""Steps of a chunk, and numbers per step: displacement, rotation, gripper."""
STEP_LENGTH = 0.01
"""Displacement per step of one normalised unit [m]."""


class _Embedding(nn.Module):
    """Time in 0..1 as sines and cosines, then two layers."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width
        self.layers = nn.Sequential(
            nn.Linear(width, 4 * width), nn.Mish(), nn.Linear(4 * width, width)
        )

    def forward(self, time: torch.Tensor) -> torch.Tensor:
        half = self.width // 2
        frequencies = torch.exp(torch.linspace(0, math.log(1e4), half, device=time.device))
        phase = time.unsqueeze(-1) * frequencies
        return self.layers(torch.cat([phase.sin(), phase.cos()], -1))


class _ResidualBlock(nn.Module):
    """Two convolutions over time, scaled and shifted by the context in between."""

    def __init__(self, inputs: int, outputs: int, context_width: int) -> None:
        super().__init__()
        self.first, self.second = _convolution(inputs, outputs), _convolution(outputs, outputs)
        self.modulation = nn.Sequential(nn.Mish(), nn.Linear(context_width, 2 * outputs))
        self.shortcut = nn.Conv1d(inputs, outputs, 1) if inputs != outputs else nn.Identity()

    def forward(self, values: torch.Tensor, context: torch.Tensor) -> torch.Tensor:
        scale, shift = self.modulation(context).unsqueeze(-1).chunk(2, 1)
        return self.second(scale * self.first(values) + shift) + self.shortcut(values)


def _convolution(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv1d(inputs, outputs, 5, padding=2), nn.GroupNorm(8, outputs), nn.Mish()
    )


class UNet(nn.Module):
    """Conditional U-Net over chunks (B, H, D); H has to be a multiple of 4."""

    CONDITION_SHAPE = (128,)

    def __init__(self, channels: tuple[int, int, int] = (128, 256, 512)) -> None:
        super().__init__()
        self.time = _Embedding(128)
        context = 128 + self.CONDITION_SHAPE[0]
        one, two, three = channels
        self.down = nn.ModuleList([
            _Level(ACTION_WIDTH, one, context), _Level(one, two, context),
            _Level(two, three, context),
        ])
        self.shrink = nn.ModuleList(nn.Conv1d(width, width, 3, 2, 1) for width in (one, two))
        self.middle = _Level(three, three, context)
        self.up = nn.ModuleList([_Level(2 * three, two, context), _Level(2 * two, one, context)])
        self.grow = nn.ModuleList(
            nn.ConvTranspose1d(width, width, 4, 2, 1) for width in (two, one)
        )
        self.outlet = nn.Sequential(_convolution(one, one), nn.Conv1d(one, ACTION_WIDTH, 1))

    def forward(
        self, actions: torch.Tensor, time: torch.Tensor, condition: torch.Tensor
    ) -> torch.Tensor:
        """(B, H, D) for actions (B, H, D), times (B,) and conditions (B, 128)."""
        context = torch.cat([self.time(time), condition], -1)
        values, skipped = actions.transpose(1, 2), []
        for level, shrink in zip(self.down, [*self.shrink, nn.Identity()], strict=True):
            values = level(values, context)
            skipped.append(values)
            values = shrink(values)
        values = self.middle(values, context)
        for level, grow in zip(self.up, self.grow, strict=True):
            values = grow(level(torch.cat([values, skipped.pop()], 1), context))
        return self.outlet(values).transpose(1, 2)


class _Level(nn.Module):
    """Two residual blocks."""

    def __init__(self, inputs: int, outputs: int, context_width: int) -> None:
        super().__init__()
        self.first = _ResidualBlock(inputs, outputs, context_width)
        self.second = _ResidualBlock(outputs, outputs, context_width)

    def forward(self, values: torch.Tensor, context: torch.Tensor) -> torch.Tensor:
        return self.second(self.first(values, context), context)


class Transformer(nn.Module):
    """Action tokens that attend to each other and to the tokens of the condition."""

    WIDTH = 384
    CONDITION_SHAPE = (32, WIDTH)

    def __init__(self, layers: int = 6, heads: int = 6) -> None:
        super().__init__()
        self.time = _Embedding(self.WIDTH)
        self.inlet = nn.Linear(ACTION_WIDTH, self.WIDTH)
        self.places = nn.Parameter(torch.randn(HORIZON, self.WIDTH) * 0.02)
        layer = nn.TransformerDecoderLayer(
            self.WIDTH, heads, 4 * self.WIDTH, dropout=0.0, activation='gelu', batch_first=True,
            norm_first=True,
        )
        self.layers = nn.TransformerDecoder(layer, layers, nn.LayerNorm(self.WIDTH))
        self.outlet = nn.Linear(self.WIDTH, ACTION_WIDTH)

    def forward(
        self, actions: torch.Tensor, time: torch.Tensor, condition: torch.Tensor
    ) -> torch.Tensor:
        """(B, H, D) for actions (B, H, D), times (B,) and condition tokens (B, 32, 384)."""
        memory = torch.cat([self.time(time).unsqueeze(1), condition], 1)
        return self.outlet(self.layers(self.inlet(actions) + self.places, memory))


class RealSizePolicy:
    """One of the denoisers as a frozen flow-matching policy; see `FrozenPolicy`."""

    horizon, action_width = HORIZON, ACTION_WIDTH
    step_duration, denoising_steps = 1 / 15, 10

    def __init__(self, kind: type[UNet] | type[Transformer], seed: int = 0) -> None:
        """Args: seed: of weights and condition."""
        generator_state = torch.get_rng_state()
        torch.manual_seed(seed)
        self.network = kind().eval().requires_grad_(False)
        self._condition = torch.randn(kind.CONDITION_SHAPE)
        torch.set_rng_state(generator_state)
        self.process: DenoisingProcess = FlowProcess()

    @property
    def parameter_count(self) -> int:
        """Numbers that would have been trained."""
        return sum(values.numel() for values in self.network.parameters())

    def encode(self, observation: Observation) -> torch.Tensor:
        """The same random condition for all observations."""
        return self._condition

    def predict(
        self, actions: torch.Tensor, time: float, condition: torch.Tensor
    ) -> torch.Tensor:
        """What the network makes of noisy actions (B, H, D); same shape."""
        count = len(actions)
        times = actions.new_full((count,), time)
        return self.network(actions, times, condition.expand(count, *condition.shape))

    def clip(self, actions: torch.Tensor) -> torch.Tensor:
        """Actions limited to three standard deviations."""
        return actions.clamp(-3.0, 3.0)

    def decode(self, actions: torch.Tensor, observation: Observation) -> Trajectory:
        """Displacements (B, H, 3) summed up from where the end effector is, and the gripper."""
        start = torch.tensor(
            observation.robot.end_effector_position, dtype=actions.dtype, device=actions.device
        ).expand(len(actions), 1, 3)
        steps = start + (STEP_LENGTH * actions[..., :3]).cumsum(1)
        command = actions.new_full((len(actions), 1), observation.gripper_command)
        opening = 0.5 + 0.25 * actions[..., -1]
        return Trajectory(
            torch.cat([start, steps], 1), torch.cat([command, opening], 1), self.step_duration
        )

    def embed(self, trajectory: Trajectory, observation: Observation) -> torch.Tensor:
        """The inverse of `decode`, without rotation."""
        actions = trajectory.positions.new_zeros(
            trajectory.particles, trajectory.positions.shape[1] - 1, ACTION_WIDTH
        )
        actions[..., :3] = trajectory.positions.diff(dim=1) / STEP_LENGTH
        actions[..., -1] = (trajectory.gripper[:, 1:] - 0.5) / 0.25
        return actions
