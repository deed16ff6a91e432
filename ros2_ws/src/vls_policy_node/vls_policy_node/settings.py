"""The parameters of the policy node."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from vls_core.steering.config import SteeringConfig
from vls_core.steering.errors import SteeringError
from vls_core.steering.planner import PlannerConfig
from vls_ros.lifecycle import SetupError
from vls_ros.parameters import parameter

_DEFAULTS = SteeringConfig()


@dataclass(frozen=True)
class Parameters:
    """ROS parameters of the node."""

    checkpoint: str = parameter('', 'file of the frozen policy; empty: the one that comes along')
    robot_type: str = parameter('fr3', 'the arm that chunks are for: fr3 or panda')
    seed: int = parameter(0, 'seed of the sampling noise, taken anew for each task', 0, 2**31 - 1)
    replan_steps: int = parameter(8, 'steps of a chunk after which the next one is planned', 1, 15)
    committed_steps: int = parameter(
        3, 'steps that are executed while the next chunk is planned, kept as they are; more where '
        'planning takes longer', 0, 8
    )
    speed: float = parameter(
        1.0, 'share of the speed of the demonstrations, for caution, or where planning is slow: '
        'fewer steps then pass while the next chunk is planned', 0.25, 1.0
    )
    deadline: float = parameter(
        0.5, 'denoising ends after this with the best plan so far [s]', 0.02, 10.0
    )
    rate: float = parameter(20.0, 'how often observations are looked at [Hz]', 5.0, 100.0)
    maximum_observation_age: float = parameter(
        0.5, 'robot state older than this is not acted on [s]', 0.05, 5.0
    )
    maximum_scene_age: float = parameter(
        3.0, 'scene older than this is not acted on [s]', 0.2, 60.0
    )
    rungs: tuple[float, ...] = parameter(
        _DEFAULTS.rungs, 'guidance strengths, rising from 0 [standard deviations]'
    )
    particles_per_rung: int = parameter(
        _DEFAULTS.particles_per_rung, 'particles of each strength', 1, 64
    )
    tolerance: float = parameter(
        _DEFAULTS.tolerance, 'how much worse than the best a milder plan may be [m]', 0.0, 1.0
    )
    code_deadline: float = parameter(
        0.25, 'one evaluation of a reward written in code may take this long [s]', 0.01, 10.0
    )

    @property
    def checkpoint_file(self) -> Path:
        """The file of the policy."""
        packaged = files('vls_policy_node') / 'checkpoints' / 'pick_and_place.safetensors'
        return Path(self.checkpoint or str(packaged))

    @property
    def steering(self) -> SteeringConfig:
        """How to steer. Raises SetupError."""
        if not self.rungs or self.rungs[0] != 0:
            raise SetupError(f'rungs must rise from 0, as [0.0, 1.0, 2.0] does: {self.rungs}')
        try:
            return SteeringConfig(
                rungs=self.rungs,
                particles_per_rung=self.particles_per_rung,
                tolerance=self.tolerance,
            )
        except SteeringError as error:
            raise SetupError(str(error)) from error

    def planning(self, horizon: int) -> PlannerConfig:
        """When to plan chunks of `horizon` steps. Raises SetupError if they end before."""
        if self.replan_steps + self.committed_steps >= horizon:
            raise SetupError(
                f'replan_steps ({self.replan_steps}) and committed_steps ({self.committed_steps}) '
                f'must come to less than the {horizon} steps of a chunk of this policy: the arm '
                'would stop before the next chunk comes'
            )
        return PlannerConfig(self.seed, self.replan_steps, self.committed_steps)
