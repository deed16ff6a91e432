"""From a reward program and a stream of observations to action chunks.

The closed loop around the sampler: keeps the stage machine, the last chunk and the random
generator of one task. It reads no clock: times are arguments, in seconds, on the clock of the
observations.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import torch

from vls_core.control.fr3 import DEFAULT_WORKSPACE, WorkspaceBox
from vls_core.policies.base import FrozenPolicy
from vls_core.rewards.program import Code, Stage
from vls_core.rewards.stage_reward import (
    CodeEvaluator,
    CodeUnavailableError,
    StageReward,
    require_evaluator,
)
from vls_core.steering.chunk import steps_due, still_to_come, to_chunk
from vls_core.steering.config import SteeringConfig
from vls_core.steering.finger_watch import FingerWatch
from vls_core.steering.gate import Gate, GateConfig
from vls_core.steering.gripper_dwell import command_of
from vls_core.steering.planned_chunk import PlannedChunk
from vls_core.steering.realtime import PreviousChunk
from vls_core.steering.result import SteeredChunk
from vls_core.steering.reward_progress import Measure, RewardProgress
from vls_core.steering.sampler import Sampler, Steering
from vls_core.steering.stages import StageMachine, Suggestion, TaskState
from vls_core.steering.task import Task
from vls_core.trajectory import Trajectory
from vls_core.types import HELD_WIDTH, ActionChunk, Observation, RobotState, Scene

UNSTEERED = Steering(SteeringConfig(rungs=(0.0,), particles_per_rung=1, coherence=0.0))
"""The frozen policy alone."""
GATED = Steering(SteeringConfig(rungs=(0.0,), tolerance=1e9, coherence=0.0))
"""The frozen policy: of a few samples that pass the hard check, the most plausible one."""


@dataclass(frozen=True)
class PlannerConfig:
    """When to plan, and what is already decided by then.

    Attributes:
        seed: of the sampling noise, taken anew for each task.
        replan_steps: steps of a chunk after which the next one is planned.
        committed_steps: steps of the last chunk that will be executed while the next is planned
            and sent; these are kept exactly, and more where planning takes longer. 0 plans as if
            planning took no time.
        gate: when not to steer; None always steers.
        held_width: finger distances at which the closed gripper holds something [m].
        workspace: what steered plans keep to.
    """

    seed: int = 0
    replan_steps: int = 8
    committed_steps: int = 0
    gate: GateConfig | None = field(default_factory=GateConfig)
    held_width: tuple[float, float] = HELD_WIDTH
    workspace: WorkspaceBox = DEFAULT_WORKSPACE


class Planner:
    """Plans chunk after chunk for one task at a time; same seed and observations, same chunks."""

    def __init__(
        self,
        policy: FrozenPolicy,
        sampler: Sampler | None = None,
        config: PlannerConfig | None = None,
        code: CodeEvaluator | None = None,
    ) -> None:
        """See the class.

        Args:
            sampler: what plans steered chunks; by default `Steering` as it comes.
            code: runs terms that are written in code; without it programs with such are refused.
        """
        self._policy = policy
        self._sampler = sampler or Steering()
        self._config = config or PlannerConfig()
        self._code = code
        self._sequence = 0
        self._end_task()

    def _end_task(self) -> None:
        self.task: Task | None = None
        self.machine: StageMachine | None = None
        self._observation: Observation | None = None
        self._chunk: ActionChunk | None = None
        self._gripper_command, self._fingers = 1.0, FingerWatch()
        self._progress = RewardProgress()
        gate = self._config.gate
        self._gates = {complete: Gate(gate) for complete in (True, False)} if gate else {}

    def begin(self, task: Task | None) -> None:
        """Starts a task, or ends the present one with None.

        Raises:
            CodeEvaluatorMissingError: the program has terms in code, and nothing runs them.
        """
        self._end_task()
        for stage in task.program.stages if task is not None else ():
            require_evaluator(stage, self._code)
        if task is not None:
            self.task = task
            self.machine = StageMachine(task.program)
            self._generator = torch.Generator().manual_seed(self._config.seed)

    @property
    def state(self) -> TaskState | None:
        """How the present task stands; None without a task."""
        return self.machine.state if self.machine else None

    def observe(
        self, robot: RobotState, scene: Scene, gripper_command: float | None = None
    ) -> None:
        """Takes in the newest measurement and moves the stage machine on.

        Args:
            gripper_command: opening that the gripper was told last, 0 closed to 1 open, where it
                is known; else it is taken from the chunks.

        Raises:
            UnknownObjectError: the scene lacks an object of the program; the observation before
                stays the newest.
        """
        if self.task is None or self.machine is None:
            return
        first = self._observation is None
        self._gripper_command = (
            self._commanded(robot, first) if gripper_command is None else gripper_command
        )
        program = self.task.program
        observation = Observation(
            robot, scene, program.subject, program.target or program.subject,
            self._gripper_command, self._config.held_width,
            self._fingers.still(robot.gripper_width, robot.stamp),
        )
        self.machine.update(observation, robot.stamp)
        self._observation = observation  # only now: nothing is planned where things lack

    def _commanded(self, robot: RobotState, first: bool) -> float:
        if first:
            return 1.0 if robot.gripper_width > 0.06 else 0.0
        if self._chunk is None:
            return self._gripper_command
        for wanted in self._chunk.gripper[: steps_due(self._chunk, robot.stamp)]:
            self._gripper_command = command_of(wanted, self._gripper_command)
        return self._gripper_command

    @property
    def due(self) -> bool:
        """Whether the next chunk should be planned from the newest observation."""
        if self._observation is None or self.state is not TaskState.RUNNING:
            return False
        return self._chunk is None or (
            steps_due(self._chunk, self._observation.robot.stamp) >= self._config.replan_steps
        )

    def suggest(self, reason: str) -> Suggestion | None:
        """The stage machine's answer to a belief that the stage is over; it moves nothing.

        None while there is no task, or nothing was observed yet.
        """
        if self.machine is None or self._observation is None:
            return None
        return self.machine.suggest(reason, self._observation)

    def plan(self, latency: float = 0.0) -> PlannedChunk:
        """Plans from the newest observation; call when `due`. Raises SteeringError.

        Args:
            latency: from observations to chunks, as it was lately [s].

        Where terms in code cannot be evaluated now, the other terms of the stage steer alone; if
        there are none, the chunk is that of the policy. It says why, and the rewards of terms in
        code are not numbers.
        """
        task, machine, observation = self.task, self.machine, self._observation
        if task is None or machine is None or observation is None:
            raise RuntimeError('nothing to plan: no task, or nothing was observed yet')
        stage_index = machine.index
        reward = StageReward(
            machine.stage, observation.scene, observation.robot, self._code, grip=observation.grip,
            workspace=self._config.workspace,
        )
        measure, noise = Measure(stage_index), self._generator.get_state()
        try:
            steering = self._sample(task, reward, observation, measure, latency)
        except CodeUnavailableError as error:
            measure = Measure(stage_index, complete=False)
            self._generator.set_state(noise)
            steering = self._without_code(
                task, reward, observation, measure, latency, str(error)
            )
        suggestion = self._note(measure, steering, machine, observation)
        self._sequence += 1
        chunk = to_chunk(
            steering.trajectory,
            observation.robot.stamp,
            self._sequence,
            task.program_id if steering.strength > 0 else '',
        )
        self._chunk = chunk
        return PlannedChunk(chunk, steering, stage_index, reward.term_names, suggestion)

    def _sample(
        self, task: Task, reward: StageReward, observation: Observation, measure: Measure,
        latency: float,
    ) -> SteeredChunk:
        sampler, reason = self._choose(task, reward.stage, observation.scene, measure)
        previous = self._still_to_come(observation, measure, latency)
        chunk = sampler(self._policy, observation, reward, self._generator, previous)
        return replace(chunk, reason=reason) if reason else chunk

    def _choose(
        self, task: Task, stage: Stage, scene: Scene, measure: Measure
    ) -> tuple[Sampler, str]:
        """What plans the chunk, and why it is not steered; empty if it may be."""
        if not task.steer:
            return UNSTEERED, 'steering is switched off for this task'
        if not measure.complete and not _vetted(stage):
            return GATED, 'unsteered, as the stage has no other terms'
        gate = self._gates.get(measure.complete)
        if gate is not None:
            decision = gate.decide(measure.stage, stage, scene)
            if not decision.steer:
                return GATED, decision.reason
        return self._sampler, ''

    def _without_code(
        self, task: Task, reward: StageReward, observation: Observation, measure: Measure,
        latency: float, trouble: str,
    ) -> SteeredChunk:
        """Steered by the terms that are not written in code; what those avoid is avoided still."""
        vetted = replace(reward, code=_no_reward)
        chunk = self._sample(task, vetted, observation, measure, latency)
        known = tuple(
            math.nan if isinstance(term, Code) else value
            for term, value in zip(reward.stage.terms, chunk.term_rewards, strict=True)
        )
        reason = f'without the terms in code: {trouble}; {chunk.reason}'
        return replace(chunk, reason=reason, term_rewards=known)

    def _note(
        self,
        measure: Measure,
        chunk: SteeredChunk,
        machine: StageMachine,
        observation: Observation,
    ) -> Suggestion | None:
        gate = self._gates.get(measure.complete)
        if gate is not None:
            gate.record(measure.stage, chunk)
        if self._progress.note(measure, chunk.reward):
            return machine.suggest('the reward is nearly perfect', observation)
        return None

    def _still_to_come(
        self, observation: Observation, measure: Measure, latency: float
    ) -> PreviousChunk | None:
        """The rest of the last chunk, as the policy's actions."""
        rest = None if self._chunk is None else still_to_come(self._chunk, observation.robot)
        if rest is None:
            return None
        positions = rest.positions[0, 1:]
        actions = self._policy.embed(rest, observation)[0]
        on_the_way = round(latency / rest.step_duration)
        committed = min(max(self._config.committed_steps, on_the_way), len(positions))
        return PreviousChunk(actions, positions, committed, self._progress.of(measure))


def _vetted(stage: Stage) -> bool:
    """Whether a stage has terms that are not written in code."""
    return any(not isinstance(term, Code) for term in stage.terms)


def _no_reward(term: Code, scene: Scene, trajectory: Trajectory) -> torch.Tensor:
    """(B,) in the place of a term that cannot be evaluated."""
    return trajectory.positions.new_zeros(trajectory.particles)
