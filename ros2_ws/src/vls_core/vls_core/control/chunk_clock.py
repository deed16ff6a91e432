"""Plays action chunks on time: late steps are dropped, a newer chunk takes over smoothly.

All times are seconds on one clock that the caller injects; steps are due as ActionChunk says.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vls_core.control.chunk_admission import ChunkAdmission
from vls_core.control.chunk_rules import ChunkRules
from vls_core.control.chunk_targets import ChunkTargets
from vls_core.control.kinematics import Fr3Kinematics
from vls_core.control.limiter import Reference
from vls_core.control.merging import Coast, Merge, take_over
from vls_core.control.reference_history import ReferenceHistory
from vls_core.control.robot_limits import FR3, RobotLimits
from vls_core.control.trajectory import JointPoint, JointTrajectory
from vls_core.types import ActionChunk, TargetKind


@dataclass(frozen=True)
class Sample:
    """What the chunk asks for now.

    Attributes:
        point: joint target.
        gripper: desired opening 0..1 of the step that was due last; None before the first.
    """

    point: JointPoint
    gripper: float | None


@dataclass(frozen=True)
class AdmittedChunk:
    """A chunk that may be followed once its targets are joint positions.

    Attributes:
        chunk: as it came.
        first_step: that is still to come.
        start: (7,) where the arm is asked to be now [rad].
        anchor: (7,) what displacements are counted from [rad].
    """

    chunk: ActionChunk
    first_step: int
    start: np.ndarray
    anchor: np.ndarray


@dataclass(frozen=True)
class SolvedChunk:
    """A chunk as joint positions, ready to be followed.

    Attributes:
        chunk: as it came.
        first_step: of the trajectory.
        trajectory: through the joint positions of the steps from then on.
    """

    chunk: ActionChunk
    first_step: int
    trajectory: JointTrajectory


@dataclass(frozen=True)
class _Plan:
    chunk: ActionChunk
    first_step: int
    curve: Merge


class ChunkClock:
    """Accepts chunks as they come and says where the arm should be at any time.

    Solving the targets takes milliseconds. A loop that must not wait calls `admit` and `commit`
    between its cycles and `solve`, which changes nothing here, beside them.

    Args:
        kinematics: used in `solve` only.
        rules: what is refused.
        limits: of the robot.
    """

    def __init__(
        self, kinematics: Fr3Kinematics, rules: ChunkRules | None = None,
        limits: RobotLimits = FR3,
    ) -> None:
        self._rules = rules or ChunkRules()
        self._admission = ChunkAdmission(self._rules, limits.robot_type)
        self._history = ReferenceHistory()
        self._targets = ChunkTargets(kinematics, self._rules, limits)
        self._plan: _Plan | None = None

    @property
    def chunk(self) -> ActionChunk | None:
        """The chunk in force."""
        plan = self._plan
        return plan.chunk if plan else None

    @property
    def end_time(self) -> float | None:
        """When the last step of the chunk in force is due [s]; None without chunk."""
        plan = self._plan
        return plan.chunk.end_time if plan else None

    @property
    def program(self) -> str:
        """The reward program in force, as far as it was announced."""
        return self._admission.program

    @property
    def clamped_targets(self) -> int:
        """Targets moved into the workspace so far."""
        return self._targets.clamped

    def clear(self, now: float) -> None:
        """Forgets the chunk in force; from now on [s] only newer observations count."""
        self._plan = None
        self._admission.require_newer_than(now)
        self._history.clear()

    def program_announced(self, program_id: str, now: float) -> None:
        """A reward program came into force at a time [s]; '' if the last one has ended."""
        self._admission.program_announced(program_id, now)

    def followed(self, reference: Reference, now: float) -> None:
        """A reference was given to the arm at a time [s]; displacements count from these."""
        self._history.add(now, reference.position)

    def accept(self, chunk: ActionChunk, now: float, present: Reference) -> None:
        """Puts a chunk in force, from the steps that are still to come.

        Args:
            now: the present time [s].
            present: the present reference, from where to go on if no chunk is in force.

        Raises:
            RefusedChunkError: one of its subclasses; the chunk before stays in force.
        """
        self.commit(self.solve(self.admit(chunk, now, present)), now, present)

    def admit(self, chunk: ActionChunk, now: float, present: Reference) -> AdmittedChunk:
        """Checks all but the targets; arguments and errors as for `accept`."""
        self._admission.check(chunk, now, self.chunk)
        start = self._followed_until(now, present).sample(now).position
        anchor = start
        if chunk.target_kind is TargetKind.CARTESIAN_DELTA:
            anchor = self._history.at(chunk.observation_time)
        return AdmittedChunk(chunk, _first_step_after(chunk, now), start, anchor)

    def solve(self, admitted: AdmittedChunk) -> SolvedChunk:
        """Turns targets into joint positions and checks them. Raises RefusedChunkError."""
        chunk, first_step = admitted.chunk, admitted.first_step
        positions = self._targets.joint_positions(
            chunk, first_step, admitted.start, admitted.anchor
        )
        due = chunk.observation_time + (first_step + 1) * chunk.step_duration
        trajectory = JointTrajectory(due, chunk.step_duration, positions)
        return SolvedChunk(chunk, first_step, trajectory)

    def commit(self, solved: SolvedChunk, now: float, present: Reference) -> None:
        """Puts a chunk in force, if it still may be; arguments and errors as for `accept`."""
        self._admission.check(solved.chunk, now, self.chunk)
        old = self._followed_until(now, present)
        curve = take_over(old, solved.trajectory, now, self._rules.blend_duration)
        self._plan = _Plan(solved.chunk, solved.first_step, curve)

    def _followed_until(self, now: float, present: Reference) -> Merge | Coast:
        plan = self._plan
        if plan is not None and now <= plan.chunk.end_time:
            return plan.curve
        point = JointPoint(
            present.position, present.velocity, present.acceleration, present.velocity
        )
        return Coast(now, point, self._rules.blend_duration)

    def sample(self, now: float) -> Sample | None:
        """The target at a time [s]; the last step once all were due; None without chunk."""
        plan = self._plan
        if plan is None:
            return None
        return Sample(plan.curve.sample(now), _gripper(plan, now))


def _first_step_after(chunk: ActionChunk, now: float) -> int:
    late = (now - chunk.observation_time) // chunk.step_duration
    return int(np.clip(late, 0, chunk.horizon - 1))


def _gripper(plan: _Plan, now: float) -> float | None:
    chunk = plan.chunk
    last_due = min(int((now - chunk.observation_time) // chunk.step_duration), chunk.horizon) - 1
    return float(chunk.gripper[last_due]) if last_due >= plan.first_step else None
