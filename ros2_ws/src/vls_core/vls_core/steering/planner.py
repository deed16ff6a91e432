"""From a reward program and a stream of observations to action chunks.

The closed loop around the sampler: keeps the stage machine, the last chunk and the random
generator of one task. It reads no clock: times are arguments, in seconds, on the clock of the
observations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from vls_core.control.fr3 import DOWNWARD_QUATERNION
from vls_core.policies.base import FrozenFlowPolicy
from vls_core.rewards.program import RewardProgram
from vls_core.rewards.stage_reward import StageReward
from vls_core.steering.sampler import SteeredChunk, SteeringConfig, sample_base, sample_steered
from vls_core.steering.stages import StageMachine, TaskState
from vls_core.trajectory import Trajectory
from vls_core.types import ActionChunk, Observation, RobotState, Scene

CLOSE_BELOW, OPEN_ABOVE = 0.4, 0.6
"""Openings at which the gripper is told to close or to open; in between nothing changes."""


@dataclass(frozen=True)
class Task:
    """A program at work.

    Attributes:
        program_id: identifies the publication of the program.
        steer: False leaves the base policy alone; stages are followed all the same.
    """

    program: RewardProgram
    program_id: str
    steer: bool


@dataclass(frozen=True)
class PlannedChunk:
    """A chunk to send and how it came about."""

    chunk: ActionChunk
    steering: SteeredChunk
    stage_index: int
    term_names: tuple[str, ...]


class Planner:
    """Plans chunk after chunk for one task at a time; same seed and observations, same chunks."""

    def __init__(
        self,
        policy: FrozenFlowPolicy,
        config: SteeringConfig,
        seed: int = 0,
        replan_steps: int = 8,
    ) -> None:
        """Args: replan_steps: steps of a chunk after which the next one is planned."""
        self._policy, self._config = policy, config
        self._seed, self._replan_steps = seed, replan_steps
        self._sequence = 0
        self._end_task()

    def _end_task(self) -> None:
        self.task: Task | None = None
        self.machine: StageMachine | None = None
        self._observation: Observation | None = None
        self._chunk: ActionChunk | None = None
        self._gripper_command = 1.0

    def begin(self, task: Task | None) -> None:
        """Starts a task, or ends the present one with None."""
        self._end_task()
        if task is not None:
            self.task = task
            self.machine = StageMachine(task.program)
            self._generator = torch.Generator().manual_seed(self._seed)

    @property
    def state(self) -> TaskState | None:
        """How the present task stands; None without a task."""
        return self.machine.state if self.machine else None

    def observe(self, robot: RobotState, scene: Scene) -> None:
        """Takes in the newest measurement and moves the stage machine on.

        Raises:
            UnknownObjectError: the scene lacks an object of the program.
        """
        if self.task is None or self.machine is None:
            return
        first = self._observation is None
        self._gripper_command = self._commanded(robot, first)
        program = self.task.program
        self._observation = Observation(
            robot, scene, program.subject, program.target, self._gripper_command
        )
        self.machine.update(self._observation, robot.stamp)

    def _commanded(self, robot: RobotState, first: bool) -> float:
        if first:
            return 1.0 if robot.gripper_width > 0.06 else 0.0
        if self._chunk is None:
            return self._gripper_command
        index = self._steps_since(robot.stamp) - 1
        for wanted in self._chunk.gripper[: max(0, index + 1)]:
            if wanted < CLOSE_BELOW:
                self._gripper_command = 0.0
            elif wanted > OPEN_ABOVE:
                self._gripper_command = 1.0
        return self._gripper_command

    def _steps_since(self, now: float) -> int:
        """Steps of the last chunk that are due by now."""
        chunk = self._chunk
        assert chunk is not None
        elapsed = (now - chunk.observation_time) / chunk.step_duration
        return int(np.clip(np.floor(elapsed + 1e-6), 0, chunk.horizon))

    @property
    def due(self) -> bool:
        """Whether the next chunk should be planned from the newest observation."""
        if self._observation is None or self.state is not TaskState.RUNNING:
            return False
        return self._chunk is None or (
            self._steps_since(self._observation.robot.stamp) >= self._replan_steps
        )

    def plan(self) -> PlannedChunk:
        """Plans from the newest observation; call when `due`."""
        task, machine, observation = self.task, self.machine, self._observation
        if task is None or machine is None or observation is None:
            raise RuntimeError('nothing to plan: no task, or nothing was observed yet')
        stage_index = machine.index
        reward = StageReward(machine.stage, observation.scene)
        with torch.no_grad():
            steering = self._steered(reward) if task.steer else self._base(reward)
        self._sequence += 1
        chunk = _to_chunk(
            steering.trajectory,
            observation.robot.stamp,
            self._sequence,
            task.program_id if steering.strength > 0 else '',
        )
        self._chunk = chunk
        return PlannedChunk(chunk, steering, stage_index, reward.term_names)

    def _steered(self, reward: StageReward) -> SteeredChunk:
        assert self._observation is not None
        return sample_steered(
            self._policy, self._observation, reward, self._config, self._generator,
            self._still_to_come(),
        )

    def _still_to_come(self) -> torch.Tensor | None:
        if self._chunk is None or self._observation is None:
            return None
        first = self._steps_since(self._observation.robot.stamp)
        return torch.from_numpy(self._chunk.targets[first:, :3].astype(np.float32))

    def _base(self, reward: StageReward) -> SteeredChunk:
        assert self._observation is not None
        actions = sample_base(self._policy, self._observation, self._generator)
        trajectory = self._policy.decode(actions, self._observation)
        terms = reward.terms(trajectory)[0]
        return SteeredChunk(
            trajectory=trajectory,
            reward=float(terms @ reward.weights(terms)),
            term_rewards=tuple(terms.tolist()),
            strength=0.0,
            effective_sample_size=1.0,
            reason='steering is switched off for this task',
        )


def _to_chunk(
    trajectory: Trajectory, observation_time: float, sequence: int, program_id: str
) -> ActionChunk:
    positions = trajectory.positions[0, 1:].numpy().astype(np.float64)
    turn = np.broadcast_to(DOWNWARD_QUATERNION, (len(positions), 4))
    return ActionChunk(
        observation_time=observation_time,
        step_duration=trajectory.step_duration,
        sequence=sequence,
        targets=np.concatenate([positions, turn], 1),
        gripper=trajectory.gripper[0, 1:].clamp(0.0, 1.0).numpy().astype(np.float64),
        program_id=program_id,
    )
